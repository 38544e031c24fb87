import Foundation
import Ledger
import Primitives
import Runner
import TestSupport
import Testing

/// Signatures that do not hold, parties without a policy, checks and empty tables, in whole runs.
@Suite(.serialized) struct SignedRunTests {
    /// The one refusal of all parties.
    private func refusal(_ results: [Result<RunReport, RunFailure>]) -> String {
        let texts = Set(SignedBanks.refusals(results).map(\.description))
        #expect(texts.count == 1, "\(texts)")
        return texts.first ?? ""
    }

    @Test("Nobody's, a lapsed, a withdrawn, a forged signature, and one for another library")
    func signatures() throws {
        let banks = try SignedBanks()
        try banks.forgetSignatures()
        #expect(
            refusal(banks.run()).contains("bank-a's compliance has not signed arrears version 1"))
        try banks.sign(parties: [0, 1])
        try banks.sign(parties: [2], library: "0.0.1")
        #expect(
            refusal(banks.run())
                == "bank-c's compliance signed with library 0.0.1; this is "
                + "\(LibraryVersion.current): sign again")
        try banks.sign(parties: [2], by: SigningKey(using: SeededRandomness(seed: 5)))
        #expect(
            refusal(banks.run())
                == "bank-c's compliance has a signature that is not by its key in the roster: "
                + "sign with its own key")
        try banks.sign(parties: [2], until: "2026-01-31", after: 1)
        #expect(
            refusal(banks.run()).hasPrefix(
                "bank-c's compliance signed until 2026-01-31, and today is "))
        try banks.sign(parties: [2], .withdrawn, after: 2)
        #expect(refusal(banks.run()).hasPrefix("bank-c's compliance withdrew its approval on "))
        for party in 0..<3 { #expect(try banks.intents(party).isEmpty) }
        // Signed again, it runs; the ledger has all that was signed.
        try banks.sign(parties: [2], after: 3)
        for (party, result) in banks.run().enumerated() {
            #expect(try result.get().answers.map(\.rows) == [SignedBanks.expected()])
            let ledger = try banks.verify(party)
            // The founding, seven approvals, intent and outcome.
            #expect(ledger.isSound && ledger.pending == 0 && ledger.entries == 10)
        }
    }

    @Test("More approvals than one batch holds are recorded before a run")
    func manyApprovals() throws {
        let banks = try SignedBanks()
        let first = try #require(try banks.directory(0).approvals().first)
        let key = try PartyDirectory.roleKey(in: banks.directory(0).roleKeyFile("compliance"))
        for number in 1...299 {
            _ = try banks.directory(0).save(
                try RoleApproval(
                    author: first.author, role: first.role, subject: first.subject,
                    verdict: .approved, until: nil, time: first.time - Int64(number), key: key))
        }
        for (party, result) in banks.run().enumerated() {
            #expect(try result.get().answers.map(\.rows) == [SignedBanks.expected()])
            let ledger = try banks.verify(party)
            // The founding, 302 approvals, intent and outcome.
            #expect(ledger.isSound && ledger.pending == 0 && ledger.entries == 305)
        }
        #expect(try banks.directory(0).unrecordedApprovals().isEmpty)
        // Entries of some kinds are read as those of all.
        let kinds: Set<Statement.Kind> = [.intent, .outcome]
        var some: [LedgerRecord] = []
        try LedgerRecord.read(file: banks.directory(0).ledgerFile, kinds: kinds) {
            some.append($0)
        }
        #expect(
            try some == banks.records(0).filter { kinds.contains($0.statement.kind) }
                && some.count == 2)
    }

    @Test("A party with roles and without a policy allows nothing; it is told how to draft one")
    func withoutPolicy() throws {
        let banks = try SignedBanks()
        try FileManager.default.removeItem(at: banks.directory(2).policyFile)
        #expect(
            refusal(banks.run(parties: [2]))
                == "bank-c has roles but no policy.yaml, so nothing is allowed: write one with "
                + "`parley policy draft SCRIPT --party bank-c`")
    }

    @Test("A check that does not hold: its bit is all that anybody learns, and all sign that")
    func suppressed() throws {
        let text = SignedBanks.script(condition: "\ncheck totals.loans >= 10\n")
        let banks = try SignedBanks(text)
        for (party, result) in banks.run().enumerated() {
            let report = try result.get()
            #expect(report.answers.map(\.holds) == [false])
            #expect(report.answers.flatMap(\.rows).isEmpty)
            let folder = try report.write(into: banks.directory(party))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!files.contains { $0.hasSuffix(".csv") })
            let end = try #require(try banks.outcomes(party).last)
            #expect(end.outcome.status == .suppressed && end.record.signers == SignedBanks.names)
            // One release to all: the bit.
            #expect(end.outcome.releases.count == 1)
            let ledger = try banks.verify(party)
            #expect(ledger.isSound && ledger.pending == 0)
        }
        // The bit was told: the month is used up.
        #expect(refusal(banks.run()).contains("is used up by session "))
    }

    @Test("A check that holds lets the rest be revealed")
    func holds() throws {
        let banks = try SignedBanks(SignedBanks.script(condition: "\ncheck totals.loans >= 7\n"))
        for (party, result) in banks.run().enumerated() {
            let answers = try result.get().answers
            #expect(answers.map(\.holds) == [true, nil])
            #expect(answers.last?.rows == SignedBanks.expected())
            #expect(try banks.outcomes(party).last?.outcome.status == .completed)
        }
    }

    @Test("A bank without rows takes part like any other")
    func noRows() throws {
        let banks = try SignedBanks()
        try banks.write([], of: 0)
        let expected = SignedBanks.expected([[], SignedBanks.loans[1], SignedBanks.loans[2]])
        for result in banks.run() {
            #expect(try result.get().answers.map(\.rows) == [expected])
        }
        // It is not told from others by what all sign.
        let inputs = try #require(try banks.intents(1).first).inputs
        #expect(inputs.map(\.rows) == [20, 20, 20])
    }

    @Test("Of the values that were signed each can be chosen, and no other")
    func choices() throws {
        let banks = try SignedBanks()
        let outside = refusal(banks.run { $1.choices = ["tolerated=60"] })
        #expect(outside.contains("tolerated") && outside.contains("30, 90"), "\(outside)")
        for result in banks.run({ $1.choices = ["tolerated=90"] }) {
            let report = try result.get()
            #expect(report.choices == ["tolerated=90"])
            #expect(report.answers.map(\.rows) == [SignedBanks.expected(tolerated: 90)])
        }
    }
}
