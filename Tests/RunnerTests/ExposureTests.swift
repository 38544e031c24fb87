import Applications
import Foundation
import Ledger
import MPC
import Runner
import Tables
import Testing

/// Whole runs of the job exposure over TLS on loopback, in threads of this process.
@Suite(.serialized) struct ExposureTests {
    static let threshold: Int64 = 500_000

    static func prepare(
        _ consortium: Consortium, _ choice: ProtocolChoice = .replicated3, bound: Int? = nil,
        publishing: Int? = nil
    ) -> @Sendable (Int, inout RunOptions) -> Void {
        { party, options in
            guard party >= 0 else { return }
            options.protocolChoice = choice
            options.ring = choice == .additiveDealer ? .p62 : .z64
            options.thresholdCents = threshold
            options.job = .exposure(
                accounts: consortium.directory(party).url.appending(path: "accounts.csv"),
                bound: bound, publishing: publishing)
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
            totals.keys.filter { totals[$0, default: 0] >= threshold }
                .filter { banks[$0, default: []].count >= 2 })
    }

    static func own(_ consortium: Consortium, _ bank: Int) -> [String] {
        let column = consortium.data.accounts[bank].texts("account")
        return (0..<column.count).map { column[$0] }
    }

    @Test(
        "Each bank learns the flags of its own accounts, those of plain addition",
        arguments: ProtocolChoice.allCases)
    func flags(choice: ProtocolChoice) throws {
        let consortium = try Consortium()
        let reached = Self.reached(consortium)
        try #require(reached.count > 10)
        let results = consortium.run(
            dealer: choice.needsDealer, options: Self.prepare(consortium, choice))
        for (party, result) in results {
            let report = try result.get()
            let own = Self.own(consortium, party)
            #expect(report.answer.accounts == own)
            #expect(report.answer.flagged == own.filter(reached.contains))
            #expect(
                report.answer.isPrivate
                    && report.security.dealer == (choice.needsDealer ? "dealer" : nil))
            #expect(try consortium.verify(party).isSound)
            // Both tables of each bank are committed to.
            let records = try consortium.records(party)
            let statements = records.map(\.statement)
            guard case .intent(let intent) = statements[1],
                case .outcome(let outcome) = statements[2]
            else {
                Issue.record("not an intent and an outcome")
                continue
            }
            #expect(intent.inputs.count == 6)
            // One release: nobody has its flags before all have committed to everybody's.
            #expect(outcome.releases.map(\.recipients) == [consortium.data.banks])
        }
    }

    @Test("To all: the keys that reached, or as many as agreed and that there were more")
    func published() throws {
        let consortium = try Consortium()
        let reached = Self.reached(consortium)
        for bound in [reached.count + 7, reached.count, 5] {
            let options = Self.prepare(consortium, publishing: bound)
            for (_, result) in consortium.run(dealer: false, options: options) {
                let answer = try result.get().answer
                #expect(answer.isCut == (bound < reached.count))
                #expect(!answer.isPrivate)
                #expect(answer.flagged.count == min(bound, reached.count))
                // An account that a bank neither holds nor paid to has no name there.
                let named = answer.flagged.filter { !$0.hasPrefix("key ") }
                #expect(!named.isEmpty && Set(named).isSubset(of: reached))
            }
        }
    }

    @Test("More beneficiaries than the bound: refused before anything is sent, with both numbers")
    func bound() throws {
        let consortium = try Consortium()
        let results = consortium.run(
            parties: [0], dealer: false, options: Self.prepare(consortium, bound: 10))
        let column = consortium.data.transfers[0].texts("bene_acct")
        let beneficiaries = Set((0..<column.count).map { column[$0] }).count
        guard case .failure(let failure)? = results[0] else {
            Issue.record("a bound below the beneficiaries was taken")
            return
        }
        #expect(failure.code == .badInput)
        #expect(failure.description.contains("\(beneficiaries) beneficiaries"))
        #expect(failure.description.contains("10 rows"))
    }

    @Test("A smaller bound that suffices gives the same flags")
    func smallerBound() throws {
        let consortium = try Consortium()
        let reached = Self.reached(consortium)
        let results = consortium.run(
            dealer: false, options: Self.prepare(consortium, bound: 400))
        for (party, result) in results {
            let flagged = try result.get().answer.flagged
            #expect(flagged == Self.own(consortium, party).filter(reached.contains))
        }
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
