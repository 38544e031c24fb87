import Algebra
import DishonestMajority
import Foundation
import HonestMajority
import MPC
import Preprocessing
import Primitives

/// A computation over any engine.
protocol EngineProgram: Sendable {
    associatedtype Result
    /// What the online phase takes, as far as it is known beforehand.
    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget
    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) -> Result
}

/// Where a run's randomness comes from beside the protocol itself.
struct PreparedSupply<R: Ring> {
    var store: PreprocessingStore<R>?
    var isOnlineOnly = false
    let supply = RandomnessSupply()
}

extension ProtocolChoice {
    /// The one switch from a run-time choice to an engine's type, among the computing parties.
    ///
    /// - Parameter conclude: what is done with the result while a dealer still waits.
    func run<Program: EngineProgram, R: Ring, T>(
        _ program: Program, over ring: R, _ session: Session, from prepared: PreparedSupply<R>,
        conclude: (Program.Result) throws -> T
    ) throws -> T {
        let session = session.computing
        switch self {
        case .replicated3:
            var engine = try Replicated3(ring, session: session)
            return try conclude(
                session.phase("online") { () throws(MPCError) in try program.run(&engine) })
        case .additiveDealer:
            return try runAdditive(
                program, DealtRandomness(ring, session: session), prepared, conclude)
        case .additiveOT:
            return try runAdditive(
                program, ObliviousRandomness(ring, session: session), prepared, conclude)
        }
    }

    private func runAdditive<Program: EngineProgram, G: CorrelationGenerator & ~Copyable, T>(
        _ program: Program, _ generator: consuming G, _ prepared: PreparedSupply<G.R>,
        _ conclude: (Program.Result) throws -> T
    ) throws -> T {
        let (ring, session, comparing) = (generator.ring, generator.session, generator.comparing)
        var engine = SemiHonestAdditive(
            ring, session: session,
            source: PreparedRandomness(
                generator, store: prepared.store, onlineOnly: prepared.isOnlineOnly,
                supply: prepared.supply))
        try engine.prepare(program.budget(over: ring, comparing: comparing))
        let conclusion = try conclude(
            session.phase("online") { () throws(MPCError) in try program.run(&engine) })
        // The run is complete and in the ledger: a dealer that is gone already loses nothing.
        try? engine.finish()
        return conclusion
    }

    /// Fills a store with what the parties of a session make by oblivious transfers.
    func prepare<R: Ring>(
        _ folder: URL, over ring: R, _ session: Session, for binding: StoreBinding,
        budget: (ComparisonMethod) throws -> Budget,
        progress: (String, Int, Int) -> Void
    ) throws {
        var generator = ObliviousRandomness(ring, session: session)
        let needed = try budget(generator.comparing)
        _ = try PreprocessingStore.fill(
            folder, with: needed, from: &generator, for: binding, progress: progress)
        generator.finish()
    }
}
