import Algebra
import Foundation
public import MPC
public import Networking
import Preprocessing
import Primitives
import Synchronization

/// What one party measured in one repetition of a case.
public struct BenchSample: Sendable, Codable {
    public let caseIndex, repetition, party: Int
    /// Making correlated randomness, its set-up included.
    public let preparation: Cost
    public let online: Cost
    /// Of the process, since the case began.
    public let peakMemory: Int
}

/// One party's or the dealer's part of a benchmark: every case, one session each.
public struct BenchParty {
    private let plan: BenchPlan
    private let roster: Roster
    private let directory: PartyDirectory

    public init(_ plan: BenchPlan, roster: Roster, directory: PartyDirectory) {
        (self.plan, self.roster, self.directory) = (plan, roster, directory)
    }

    /// Measures, after a repetition that warms up.
    ///
    /// - Parameter report: gets every sample as soon as it is there.
    public func run(report: @escaping (BenchSample) -> Void) throws(RunFailure) {
        guard let choice = ProtocolChoice(rawValue: plan.protocolName),
            let ring = RingChoice(plan.ring)
        else { throw RunFailure(.badInput, "a plan with an unknown protocol or ring") }
        do {
            try ring.run(
                Measuring(
                    plan: plan, choice: choice, roster: roster, directory: directory,
                    report: report))
        } catch {
            throw RunFailure(error, roster: roster)
        }
    }
}

private struct Measuring: RingProgram {
    let plan: BenchPlan
    let choice: ProtocolChoice
    let roster: Roster
    let directory: PartyDirectory
    let report: (BenchSample) -> Void

    func run<R: Ring>(over ring: R) throws {
        let identity = try directory.tlsIdentity()
        guard let me = roster.participant(withCertificate: identity.fingerprint) else {
            throw RunFailure(.badInput, "the roster has no member with this identity")
        }
        var connector = MeshConnector(roster: roster, me: me, identity: identity)
        connector.withDealer = choice.needsDealer
        connector.deadline = .seconds(600)
        let transport = plan.link.wrapping(try connector.connect())
        defer { transport.close() }
        for (index, one) in plan.cases.enumerated() {
            for repetition in 0...plan.repetitions {
                let session = try Session.agree(
                    on: AgreementTerms([
                        ("roster", roster.digest.hex), ("protocol", choice.rawValue),
                        ("ring", ring.name),
                        ("case", "\(one.operation) \(one.count) \(repetition)"),
                    ]), over: transport)
                guard case .party(let party) = me else {
                    try TrustedDealer(ring, session: session).serve()
                    continue
                }
                let sample = try measure(one, index, repetition, party, ring, session)
                if repetition > 0 { report(sample) }
            }
        }
    }

    private func measure<R: Ring>(
        _ one: BenchPlan.Case, _ index: Int, _ repetition: Int, _ party: Party, _ ring: R,
        _ session: Session
    ) throws -> BenchSample {
        resetPeakResidentBytes()
        let marks = Marks(session.costs)
        marks.add()
        let program = BenchProgram(
            operation: one.operation, count: one.count, me: party, parties: plan.parties,
            mark: { marks.add() })
        try choice.run(program, over: ring, session, from: PreparedSupply()) { _ in }
        return BenchSample(
            caseIndex: index, repetition: repetition, party: party.index,
            preparation: marks.preparation, online: marks.online,
            peakMemory: session.costs.report.peakMemory)
    }
}

/// The costs when a session has begun, when its operands are shared, and at its end; the session
/// belongs to one thread.
private final class Marks: @unchecked Sendable {
    private let costs: CostMeter
    private var moments: [CostReport] = []

    init(_ costs: CostMeter) { self.costs = costs }

    func add() { moments.append(costs.report) }

    /// Ahead and on the way.
    var preparation: Cost { moments[2].preprocessing - moments[0].preprocessing }

    /// The operation without what was made on the way.
    var online: Cost {
        moments[2].total - moments[1].total - (moments[2].preprocessing - moments[1].preprocessing)
    }
}
