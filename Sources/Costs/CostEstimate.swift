import Algebra
public import MPC
import Preprocessing
import Primitives
import SecretSharing

/// What a program will cost, before it starts.
public struct CostEstimate: Sendable, Codable {
    /// One operator of the program, or what is none's.
    public struct Row: Sendable, Codable {
        public let name: String
        public let cost: PlannedCost
    }

    public let engine: PlannedEngine
    public let ring: String
    public let preparation: Preparation
    /// In the order in which they begin: set-up, preprocessing ahead, the program's operators.
    public let rows: [Row]
    /// The agreement at the beginning.
    public let setUp: PlannedCost
    /// What makes correlated randomness, ahead or on the spot; with the set-up of transfers.
    public let preprocessing: PlannedCost
    /// All else.
    public let online: PlannedCost
    /// The largest sum of all shares that a party holds at a time, in bytes, and what was prepared.
    ///
    /// An estimate: messages on their way, and what an operation needs for itself, come on top.
    public let memory: Int

    public var total: PlannedCost { setUp + preprocessing + online }
}

extension CostEngine {
    /// The correlated randomness that the program has taken so far: what to prepare for it.
    public var budget: Budget { tally.budget }

    /// Ends the plan, with what comes before a program and after it.
    ///
    /// - Parameter terms: what all participants agree on, as long as it will be.
    public consuming func estimate(terms: AgreementTerms) -> CostEstimate {
        // 1. What the program does by itself.
        let memory = tally.memory.peak + preparedBytes
        let operators = tally.rows
        tally.settle()
        var rest = tally.total
        for row in operators { rest = rest - row.cost }

        // 2. What comes before it.
        let start = tally.total
        agree(termBytes: terms.byteCount)
        let setUp = tally.total - start
        let prepared = tally.total
        makeAhead()
        let ahead = tally.total - prepared

        // 3. And after it.
        let end = tally.total
        if engine.hasDealer { finishDealing() }
        rest = rest + (tally.total - end)

        let rows =
            [("set-up", setUp), ("preprocessing", ahead)] + operators.map { ($0.name, $0.cost) }
            + [("(other)", rest)]
        return CostEstimate(
            engine: engine, ring: ring.name, preparation: preparation,
            rows: rows.filter { !$0.1.isNothing }.map { CostEstimate.Row(name: $0.0, cost: $0.1) },
            setUp: setUp, preprocessing: tally.preparing,
            online: tally.total - setUp - tally.preparing, memory: memory)
    }

    /// What the party that holds most of it has prepared.
    private var preparedBytes: Int {
        guard preparation == .ahead else { return 0 }
        let blockBits = maskBlockBits
        return tally.everyParty.map { party in
            tally.budget.amounts.reduce(0) { sum, amount in
                let isItem = !amount.kind.isCutIntoLanes
                let layout = CorrelationLayout(
                    amount.kind, count: isItem ? 1 : amount.count, over: ring,
                    blockBits: blockBits, party: Party(party))
                let bytes =
                    layout.numbers.reduce(0) { $0 + byteCount($1) }
                    + layout.bits.reduce(0) { $0 + byteCount(rows: $1.rows, lanes: $1.count) }
                return sum + (isItem ? amount.count : 1) * bytes
            }
        }.max() ?? 0
    }
}

extension CorrelationKind {
    fileprivate var isCutIntoLanes: Bool {
        switch self {
        case .translations, .matrixTriples: false
        default: true
        }
    }
}
