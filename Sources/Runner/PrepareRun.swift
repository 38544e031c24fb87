import Algebra
import Costs
public import Foundation
public import MPC
import Networking
import Preprocessing
public import Primitives
import Script

/// How much is prepared.
public enum PreparePurpose: Sendable {
    /// What a run of a script takes, as planned; a fifth more where a sort's random order decides.
    case script(URL, choices: [String])
    case amounts(PreparedAmounts)
}

/// Amounts that are named one by one.
public struct PreparedAmounts: Sendable, Hashable {
    public var triples = 0
    public var squares = 0
    public var daBits = 0
    public var bitTriples = 0
    /// Of numbers over the whole declared range.
    public var comparisons = 0

    public init() {}

    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget {
        var budget = Budget.comparisons(comparisons, over: ring, by: comparing)
        budget.triples = triples
        budget.squares = squares
        budget.daBits = daBits
        budget.bitTripleWords += (bitTriples + 63) / 64
        return budget
    }

    /// What all parties compare.
    var terms: [(name: String, value: String)] {
        [
            ("triples", "\(triples)"), ("squares", "\(squares)"), ("daBits", "\(daBits)"),
            ("bit triples", "\(bitTriples)"), ("comparisons", "\(comparisons)"),
        ]
    }
}

/// One party's part of a preparation: correlated randomness made tonight for a run tomorrow.
public struct PrepareRun {
    private let seat: Seat
    private let purpose: PreparePurpose
    private let monitor: RunMonitor
    private let clock: any ParleyClock

    public init(
        _ seat: Seat, for purpose: PreparePurpose, monitor: RunMonitor,
        clock: any ParleyClock = SystemClock()
    ) {
        (self.seat, self.purpose) = (seat, purpose)
        (self.monitor, self.clock) = (monitor, clock)
    }

    /// Blocks this thread until all parties have what they made on their disks.
    public func run() throws(RunFailure) -> PrepareReport {
        LocalThreads.count = seat.threads
        do {
            return try seat.ring.run(
                PrepareSteps(seat: seat, purpose: purpose, monitor: monitor, clock: clock))
        } catch {
            throw RunFailure(error, roster: seat.roster)
        }
    }
}

/// What a preparation made.
public struct PrepareReport: Sendable {
    /// The same at all parties.
    public let preparation: String
    public let folder: URL
    public let costs: CostReport

    /// The last lines of a preparation.
    public var summary: String {
        let total = costs.total
        return """
            prepared \(preparation.prefix(16)) in \(folder.path)
            \(String(format: "%.2f", total.seconds)) s, \(total.bytesSent) bytes sent; use it once, \
            with `parley run --preparation auto`. Never copy it or put an old copy back
            """
    }
}

private struct PrepareSteps: RingProgram {
    let seat: Seat
    let purpose: PreparePurpose
    let monitor: RunMonitor
    let clock: any ParleyClock

    func run<R: Ring>(over ring: R) throws -> PrepareReport {
        guard seat.protocolChoice == .additiveOT else {
            throw RunFailure(
                .usage,
                "\(seat.protocolChoice) needs no preparation; only additive-ot prepares")
        }
        let identity = try seat.directory.tlsIdentity()
        let me = try seat.party(identity)
        let script: AgreedScript? =
            if case .script(let file, let choices) = purpose {
                try AgreedScript(file, period: nil, choices: choices, over: seat.ring)
            } else { nil }
        try script?.checkParties(seat.roster.parties.map(\.name))
        let computing = script?.computing ?? seat.roster.parties.count
        guard me.index < computing else {
            throw RunFailure(
                .usage,
                "\(seat.roster.parties[me.index].name) does not compute in \(script?.title ?? "") and "
                    + "has nothing to prepare: the others do so without it")
        }

        // 1. All who compute prepare the same.
        var present = seat
        if computing < seat.roster.parties.count {
            present.roster = try Roster(parties: Array(seat.roster.parties.prefix(computing)))
        }
        let session = try present.connect(
            me, identity,
            on: AgreementTerms(
                seat.terms(ring) + [("what is done", "a preparation")] + terms(script)),
            signer: nil, monitor, clock)
        defer { session.close() }
        let folder = seat.directory.preparations.appending(path: "\(session.id.hex.prefix(16))")
        do {
            // 2. How much, 3. made and kept.
            var tenths = 0
            try seat.protocolChoice.prepare(
                folder, over: ring, session,
                for: seat.binding(over: ring, me, computing: computing),
                budget: { try budget(over: ring, script, comparing: $0) },
                progress: { kind, made, all in
                    // A line for each tenth.
                    guard 10 * made / all > tenths || made == all else { return }
                    tenths = made == all ? 0 : 10 * made / all
                    monitor.progress("prepared \(made) of \(all) \(kind)")
                })
        } catch {
            session.abort(error as? MPCError ?? .local(step: session.step))
            throw error
        }
        return PrepareReport(
            preparation: session.id.hex, folder: folder, costs: session.costs.report)
    }

    private func terms(_ script: AgreedScript?) -> [(name: String, value: String)] {
        switch purpose {
        case .script: script?.terms.filter { $0.name != "period" } ?? []
        case .amounts(let amounts): amounts.terms
        }
    }

    private func budget<R: Ring>(
        over ring: R, _ script: AgreedScript?, comparing: ComparisonMethod
    ) throws -> Budget {
        switch purpose {
        case .amounts(let amounts): amounts.budget(over: ring, comparing: comparing)
        case .script:
            try script?.checked.program.budget(
                over: ring, for: .additiveOT(parties: script?.computing ?? 0)) ?? Budget()
        }
    }
}
