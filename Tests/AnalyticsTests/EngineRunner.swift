import Algebra
import Analytics
import DishonestMajority
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport

/// One engine on which programs run: add a line to ``engineRunners`` for each.
protocol EngineRunner: Sendable {
    var name: String { get }
    /// The program's output, as each recipient got it.
    func run(_ program: Program) throws -> [PlainTable]
}

/// Every engine that must give the same results, bit for bit.
let engineRunners: [any EngineRunner] = [
    PlainRunner(Z64()), PlainRunner(Prime62()), PlainRunner(Prime126()),
    ReplicatedRunner(Z64()), AdditiveRunner(Prime62(), parties: 2),
    ObliviousRunner(Z64(), parties: 2),
]

struct PlainRunner<R: Ring>: EngineRunner {
    let ring: R
    init(_ ring: R) { self.ring = ring }
    var name: String { "plain, \(ring.name)" }

    func run(_ program: Program) throws -> [PlainTable] {
        var engine = PlainEngine(ring)
        return try [program.run(on: &engine, me: nil)].compactMap { $0 }
    }
}

struct ReplicatedRunner<R: Ring>: EngineRunner {
    let ring: R
    init(_ ring: R) { self.ring = ring }
    var name: String { "replicated, \(ring.name)" }

    func run(_ program: Program) throws -> [PlainTable] {
        let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(60))
        let results = runParties(mesh) { session -> PlainTable? in
            var engine = try Replicated3(ring, session: session)
            return try program.run(on: &engine, me: session.party)
        }
        return try results.compactMap { try $0.get() ?? nil }
    }
}

struct AdditiveRunner<R: Ring>: EngineRunner {
    let ring: R
    let parties: Int
    init(_ ring: R, parties: Int) { (self.ring, self.parties) = (ring, parties) }
    var name: String { "additive, \(parties) parties, \(ring.name)" }

    func run(_ program: Program) throws -> [PlainTable] {
        let mesh = InMemoryTransport.mesh(
            partyCount: parties, dealer: true, deadline: .seconds(60))
        let results = runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> PlainTable? in
            var engine = SemiHonestAdditive<R, PreparedRandomness<DealtRandomness<R>>>(
                ring, session: session,
                source: PreparedRandomness(DealtRandomness(ring, session: session)))
            let result = try program.run(on: &engine, me: session.party)
            try engine.finish()
            return result
        }
        return try results.compactMap { try $0.get() ?? nil }
    }
}

struct ObliviousRunner<R: Ring>: EngineRunner {
    let ring: R
    let parties: Int
    init(_ ring: R, parties: Int) { (self.ring, self.parties) = (ring, parties) }
    var name: String { "additive without a dealer, \(parties) parties, \(ring.name)" }

    func run(_ program: Program) throws -> [PlainTable] {
        let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(60))
        let results = runParties(mesh) { session -> PlainTable? in
            var engine = SemiHonestAdditive(
                ring, session: session,
                source: PreparedRandomness(ObliviousRandomness(ring, session: session)))
            return try program.run(on: &engine, me: session.party)
        }
        return try results.compactMap { try $0.get() ?? nil }
    }
}
