import Algebra
public import Analytics
import DishonestMajority
import Foundation
import HonestMajority
public import MPC
import Networking
import Preprocessing
import Primitives
public import Script

/// All parties of a script in one process: its debugger and oracle.
public struct ScriptSimulation: Sendable {
    /// What each party learned, and what it cost.
    public struct Outcome: Sendable {
        /// By party: its releases in order.
        public let results: [[ReleaseResult]]
        /// Of the first party; nil in the clear.
        public let costs: CostReport?
    }

    let program: Program
    let ring: RingChoice
    let engine: SimulationEngine

    public init(_ script: CheckedScript, on engine: SimulationEngine, over ring: RingChoice) {
        (program, self.ring, self.engine) = (script.program, ring, engine)
    }

    /// Runs the script on the tables of all parties.
    ///
    /// - Parameter inputs: by number of the program's input.
    /// - Throws: ``RunFailure``.
    public func run(
        _ inputs: [PlainTable], progress: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RunFailure) -> Outcome {
        let count = program.computing
        guard engine != .replicated3 || count == 3 else {
            throw RunFailure(
                .usage,
                "replicated3 is for exactly 3 computing parties and the script has \(count); use --engine "
                    + "plain or additive-ot")
        }
        do {
            return try ring.run(Simulating(simulation: self, inputs: inputs, progress: progress))
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(.internal, "\(error)")
        }
    }
}

private struct Simulating: RingProgram {
    let simulation: ScriptSimulation
    let inputs: [PlainTable]
    let progress: @Sendable (String) -> Void

    func run<R: Ring>(over ring: R) throws -> ScriptSimulation.Outcome {
        let program = simulation.program
        let count = program.parties.count
        guard simulation.engine != .plain else {
            var engine = PlainEngine(ring)
            let all = try engine.run(
                program, inputs: inputs, context: TableContext(), progress: progress)
            // In the clear everybody's results come at once.
            return .init(
                results: (0..<count).map { party in
                    all.filter { $0.recipient == nil || $0.recipient == Party(party) }
                }, costs: nil)
        }
        let mesh = InMemoryTransport.mesh(
            partyCount: count, computing: program.computing, deadline: .seconds(600))
        let ends = SimulatedParties(count: count)
        for (index, transport) in mesh.enumerated() {
            let thread = Thread {
                ends.set(index, SimulatedParties.End { try party(index, over: ring, transport) })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        let all = try ends.all()
        return .init(results: all.map(\.results), costs: all.first?.costs)
    }

    private func party<R: Ring>(_ index: Int, over ring: R, _ transport: InMemoryTransport) throws
        -> PartyEnd
    {
        let session = try Session.agree(
            on: AgreementTerms([("program", "simulation")]), over: transport,
            computing: simulation.program.computing)
        defer { session.close() }
        let me = Party(index)
        let silent: @Sendable (String) -> Void = { _ in }
        let own: [PlainTable?] = zip(simulation.program.inputs, inputs).map { input, table in
            input.owner == me ? table : nil
        }
        guard !session.isClient else {
            let client = ScriptClient(program: simulation.program, inputs: own)
            return PartyEnd(
                results: try client.run(over: ring, session), costs: session.costs.report)
        }
        let program = ScriptProgram(
            program: simulation.program, inputs: own, context: TableContext(),
            progress: index == 0 ? progress : silent)
        let choice: ProtocolChoice =
            simulation.engine == .replicated3 ? .replicated3 : .additiveOT
        let supply = PreparedSupply<R>()
        let results: [ReleaseResult] = try choice.run(
            program, over: ring, session, from: supply, conclude: { $0 })
        return PartyEnd(results: results, costs: session.costs.report)
    }
}

/// What one party of a simulation has in the end.
private struct PartyEnd {
    let results: [ReleaseResult]
    let costs: CostReport
}

/// Collects what the parties of a simulation found.
private final class SimulatedParties: @unchecked Sendable {
    typealias End = Swift.Result<PartyEnd, any Error>
    // Invariant: `ends` is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var ends: [Int: End] = [:]
    private let count: Int

    init(count: Int) { self.count = count }

    func set(_ index: Int, _ end: End) {
        condition.withLock {
            ends[index] = end
            condition.broadcast()
        }
    }

    /// In the order of the parties, when all have ended; the first error that is no consequence of
    /// another's.
    func all() throws -> [PartyEnd] {
        let all = condition.withLock {
            while ends.count < count { condition.wait() }
            return ends
        }
        var isolated: (any Error)?
        for index in 0..<count {
            guard case .failure(let error)? = all[index] else { continue }
            if case .transport? = error as? MPCError {
                isolated = isolated ?? error
            } else {
                throw error
            }
        }
        if let isolated { throw isolated }
        return try (0..<count).compactMap { try all[$0]?.get() }
    }
}
