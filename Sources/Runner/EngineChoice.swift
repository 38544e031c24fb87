import Algebra
import DishonestMajority
import HonestMajority
import MPC
import Preprocessing

/// The engine that a run computes on, as people name it.
public enum EngineChoice: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Three parties, of which no two pool their knowledge; no dealer.
    case replicated
    /// Two to ten parties and a dealer.
    case additive

    public var description: String { rawValue }

    var needsDealer: Bool { self == .additive }

    /// The ring that is taken if none is named.
    public var defaultRing: RingChoice { self == .replicated ? .z64 : .prime(bits: 128) }

    public var protocolName: String {
        switch self {
        case .replicated: "replicated sharing, semi-honest, honest majority of three"
        case .additive: "additive sharing, semi-honest, Beaver triples"
        }
    }

    /// Under which assumptions a result is safe, in words.
    func assumption(dealer: String?) -> String {
        switch self {
        case .replicated:
            "Every input stays hidden from each of the other two parties, if every party follows "
                + "the protocol (semi-honest) and no two of the three pool what they see. Two "
                + "together know everything. A party that deviates can falsify the result."
        case .additive:
            "Every input stays hidden from up to all other parties together, if every party "
                + "follows the protocol (semi-honest) and the dealer (\(dealer ?? "none")) is "
                + "honest and colludes with nobody. A party that deviates can falsify the "
                + "result; the dealer could too."
        }
    }
}

/// A computation over any engine.
protocol EngineProgram {
    associatedtype Result
    /// What the online phase takes, as far as it is known beforehand.
    func budget(over ring: some Ring) -> Budget
    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) -> Result
}

extension EngineChoice {
    /// The one switch from a run-time choice to an engine's type.
    ///
    /// - Parameter conclude: what is done with the result while a dealer still waits.
    func run<Program: EngineProgram, T>(
        _ program: Program, over ring: some Ring, _ session: Session,
        conclude: (Program.Result) throws -> T
    ) throws -> T {
        switch self {
        case .replicated:
            var engine = try Replicated3(ring, session: session)
            return try conclude(
                session.phase("online") { () throws(MPCError) in try program.run(&engine) })
        case .additive:
            var engine = SemiHonestAdditive(
                ring, session: session,
                source: PreparedRandomness(DealtRandomness(ring, session: session)))
            try engine.prepare(program.budget(over: ring))
            let conclusion = try conclude(
                session.phase("online") { () throws(MPCError) in try program.run(&engine) })
            // The run is complete and in the ledger: a dealer that is gone already loses nothing.
            try? engine.finish()
            return conclusion
        }
    }
}
