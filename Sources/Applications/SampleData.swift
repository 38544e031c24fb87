public import Foundation
public import Primitives
public import Tables

/// Invented transfers of several banks, in the shape of AMLSim's output, from a seed.
///
/// Every transfer is in the table of the bank that it leaves, and only there. Some accounts take part
/// in laundering patterns that cross banks; ``labels`` tells which, and no bank has that table. The
/// construction is ours, from published descriptions of AMLSim: accounts with heavy-tailed degrees,
/// log-normal-like amounts, 90 days, injected patterns, and payments that occur twice. It uses
/// integers alone, so that a seed gives the same bytes everywhere.
public struct SampleData: Sendable {
    /// `bank-a`, `bank-b` and so on.
    public let banks: [String]
    /// The transfers that leave each bank, in the order of ``banks``.
    public let transfers: [Table]
    /// The accounts that each bank holds: `account`.
    public let accounts: [Table]
    /// Which accounts take part in which pattern: `account`, `pattern`, `alert_id`.
    public let labels: Table

    /// The first moment, 2026-01-01T00:00:00Z, in seconds since 1970.
    private static let start: Int64 = 1_767_225_600
    private static let duration: Int64 = 90 * 86_400

    /// Identifiers, accounts and banks on both sides, amount, and the moment.
    public static let transfersSchema = Schema([
        .init("tran_id", .key),
        .init("orig_acct", .key),
        .init("orig_bank", .text(maxBytes: 63)),
        .init("bene_acct", .key),
        .init("bene_bank", .text(maxBytes: 63)),
        .init("amount", .money(0...1_000_000_000_000)),
        .init("tran_timestamp", .timestamp),
    ])

    public static let accountsSchema = Schema([.init("account", .key)])

    static let labelsSchema = Schema([
        .init("account", .key),
        .init("pattern", .code(LaunderingPattern.allCases.map(\.rawValue))),
        .init("alert_id", .integer(1...1_000_000)),
    ])

    /// Generates the data of `banks` (2 to 10) banks.
    ///
    /// - Parameters:
    ///   - accounts: over all banks, at least 200.
    ///   - transfersPerBank: that leave each bank, at least 500.
    public static func generate(
        seed: UInt64, banks: Int = 3, accounts: Int = 20_000, transfersPerBank: Int = 100_000
    ) -> SampleData {
        precondition((2...10).contains(banks), "2 to 10 banks")
        precondition((200...10_000_000).contains(accounts), "200 to 10,000,000 accounts")
        precondition((500...10_000_000).contains(transfersPerBank), "at least 500 transfers")
        var generator = SampleGenerator(seed: seed)
        let alerts = alerts(
            count: max(4, min(accounts / 200, transfersPerBank / 100)),
            banks: banks, accounts: accounts, using: &generator)
        let injected = alerts.flatMap(\.payments)

        // Each bank's customers and all beneficiaries, the busiest first.
        var beneficiaries = Array(0..<accounts)
        generator.shuffle(&beneficiaries)
        let names = (0..<banks).map { "bank-" + String(UnicodeScalar(UInt8(97 + $0))) }
        let transfers = (0..<banks).map { bank in
            var customers = Array(stride(from: bank, to: accounts, by: banks))
            generator.shuffle(&customers)
            var payments = injected.filter { $0.from % banks == bank }
            while payments.count < transfersPerBank {
                let payment = ordinaryPayment(customers, beneficiaries, using: &generator)
                payments.append(payment)
                // One in 64 is paid twice, in the same second: two rows that differ in number only.
                if generator.below(64) == 0, payments.count < transfersPerBank {
                    payments.append(payment)
                }
            }
            return table(of: payments, at: bank, names)
        }
        return SampleData(
            banks: names, transfers: transfers,
            accounts: (0..<banks).map { accountsTable(of: $0, among: accounts, names) },
            labels: labels(of: alerts))
    }

    /// Writes `BANK/transfers.csv` and `BANK/account.csv` for each bank, and `labels.csv`, into a
    /// folder that exists.
    public func write(to folder: URL, overwriting: Bool = false) throws(FileError) {
        for (index, bank) in banks.enumerated() {
            let own = folder.appendingPathComponent(bank)
            do {
                try FileManager.default.createDirectory(
                    at: own, withIntermediateDirectories: true)
            } catch {
                throw FileError(description: "\(own.path) cannot be made; check the folder")
            }
            for (name, table) in [
                ("transfers.csv", transfers[index]), ("account.csv", accounts[index]),
            ] {
                try table.write(
                    to: own.appendingPathComponent(name), as: .csv, overwriting: overwriting)
            }
        }
        try labels.write(
            to: folder.appendingPathComponent("labels.csv"), as: .csv, overwriting: overwriting)
    }

    // MARK: Payments

    private static func ordinaryPayment(
        _ customers: [Int], _ beneficiaries: [Int], using generator: inout SampleGenerator
    ) -> Payment {
        let from = byRank(customers, using: &generator)
        var to = byRank(beneficiaries, using: &generator)
        while to == from { to = beneficiaries[generator.below(beneficiaries.count)] }
        return Payment(
            from: from, to: to, cents: ordinaryAmount(using: &generator),
            time: start + Int64(generator.below(Int(duration))))
    }

    /// An element by a heavy-tailed law: rank r has a probability of about 1/r from the 1/128 busiest
    /// on, because the choice is uniform among the first 1/2ᵏ for a uniform k from 0 to 7.
    private static func byRank(_ ranked: [Int], using generator: inout SampleGenerator) -> Int {
        ranked[generator.below(max(1, ranked.count &>> generator.below(8)))]
    }

    /// An amount in cents whose logarithm is nearly normal: its octave is binomial (16, ½).
    ///
    /// From 0.64 to 83,230.72 units; the median is about 250.
    private static func ordinaryAmount(using generator: inout SampleGenerator) -> Int64 {
        let octave = (generator.next() & 0xFFFF).nonzeroBitCount
        return (Int64(64 + generator.below(64)) &<< octave)
            + Int64(generator.below(1 &<< octave))
    }

    // MARK: Alerts

    private struct Alert {
        let pattern: LaunderingPattern
        let accounts: [Int]
        let payments: [Payment]
    }

    /// Alerts of 4 to 9 accounts each; no account is in two, and neighbours are at different banks.
    private static func alerts(
        count: Int, banks: Int, accounts: Int, using generator: inout SampleGenerator
    ) -> [Alert] {
        // Account a is at bank a mod n; a shuffled list of multiples keeps the banks in turn.
        var groups = Array(0..<accounts / banks)
        generator.shuffle(&groups)
        var nextMember = 0
        return (0..<count).map { number in
            let size = 4 + generator.below(6)
            let members = (nextMember..<nextMember + size).map { index in
                groups[index / banks] * banks + index % banks
            }
            nextMember += size
            let patterns = LaunderingPattern.allCases
            let pattern = patterns[number % patterns.count]
            let time = start + Int64(generator.below(Int(duration) - 20 * 86_400))
            return Alert(
                pattern: pattern, accounts: members,
                payments: pattern.payments(among: members, from: time, using: &generator))
        }
    }

    // MARK: Tables

    private static func account(_ number: Int) -> String { "A" + padded(number) }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    private static func table(of payments: [Payment], at bank: Int, _ names: [String]) -> Table {
        let ordered = payments.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        let prefix = names[bank] + "-"
        return Table(
            name: "\(names[bank])/transfers", schema: transfersSchema,
            columns: [
                .texts(TextColumn(ordered.indices.lazy.map { prefix + padded($0 + 1) })),
                .texts(TextColumn(ordered.lazy.map { account($0.from) })),
                .texts(TextColumn(ordered.lazy.map { _ in names[bank] })),
                .texts(TextColumn(ordered.lazy.map { account($0.to) })),
                .texts(TextColumn(ordered.lazy.map { names[$0.to % names.count] })),
                .integers(ordered.map(\.cents)),
                .integers(ordered.map(\.time)),
            ])
    }

    private static func accountsTable(of bank: Int, among count: Int, _ names: [String]) -> Table {
        Table(
            name: "\(names[bank])/accounts", schema: accountsSchema,
            columns: [
                .texts(
                    TextColumn(stride(from: bank, to: count, by: names.count).map(account)))
            ])
    }

    private static func labels(of alerts: [Alert]) -> Table {
        let patterns = LaunderingPattern.allCases
        let rows = alerts.enumerated().flatMap { number, alert in
            alert.accounts.map {
                ($0, Int64(patterns.firstIndex(of: alert.pattern) ?? 0), Int64(number + 1))
            }
        }
        return Table(
            name: "labels", schema: labelsSchema,
            columns: [
                .texts(TextColumn(rows.map { account($0.0) })),
                .integers(rows.map(\.1)), .integers(rows.map(\.2)),
            ])
    }
}
