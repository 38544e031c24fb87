import Algebra
import Applications
import Gadgets
import MPC
import Primitives

/// The joint computation of ``ExposureJob``, over any engine.
struct ExposureProgram: EngineProgram {
    /// Names the program's meaning; parties compare its hash before a run.
    static let name = "exposure/1"
    static let text = """
        inputs of each bank, a public number of rows:
          key: 64 bits of a hash of the beneficiary's account; each account once
          inflow: total of the bank's transfers to the account, in cents
          present: 1, or 0 for a row beyond its beneficiaries
        inputs of each bank, a public number of accounts: the keys of the accounts that it holds
        total(a) = sum of inflow over all rows of all banks with key a
        banks(a) = sum of present over the same rows
        reached(a) = total(a) >= threshold and banks(a) >= minimum
        form "owner": reveal reached(a) to the bank that holds a
        form "all": reveal to all, in random order, the keys of at most `bound` accounts that
          reached, each as often as banks hold it, and whether there were more
        """

    /// What is public of a bank's input.
    struct Sizes: Hashable {
        let rows: Int
        let accounts: Int
        /// Lanes are cut at whole words, so the list is filled up with accounts of key 0.
        var lanes: Int { (accounts + 63) / 64 * 64 }
        /// Rows of the table that is sorted.
        var tableRows: Int { 2 * lanes + rows }
    }

    enum Result {
        /// For each of this bank's own accounts.
        case flags([Bool])
        /// The keys that reached, and whether there were more than the bound.
        case keys([UInt64], more: Bool)
    }

    let me: Party
    let inputs: ExposureJob.LocalInputs
    /// Of each bank, in party order.
    let sizes: [Sizes]
    let thresholdCents: Int64
    let minimumBanks: Int
    /// Nil for the form "owner".
    let bound: Int?
    /// Comparisons of a sort at once: bounds memory.
    let batch: Int

    /// Comparisons and products are as many as the random order of the sort makes them, so that
    /// their randomness is fetched on the way.
    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget { Budget() }

    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) -> Result {
        let ring = engine.ring
        let lanes = sizes.reduce(0) { $0 + $1.lanes }
        let transfers = sizes.reduce(0) { $0 + $1.rows }

        // 1. A row before and a row after the transfers of each account that a bank holds, then the
        //    transfers. The place of a row, and which of the three it is, are public.
        var accounts: [E.Bits] = []
        var rows: [E.Bits] = []
        var inflow = [engine.constant(Vector(ring, zeros: 2 * lanes))]
        var present = inflow
        for (index, size) in sizes.enumerated() {
            let bank = Party(index)
            let mine = bank == me ? inputs : nil
            func records(_ keys: [UInt64]?, _ count: Int) -> BitMatrix? {
                keys.map {
                    BitMatrix(
                        rows: count, count: 64,
                        words: $0 + Array(repeating: 0, count: count - $0.count))
                }
            }
            accounts.append(
                try engine.input(
                    bits: records(mine?.ownKeys, size.lanes), rows: size.lanes, count: 64,
                    from: bank))
            rows.append(
                try engine.input(
                    bits: records(mine?.keys, size.rows), rows: size.rows, count: 64, from: bank))
            inflow.append(
                try engine.input(
                    mine.map { Vector(ring, $0.inflowCents) }, count: size.rows, from: bank))
            present.append(
                try engine.input(
                    mine.map { Vector(ring, $0.present) }, count: size.rows, from: bank))
        }
        let keys = E.Bits.concatenating(rows: accounts)
        let tags = engine.constant(bits: Self.tags(lanes: lanes, transfers: transfers))
        var table = Columns<E.Shares, E.Bits>(
            numbers: [E.Shares.concatenating(inflow), E.Shares.concatenating(present)],
            records: E.Bits.concatenating(lanes: [
                tags, E.Bits.concatenating(rows: [keys, keys] + rows),
            ]))

        // 2. Sorted by key and kind, running sums; back at their places, the account's total is the
        //    difference of its two rows.
        var sorted = try engine.sort(
            table.take(), by: Self.sortKey, numbered: Self.place, batch: batch)
        sorted = Columns(
            numbers: sorted.numbers.map { $0.prefixSums() }, records: sorted.records.lanes(0..<64))
        let sums = try engine.restoreOrder(sorted.take(), places: Self.place).numbers
        let totals = sums.map { $0[lanes..<2 * lanes] - $0[0..<lanes] }

        // 3. Both comparisons in one batch.
        let thresholds =
            Array(repeating: thresholdCents, count: lanes)
            + Array(repeating: Int64(minimumBanks), count: lanes)
        let reached = try engine.isAtLeast(.concatenating(totals), Vector(ring, thresholds))
        let flags = try engine.and(reached.lanes(0..<lanes), reached.lanes(lanes..<2 * lanes))
        guard let bound else { return .flags(try release(flags, &engine)) }
        return try publish(flags, keys, bound, &engine)
    }

    /// Each bank learns the flags of its own accounts, all banks at once.
    private func release<E: Engine & ~Copyable>(_ flags: E.Bits, _ engine: inout E)
        throws(MPCError) -> [Bool]
    {
        var parts: [(bits: E.Bits, to: Recipients)] = []
        var start = 0
        for (index, size) in sizes.enumerated() {
            parts.append((flags.lanes(start..<start + size.accounts), .only(Party(index))))
            start += size.lanes
        }
        return try engine.outputs(bits: parts)[me.index]?.bools ?? []
    }

    /// All learn the keys of at most `bound` accounts that reached.
    private func publish<E: Engine & ~Copyable>(
        _ flags: E.Bits, _ keys: E.Bits, _ bound: Int, _ engine: inout E
    ) throws(MPCError) -> Result {
        // 4. The padding of the lists never counts.
        let real = BitMatrix(
            sizes.flatMap { size in (0..<size.lanes).map { $0 < size.accounts } })
        let flags = real & flags
        let count = try engine.fromBits(flags).sums(ofEvery: flags.count)
        let limit = Vector(engine.ring, [Int64(bound)])
        let more = engine.not(try engine.isLess(count, than: limit + Vector(engine.ring, [1])))

        // 5. Shuffled, so that neither the keys' order nor, beyond the bound, their choice tells
        //    whose accounts they are. Then rows that reached come first; others are zeroed.
        let wide = E.Bits.concatenating(lanes: [keys, flags.transposed()])
        let mixed = try engine.shuffle(Columns(numbers: [], records: wide))
        let first = try engine.compact(mixed, by: 64, to: bound)
        let wires = first.records.transposed()
        let shown = try engine.select(
            wires[64..<65], wires[0..<64],
            otherwise: engine.constant(bits: BitMatrix(rows: 64, count: wires.count)))
        let results = try engine.outputs(bits: [
            (.concatenating(rows: [shown, wires[64..<65]]), .all), (more, .all),
        ])
        guard let result = results[0], let isMore = results[1] else {
            return .keys([], more: false)
        }
        let limbs = result[0..<64].integers(limbsPerInteger: 1)
        return .keys(
            zip(limbs, result[64..<65].bools).filter(\.1).map(\.0), more: isMore.bools[0])
    }

    // MARK: The records: place, kind, key

    private static let place = 0..<32
    /// The kind decides among rows of one key: 0 before the transfers, 1 a transfer, 2 after them.
    private static let sortKey = 62..<128

    private static func tags(lanes: Int, transfers: Int) -> BitMatrix {
        let kinds = [(0, lanes), (2, lanes), (1, transfers)]
        var words: [UInt64] = []
        words.reserveCapacity(2 * lanes + transfers)
        for (kind, count) in kinds {
            for _ in 0..<count { words.append(UInt64(words.count) | UInt64(kind) << 62) }
        }
        return BitMatrix(rows: words.count, count: 64, words: words)
    }
}
