import Algebra
import Analytics
import Costs
import DishonestMajority
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport

/// A program for any engine, real or planned.
protocol CostedProgram: Sendable {
    /// - Parameters:
    ///   - me: nil in a plan, which has no values.
    ///   - done: is told the name of each part that has ended.
    func run<E: Engine & ~Copyable>(
        _ engine: inout E, me: Party?, done: (String) -> Void
    ) throws
}

/// What one participant had spent at some moment.
struct Spent: Hashable, Sendable {
    var name = ""
    var rounds = 0
    var bytes: [Int] = []
    var messages: [Int] = []

    init(_ name: String, _ cost: PlannedCost) {
        (self.name, rounds) = (name, cost.rounds)
        (bytes, messages) = (cost.bytesSent, cost.messagesSent)
    }

    /// All parties together.
    init(_ name: String, _ costs: [Cost]) {
        (self.name, rounds) = (name, costs[0].rounds)
        (bytes, messages) = (costs.map(\.bytesSent), costs.map(\.messagesSent))
    }

    var total: Int { bytes.reduce(0, +) }

    /// What was spent after another moment.
    func since(_ before: Spent) -> Spent {
        var part = self
        part.rounds -= before.rounds
        for k in part.bytes.indices {
            part.bytes[k] -= before.bytes[k]
            part.messages[k] -= before.messages[k]
        }
        return part
    }
}

/// A real run over the in-memory transport.
struct RealRun: Sendable {
    /// After each part.
    let parts: [Spent]
    /// At the end, the dealer included.
    let total: Spent
    let preprocessing: Spent
    let seconds: Double

    init<R: Ring>(
        _ program: some CostedProgram, over ring: R, on engine: PlannedEngine,
        budget: Budget? = nil, signers: [ReleaseSigner] = []
    ) throws {
        let mesh = InMemoryTransport.mesh(
            partyCount: engine.parties, dealer: engine == .additiveDealer(parties: engine.parties),
            deadline: .seconds(120))
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds
        let results = runParties(
            mesh, signers: signers, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> (parts: [(String, Cost)], report: CostReport) in
            var parts: [(String, Cost)] = []
            func done(_ name: String) { parts.append((name, session.costs.report.total)) }
            switch engine {
            case .replicated3:
                var engine = try Replicated3(ring, session: session)
                try program.run(&engine, me: session.party, done: done)
            case .additiveDealer:
                var engine = SemiHonestAdditive<R, PreparedRandomness<DealtRandomness<R>>>(
                    ring, session: session,
                    source: PreparedRandomness(DealtRandomness(ring, session: session)))
                if let budget { try engine.prepare(budget) }
                try program.run(&engine, me: session.party, done: done)
                try engine.finish()
            case .additiveOT:
                var engine = SemiHonestAdditive<R, PreparedRandomness<ObliviousRandomness<R>>>(
                    ring, session: session,
                    source: PreparedRandomness(ObliviousRandomness(ring, session: session)))
                if let budget { try engine.prepare(budget) }
                try program.run(&engine, me: session.party, done: done)
                try engine.finish()
            }
            return (parts, session.costs.report)
        }
        let all = try results.compactMap { try $0.get() }
        parts = all[0].parts.indices.map { i in
            Spent(all[0].parts[i].0, all.map { $0.parts[i].1 })
        }
        preprocessing = Spent("preprocessing", all.map(\.report.preprocessing))
        var total = Spent("total", all.map(\.report.total))
        total.bytes = mesh.map { $0.traffic.total.sent.bytes }
        total.messages = mesh.map { $0.traffic.total.sent.frames }
        self.total = total
        seconds = Double(clock.monotonicNanoseconds - start) / 1e9
    }
}

/// The same program on shapes.
struct Plan: Sendable {
    let parts: [Spent]
    let estimate: CostEstimate
    let budget: Budget

    init<R: Ring>(
        _ program: some CostedProgram, over ring: R, on engine: PlannedEngine,
        preparation: Preparation = .onTheSpot, signs: Bool = false
    ) throws {
        var plan = CostEngine(ring, for: engine, preparation: preparation, signs: signs)
        let spent = plan.meter
        var parts: [Spent] = []
        try program.run(&plan, me: nil) { parts.append(Spent($0, spent())) }
        self.parts = parts
        budget = plan.budget
        estimate = plan.estimate(terms: AgreementTerms([("program", "test")]))
    }
}
