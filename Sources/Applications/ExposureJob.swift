import Primitives
public import Tables

/// The job of every night: which accounts receive much money through several banks.
///
/// The union of the banks' transfers is grouped by beneficiary, in secret. For each account that
/// some bank holds: whether its total inflow over all banks reaches the threshold and comes from
/// enough banks. Each bank learns that of its own accounts only, or all learn the accounts' keys.
public enum ExposureJob {
    public static let defaultThresholdCents: Int64 = 10_000_000
    public static let defaultMinimumBanks = 2
    /// The most rows that one bank may put in.
    public static let maxRows = 1 << 26

    /// The accounts that a bank holds, a public number of them.
    public static let accountsSchema = Schema([.init("account", .key)])

    /// What stands for an account on shares: 64 bits of a hash, the same at every bank.
    ///
    /// Among n different accounts two have one key with probability n² / 2⁶⁵: 2⁻¹⁷ at 2²⁴.
    public static func key(of account: String) -> UInt64 {
        SHA256.hash(Array("parley/key/account/v1:\(account)".utf8)).bytes.prefix(8)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// One bank's secret inputs.
    public struct LocalInputs: Sendable, CustomStringConvertible, CustomReflectable {
        /// The beneficiaries of this bank's transfers, each once; the rows beyond them are zero.
        public fileprivate(set) var keys: [UInt64]
        /// What each received from this bank, in cents, 0 to ``WatchlistJob/maxInflowCents``.
        public fileprivate(set) var inflowCents: [Int64]
        /// 1 for a beneficiary, 0 for a row beyond them.
        public fileprivate(set) var present: [Int64]
        /// The keys of this bank's own accounts, in the order of its file.
        public fileprivate(set) var ownKeys: [UInt64]

        public var description: String { "secret inputs of \(keys.count) rows" }
        public var customMirror: Mirror { Mirror(self, children: ["count": keys.count]) }
    }

    /// Adds up a bank's own transfers by beneficiary, in one pass.
    ///
    /// - Parameter bound: the public number of rows that the bank puts in; the number of its
    ///   transfers if nil.
    /// - Throws: ``TableError`` if an account is listed twice, if the transfers leave different
    ///   banks, if an inflow is above ``WatchlistJob/maxInflowCents``, or if there are more
    ///   beneficiaries than the bound.
    public static func localInputs(
        transfers: Table, accounts: Table, bound: Int?
    ) throws(TableError) -> LocalInputs {
        var mistakes = TableError(file: transfers.name)
        let banks = transfers.texts("orig_bank")
        let beneficiaries = transfers.texts("bene_acct")
        let amounts = transfers.integers("amount")
        var inputs = LocalInputs(keys: [], inflowCents: [], present: [], ownKeys: [])
        var positions: [String: Int] = [:]
        for row in 0..<transfers.rowCount {
            if banks[bytes: row] != banks[bytes: 0] {
                mistakes.add(
                    .init(
                        line: transfers.line(ofRow: row), column: "orig_bank",
                        "differs from the first row's; keep only transfers that leave this bank"))
            }
            let account = beneficiaries[row]
            let position = positions[account] ?? inputs.keys.count
            if position == inputs.keys.count {
                positions[account] = position
                inputs.keys.append(key(of: account))
                inputs.inflowCents.append(0)
            }
            let total = inputs.inflowCents[position].addingReportingOverflow(amounts[row])
            guard !total.overflow, total.partialValue <= WatchlistJob.maxInflowCents else {
                mistakes.add(
                    .init(
                        line: transfers.line(ofRow: row), column: "amount",
                        "makes the account's total too large; check the unit of the amounts"))
                continue
            }
            inputs.inflowCents[position] = total.partialValue
        }
        let (count, rows) = (inputs.keys.count, bound ?? transfers.rowCount)
        if count > rows || rows > maxRows {
            mistakes.add(
                .init(
                    "has \(count) beneficiaries and the run takes \(rows) rows of a bank, of at "
                        + "most \(maxRows); give a larger bound, or split the table"))
        }
        guard mistakes.count == 0 else { throw mistakes }
        let fill = rows - count
        inputs.present = Array(repeating: 1, count: count) + Array(repeating: 0, count: fill)
        inputs.keys += Array(repeating: 0, count: fill)
        inputs.inflowCents += Array(repeating: 0, count: fill)
        inputs.ownKeys = try ownKeys(in: accounts)
        return inputs
    }

    private static func ownKeys(in accounts: Table) throws(TableError) -> [UInt64] {
        _ = try accounts.positionsOfAccounts()
        let names = accounts.texts("account")
        return (0..<names.count).map { key(of: names[$0]) }
    }
}

extension ExposureJob.LocalInputs {
    /// Inputs of the given sizes that stand for nobody's: random keys, no money.
    ///
    /// - Parameter seed: differs from bank to bank.
    public init(inventedRows rows: Int, accounts: Int, seed: Int) {
        var generator = SampleGenerator(seed: UInt64(seed))
        keys = (0..<rows).map { _ in generator.next() }
        ownKeys = (0..<accounts).map { _ in generator.next() }
        inflowCents = Array(repeating: 0, count: rows)
        present = inflowCents
    }
}
