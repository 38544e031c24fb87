import MPC
import Networking
import Preprocessing

/// Adds up what a plan spends.
///
/// Everything that is sent and every round of a protocol goes through here, with the engine's own
/// sizes of frames.
final class CostTally {
    /// Those who compute.
    let parties: Int
    let clients: Int
    let memory = LiveMemory()
    private(set) var total: PlannedCost
    /// What makes correlated randomness, ahead or on the spot.
    private(set) var preparing: PlannedCost
    private(set) var rows: [(name: String, cost: PlannedCost)] = []
    private var openOperators = 0
    private var openWork = 0
    /// How often what is counted happens.
    private var factor = 1
    /// The number of the session's last operation.
    private(set) var operation = 0

    init(parties: Int, clients: Int, hasDealer: Bool) {
        (self.parties, self.clients) = (parties, clients)
        total = PlannedCost(participants: parties + clients + (hasDealer ? 1 : 0))
        preparing = total
    }

    var dealer: Int { parties + clients }
    /// Those who compute.
    var everyParty: Range<Int> { 0..<parties }
    var partiesAndClients: Range<Int> { 0..<parties + clients }

    // MARK: Messages

    func nextOperation() -> Int {
        operation += factor
        return operation
    }

    /// An operation of all parties, which among clients are counted apart.
    func nextOperationOfAll() {
        if clients == 0 { _ = nextOperation() }
    }

    func round(_ count: Int = 1) { total.rounds += factor * count }

    /// A frame with a payload of so many bytes, `copies` times.
    func frame(_ bytes: Int, from sender: Int, copies: Int = 1) {
        frames(bytes, count: 1, from: sender, copies: copies)
    }

    private func frames(_ bytes: Int, count: Int, from sender: Int, copies: Int) {
        total.bytesSent[sender] += factor * copies * (bytes + count * FrameHeader.byteCount)
        total.messagesSent[sender] += factor * copies * count
    }

    /// A whole vector: one frame, or several of at most 64 MiB.
    func vector(_ bytes: Int, from sender: Int, copies: Int = 1) {
        let count = max(1, (bytes + largestFrame - 1) / largestFrame)
        frames(bytes, count: count, from: sender, copies: copies)
    }

    /// Vectors of so many bytes in one frame; one by one if they have more than 64 MiB.
    func vectors(_ sizes: [Int], from sender: Int, copies: Int = 1) {
        let bytes = sizes.reduce(0, +)
        let count =
            bytes <= largestFrame
            ? 1 : sizes.reduce(0) { $0 + ($1 + largestFrame - 1) / largestFrame }
        frames(bytes, count: count, from: sender, copies: copies)
    }

    private let largestFrame = 1 << 26

    // MARK: Operators

    /// What `body` spends counts for `name`, unless it is inside another operator.
    func operation<Result, Failure: Error>(
        _ name: String, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = total
        begin()
        defer { end(name, since: start) }
        return try body()
    }

    func begin() {
        settleLocalWork()
        openOperators += 1
    }

    func end(_ name: String, since start: PlannedCost) {
        settleLocalWork()
        openOperators -= 1
        guard openOperators == 0 else { return }
        let cost = total - start
        if let index = rows.firstIndex(where: { $0.name == name }) {
            rows[index].cost = rows[index].cost + cost
        } else {
            rows.append((name, cost))
        }
    }

    /// An operation of an engine, which does `units` of work; none inside another does more.
    func engine<Result, Failure: Error>(
        _ work: Work, _ units: Int, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try operation(work.rawValue) { () throws(Failure) in try counting(work, units, body) }
    }

    func counting<Result, Failure: Error>(
        _ work: Work, _ units: Int, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        settleLocalWork()
        openWork += 1
        defer {
            settleLocalWork()
            openWork -= 1
            add(work, units)
        }
        return try body()
    }

    private func add(_ work: Work, _ units: Int) {
        guard openWork == 0, units > 0 else { return }
        total.work[work, default: 0] += factor * units
    }

    /// Work that is done once, whatever it is done for.
    func addOnce(_ work: Work) { total.work[work, default: 0] += 1 }

    /// Counts the local work since the last operation.
    func settle() { settleLocalWork() }

    /// Inside an engine's operation local work is part of its units.
    private func settleLocalWork() { add(.local, memory.takeProduced()) }

    /// What happens `count` times in the same way.
    func repeating<Result, Failure: Error>(
        _ count: Int, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        settleLocalWork()
        let outer = factor
        factor *= count
        defer {
            settleLocalWork()
            factor = outer
        }
        return try body()
    }

    /// A batch of comparisons, which sorts of as many keys make again.
    struct Comparison: Hashable {
        /// Of each key.
        let bits: Int
        /// Of each record that holds one.
        let lanes: Int
        let keys: Int
    }

    /// What each kind of batch spends, once.
    private var known: [Comparison: (cost: PlannedCost, operations: Int, growth: Int)] = [:]

    /// Counts the body when it first has this shape; later as much as then.
    func remembering<Failure: Error>(_ shape: Comparison, _ body: () throws(Failure) -> Void)
        throws(Failure)
    {
        settleLocalWork()
        if let spent = known[shape] {
            memory.grow(by: spent.growth)
            operation += factor * spent.operations
            total = total + factor * spent.cost
            return
        }
        let (before, first, outer) = (total, operation, factor)
        factor = 1
        let growth = try memory.growth { () throws(Failure) in try body() }
        settleLocalWork()
        factor = outer
        known[shape] = (total - before, operation - first, growth)
        (total, operation) = (before, first)
        try remembering(shape, body)
    }

    /// The body is told who is king of an opening: the parties take turns.
    func asKing(_ body: (Int) -> Void) {
        guard factor > 1 else { return body(operation % parties) }
        let all = factor
        for king in everyParty {
            factor = all / parties + (king < all % parties ? 1 : 0)
            body(king)
        }
        factor = all
    }

    // MARK: Correlated randomness

    /// What has been taken.
    private(set) var budget = Budget()
    /// Whether correlated randomness is being made, which takes what it needs on the spot.
    private(set) var isMaking = false

    func take(_ kind: CorrelationKind, _ count: Int) { budget.add(kind, factor * count) }

    /// What makes correlated randomness counts apart as well, and its work beside that of the
    /// operation that wants it.
    func making<Failure: Error>(_ work: Work, _ units: Int, _ body: () throws(Failure) -> Void)
        throws(Failure)
    {
        settleLocalWork()
        let (start, wasMaking, outer) = (total, isMaking, openWork)
        (isMaking, openWork) = (true, wasMaking ? outer : 0)
        defer {
            (isMaking, openWork) = (wasMaking, outer)
            if !wasMaking { preparing = preparing + (total - start) }
        }
        try counting(work, units, body)
    }
}

extension Budget {
    /// So much of one kind alone.
    init(_ kind: CorrelationKind, _ count: Int) {
        self.init()
        add(kind, count)
    }

    fileprivate mutating func add(_ kind: CorrelationKind, _ count: Int) {
        switch kind {
        case .triples: triples += count
        case .squares: squares += count
        case .daBits: daBits += count
        case .edaBits: edaBits += count
        case .bitProducts: bitProducts += count
        case .bitTriples: bitTripleWords += count / 64
        case .forkedBitTriples: forkedBitTripleWords += count / 64
        case .truncationMasks(let bits): truncationMasks[bits, default: 0] += count
        case .leafOTs(let sender): leafOTs[sender, default: 0] += count
        case .translations(let shape): translations[shape, default: 0] += count
        case .matrixTriples(let shape): matrixTriples[shape, default: 0] += count
        }
    }
}
