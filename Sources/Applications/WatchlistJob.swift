public import Tables

/// The main job: the accounts of a watch-list that receive much money through several banks.
///
/// For each account of a list that all banks know, the total inflow over all banks and the number of
/// banks with at least one transfer to it are computed in secret. Revealed is only, for each account,
/// whether total ≥ threshold and banks ≥ minimum.
public enum WatchlistJob {
    /// 30,000 units: flags 77 of the 1,000 accounts of the default sample data of seed 7.
    public static let defaultThresholdCents: Int64 = 3_000_000
    public static let defaultMinimumBanks = 2
    /// The longest watch-list, in accounts.
    public static let maxAccounts = 100_000
    /// The largest inflow of one bank to one account, in cents.
    ///
    /// Ten banks together stay within 2⁶⁰ − 2³², the range in which one-word rings compare exactly.
    public static let maxInflowCents: Int64 = ((1 << 60) - (1 << 32)) / 10

    /// What a bank's own table must have: the transfers that leave this bank.
    public static let transfersSchema = Schema([
        .init("tran_id", .key),
        .init("orig_acct", .key),
        .init("orig_bank", .text(maxBytes: 63)),
        .init("bene_acct", .key),
        .init("bene_bank", .text(maxBytes: 63)),
        .init("amount", .money(0...1_000_000_000_000)),
        .init("tran_timestamp", .timestamp),
    ])

    public static let watchlistSchema = Schema([.init("account", .key)])

    /// One bank's secret inputs: an element for each account, in the order of the watch-list.
    public struct LocalInputs: Sendable, CustomStringConvertible, CustomReflectable {
        /// The total of this bank's transfers to the account, in cents, 0 to ``maxInflowCents``.
        public fileprivate(set) var inflowCents: [Int64]
        /// Whether at least one of this bank's transfers goes to the account.
        public fileprivate(set) var hasTransfer: [Bool]

        public var description: String { "secret inputs for \(inflowCents.count) accounts" }
        public var customMirror: Mirror { Mirror(self, children: ["count": inflowCents.count]) }
    }

    /// Adds up a bank's own transfers to each account of the watch-list, in one pass.
    ///
    /// Equal payments are separate transfers and all count.
    ///
    /// - Throws: ``TableError`` if the watch-list names an account twice or is too long, if the
    ///   transfers leave different banks, or if an inflow is above ``maxInflowCents``.
    public static func localInputs(
        transfers: Table, watchlist: Table
    ) throws(TableError) -> LocalInputs {
        let positions = try positions(in: watchlist)
        var inputs = LocalInputs(
            inflowCents: Array(repeating: 0, count: watchlist.rowCount),
            hasTransfer: Array(repeating: false, count: watchlist.rowCount))
        var mistakes = TableError(file: transfers.name)
        let banks = transfers.texts("orig_bank")
        let beneficiaries = transfers.texts("bene_acct")
        let amounts = transfers.integers("amount")
        for row in 0..<transfers.rowCount {
            if banks[bytes: row] != banks[bytes: 0] {
                mistakes.add(
                    .init(
                        line: transfers.line(ofRow: row), column: "orig_bank",
                        "differs from the first row's; keep only transfers that leave this bank"))
            }
            guard let position = positions[beneficiaries[row]] else { continue }
            inputs.hasTransfer[position] = true
            let total = inputs.inflowCents[position].addingReportingOverflow(amounts[row])
            guard !total.overflow, total.partialValue <= maxInflowCents else {
                mistakes.add(
                    .init(
                        line: transfers.line(ofRow: row), column: "amount",
                        "makes the account's total too large; check the unit of the amounts"))
                continue
            }
            inputs.inflowCents[position] = total.partialValue
        }
        guard mistakes.count == 0 else { throw mistakes }
        return inputs
    }

    /// Where each account is in the watch-list.
    private static func positions(in watchlist: Table) throws(TableError) -> [String: Int] {
        guard watchlist.rowCount <= maxAccounts else {
            var mistakes = TableError(file: watchlist.name)
            mistakes.add(
                .init("has \(watchlist.rowCount) accounts; at most \(maxAccounts), split it"))
            throw mistakes
        }
        return try watchlist.positionsOfAccounts()
    }
}

extension WatchlistJob.LocalInputs {
    /// Inputs for so many accounts that stand for nobody's: no money.
    public init(inventedFor accounts: Int) {
        inflowCents = Array(repeating: 0, count: accounts)
        hasTransfer = Array(repeating: false, count: accounts)
    }
}
