import Algebra
import Applications
import Gadgets
import MPC
import Primitives

/// The joint computation of ``WatchlistJob``, over any engine.
struct WatchlistProgram: EngineProgram {
    /// Names the program's meaning; parties compare its hash before a run.
    static let name = "watchlist/1"
    static let text = """
        inputs of each bank, an element for each account of the watch-list:
          inflow: total of its transfers to the account, in cents
          present: 1 if at least one of its transfers goes to the account, else 0
        total = sum of inflow over the banks
        banks = sum of present over the banks
        reveal to all: total >= threshold and banks >= minimum
        """

    let me: Party
    let inputs: WatchlistJob.LocalInputs
    let banks: Int
    let thresholdCents: Int64
    let minimumBanks: Int

    private var accounts: Int { inputs.inflowCents.count }
    /// Lanes are cut at whole words, so the list is filled up with accounts of total 0.
    private var padded: Int { (accounts + 63) / 64 * 64 }

    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget {
        .comparisons(2 * padded, over: ring, by: comparing) + .ands(1, count: padded)
    }

    /// - Returns: for each account whether both conditions hold.
    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) -> [Bool] {
        let ring = engine.ring
        let fill = Array(repeating: Int64(0), count: padded - accounts)

        // 1. Every bank inputs its sums and whether it has a transfer.
        var total = engine.constant(Vector(ring, zeros: padded))
        var banksWithTransfer = total
        for bank in (0..<banks).map(Party.init) {
            let mine = bank == me ? inputs : nil
            total =
                try total
                + engine.input(
                    mine.map { Vector(ring, $0.inflowCents + fill) }, count: padded, from: bank)
            banksWithTransfer =
                try banksWithTransfer
                + engine.input(
                    mine.map { Vector(ring, $0.hasTransfer.map { $0 ? 1 : 0 } + fill) },
                    count: padded,
                    from: bank)
        }

        // 2. Both comparisons in one batch.
        let thresholds =
            Array(repeating: thresholdCents, count: padded)
            + Array(repeating: Int64(minimumBanks), count: padded)
        let reached = try engine.isAtLeast(
            .concatenating([total, banksWithTransfer]), Vector(ring, thresholds))

        // 3. Flag = total reached and banks reached.
        let flags = try engine.and(
            reached.lanes(0..<padded), reached.lanes(padded..<2 * padded))
        return try engine.output(bits: flags.lanes(0..<accounts), to: .all)?.bools ?? []
    }
}
