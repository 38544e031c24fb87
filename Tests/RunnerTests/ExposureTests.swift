import Applications
import Foundation
import Ledger
import MPC
import Runner
import Tables
import Testing

/// Whole runs of the script exposure over TLS on loopback, in threads of this process.
@Suite(.serialized) struct ExposureTests {
    static func prepare(
        _ consortium: Consortium, _ choice: ProtocolChoice = .replicated3
    ) -> @Sendable (Int, inout RunOptions) -> Void {
        { party, options in
            guard party >= 0 else { return }
            options.protocolChoice = choice
            options.ring = choice == .additiveDealer ? .p62 : .z64
            options.script = consortium.exposureFile
            let account = consortium.directory(party).url.appending(path: "account.csv")
            options.tables["account"] = .csv(account)
        }
    }

    /// The accounts that reach the threshold, by plain addition over everybody's transfers.
    static func reached(_ consortium: Consortium) -> Set<String> {
        var totals: [String: Int64] = [:]
        var banks: [String: Set<Int>] = [:]
        for (bank, table) in consortium.data.transfers.enumerated() {
            let (accounts, amounts) = (table.texts("bene_acct"), table.integers("amount"))
            for row in 0..<table.rowCount {
                totals[accounts[row], default: 0] += amounts[row]
                banks[accounts[row], default: []].insert(bank)
            }
        }
        return Set(
            totals.keys.filter { totals[$0, default: 0] >= 2_500_000 }
                .filter { banks[$0, default: []].count >= 2 })
    }

    /// What a bank must learn: which of its own accounts reached.
    static func answer(_ consortium: Consortium, _ bank: Int) -> Set<String> {
        let column = consortium.data.accounts[bank].texts("account")
        return reached(consortium).intersection((0..<column.count).map { column[$0] })
    }

    static func learned(_ report: RunReport) -> Set<String> {
        Set(report.answers.flatMap(\.rows).map { $0[0] })
    }

    @Test(
        "Each bank learns which of its own accounts reached, as plain addition says",
        arguments: ProtocolChoice.allCases)
    func flags(choice: ProtocolChoice) throws {
        let consortium = try Consortium(banks: choice == .replicated3 ? 3 : 2)
        try #require(Self.reached(consortium).count > 3)
        let results = consortium.run(
            dealer: choice.needsDealer, options: Self.prepare(consortium, choice))
        for (party, result) in results {
            let report = try result.get()
            #expect(report.answers.map(\.columns) == [["account"]])
            #expect(Self.learned(report) == Self.answer(consortium, party))
            #expect(report.security.dealer == (choice.needsDealer ? "dealer" : nil))
            #expect(report.tables.map(\.name) == ["account", "transfers"])
            #expect(try consortium.verify(party).isSound)
            // Both tables of each bank are committed to, under limits that all know.
            let statements = try consortium.records(party).map(\.statement)
            guard case .intent(let intent) = statements[1],
                case .outcome(let outcome) = statements[2]
            else {
                Issue.record("not an intent and an outcome")
                continue
            }
            let banks = consortium.data.banks
            #expect(intent.inputs.map(\.party) == banks.flatMap { [$0, $0] })
            #expect(intent.inputs.map(\.rows) == banks.flatMap { _ in [200, 600] })
            // One release: nobody has its accounts before all have committed to everybody's.
            #expect(outcome.releases.map(\.recipients) == [banks])
        }
    }

    @Test("More beneficiaries than the limit: refused before anything is sent, with both numbers")
    func bound() throws {
        let consortium = try Consortium()
        let text = try String(contentsOf: consortium.exposureFile, encoding: .utf8)
        try Data(text.replacing("at most 400 rows", with: "at most 10 rows").utf8)
            .write(to: consortium.exposureFile)
        let results = consortium.run(
            parties: [0], dealer: false, options: Self.prepare(consortium))
        let column = consortium.data.transfers[0].texts("bene_acct")
        let beneficiaries = Set((0..<column.count).map { column[$0] }).count
        guard case .failure(let failure)? = results[0] else {
            Issue.record("a limit below the beneficiaries was taken")
            return
        }
        #expect(failure.code == .badInput)
        #expect(failure.description.contains("makes \(beneficiaries) rows"))
        #expect(failure.description.contains("at most 10"))
    }

    @Test("The replicated engine refuses another number of banks than three")
    func twoBanks() throws {
        let consortium = try Consortium(banks: 2)
        let results = consortium.run(
            parties: [0], dealer: false, options: Self.prepare(consortium))
        guard case .failure(let failure)? = results[0] else {
            Issue.record("two banks were taken")
            return
        }
        #expect(failure.code == .badInput && failure.description.contains("exactly 3 parties"))
    }
}
