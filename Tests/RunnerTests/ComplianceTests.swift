import Approval
import Foundation
import GRDB
import Ledger
import Primitives
import Runner
import Testing

/// What a compliance reviewer tries first: whole runs of three banks, signed and held to policies.
///
/// Numbers are those of the list in the article Compliance.
@Suite(.serialized) struct ComplianceTests {
    /// All parties refuse, for the same reasons, and nothing was about to run.
    private func expectRefused(
        _ results: [Result<RunReport, RunFailure>], _ reasons: [String],
        code: RunFailure.Code = .refused, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let refusals = SignedBanks.refusals(results, sourceLocation)
        for failure in refusals {
            #expect(failure.code == code, "\(failure)", sourceLocation: sourceLocation)
            for reason in reasons {
                #expect(
                    failure.description.contains(reason),
                    "\(failure) lacks \(reason)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test("1: one changed character of what was signed, and every party refuses to run it")
    func changedCharacter() throws {
        let banks = try SignedBanks()
        // One bank's file: the difference is named before anything else.
        let changed = SignedBanks.script(days: "30, 91")
        let other = banks.folder.appending(path: "other.parley")
        try Data(changed.utf8).write(to: other)
        expectRefused(
            banks.run { if $0 == 1 { $1.script = other } }, ["script's hash", "bank-b has "])
        // All banks' files: nobody's officer has signed it.
        try banks.write(changed)
        let text = try SignedBanks.signable(SignedBanks.script()).text.hex.prefix(8)
        let now = try SignedBanks.signable(changed).text.hex.prefix(8)
        expectRefused(
            banks.run(),
            SignedBanks.names.map { "\($0)'s compliance signed with text \(text)" }
                + ["; this is \(now)", "sign again"])
        for party in 0..<3 { #expect(try banks.intents(party).isEmpty) }
        // What was signed runs.
        try banks.write(SignedBanks.script())
        for (party, result) in banks.run().enumerated() {
            #expect(try result.get().answers.map(\.rows) == [SignedBanks.expected()])
            #expect(try banks.verify(party).isSound)
        }
    }

    @Test("2: a script that reveals raw values is refused, with the path to who would learn them")
    func rawValues() throws {
        let banks = try SignedBanks()
        try banks.write(
            SignedBanks.script().replacing(
                "reveal loans, total from totals to all groups of at least 3 rows",
                with: "reveal amount from late to bank-a at most 5 rows"))
        let (line, path) = (
            "\"amount\" would tell single values of loan.amount [R10]",
            "path: loan.amount -> bank-a; reveal band(amount, ...), or sum up groups"
        )
        expectRefused(banks.run(), [line, path], code: .badInput)
        for command in [
            "check", "sign --role compliance --yes --roster roster.json --directory bank-a",
        ] {
            let words = command.split(separator: " ")
            let printed = try GuideTests.run(
                "parley \(words[0]) arrears.parley \(words.dropFirst().joined(separator: " ")) 2>&1; echo code $?",
                in: banks.folder)
            for part in [line, path, "code 65"] { #expect(printed.contains(part), "\(printed)") }
        }
    }

    @Test("3: a line taken out of a policy is what the refusal asks for, and nothing more")
    func policyLine() throws {
        let banks = try SignedBanks()
        let line = "      amount:\n        all: group of at least 3\n"
        try banks.writePolicy(of: 1, for: SignedBanks.script()) {
            $0.replacing(line, with: "")
        }
        expectRefused(
            banks.run(parties: [1]),
            [
                "loan.amount -> ",
                """
                to allow exactly this, put into policy.yaml:
                  tables:
                    loan:
                      columns:
                        amount:
                          all: group of at least 3
                """,
            ])
        let printed = try GuideTests.run(
            "parley run arrears.parley --roster roster.json --directory bank-b "
                + "--table loan=bank-b/loan.csv 2>&1; echo code $?", in: banks.folder)
        #expect(printed.contains("all: group of at least 3\ncode 78"), "\(printed)")
        // As it was asked for.
        try banks.writePolicy(of: 1, for: SignedBanks.script()) { $0 }
        for result in banks.run() { _ = try result.get() }
    }

    @Test("4 and 5: once a month, and repeated on the same tables alone")
    func rerun() throws {
        let banks = try SignedBanks()
        for result in banks.run() { _ = try result.get() }
        let session = try #require(try banks.intents(0).first).session
        expectRefused(
            banks.run(),
            [
                "arrears version 1 may run 1 per month",
                "is used up by session \(session.hex.prefix(8))",
            ])
        for result in banks.run({ $1.repeated = session }) {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [SignedBanks.expected()])
            #expect(report.rerunOf == session.hex)
        }
        try banks.write([(1, 51_928_337), (91, 73_312_969)], of: 1)
        let changed = banks.run { $1.repeated = session }
        expectRefused(
            changed,
            ["session \(session.hex.prefix(8))", "had other rows in bank-b's table loan"])
        // Nobody else learns what bank-b would commit to now, so that bank-b alone can tell.
        #expect(SignedBanks.refusals(changed).count == 1)
        for party in 0..<3 {
            #expect(try banks.intents(party).count == 2)
            #expect(try banks.verify(party).isSound)
        }
    }

    @Test(
        "6: a bank killed in mid-run: no output anywhere, a signed abort, and a run on the same tables"
    )
    func killed() throws {
        let text = SignedBanks.script(rows: "200_000")
        let banks = try SignedBanks(text)
        let children = try (0..<3).map { party in
            try ProcessTests.Child(
                [
                    "run", banks.scriptFile.path, "--roster", banks.rosterFile.path,
                    "--directory", banks.directory(party).url.path,
                    "--table", "loan=\(banks.table(of: party).path)", "--timeout", "5",
                    "--wait", "20",
                ], log: banks.directory(party).url.appending(path: "run.log"))
        }
        defer {
            for child in children where child.process.isRunning {
                kill(child.process.processIdentifier, SIGKILL)
            }
        }
        try #require(children[1].waits(for: "where days_late"), "\(children[1].text)")
        kill(children[1].process.processIdentifier, SIGKILL)
        for party in [0, 2] {
            #expect(
                children[party].exitCode(within: 30) == RunFailure.Code.unavailable.rawValue,
                "\(children[party].text)")
            let runs = banks.directory(party).url.appending(path: "runs")
            let files = FileManager.default.enumerator(atPath: runs.path)?.allObjects ?? []
            #expect(!files.contains { "\($0)".contains("reveal") || "\($0)".hasSuffix(".csv") })
            let end = try #require(try banks.outcomes(party).last)
            #expect(end.outcome.status == .aborted && end.outcome.culprit == "bank-b")
            #expect(
                end.outcome.releases.isEmpty && end.record.signers == [SignedBanks.names[party]])
        }
        // Nobody says for the killed bank that nothing was released: the month is used, by these tables.
        expectRefused(banks.run(), ["is used up by session"])
        let session = try #require(
            try banks.records(0).compactMap { record in
                if case .intent(let intent) = record.statement { intent.session } else { nil }
            }.first)
        for (party, result) in banks.run({ $1.repeated = session }).enumerated() {
            #expect(try result.get().answers.map(\.rows) == [SignedBanks.expected()])
            let ledger = try banks.verify(party)
            #expect(ledger.isSound && ledger.pending == 0)
        }
    }

    @Test("7, as far as it goes: no run of a script that asks for security against deviation")
    func malicious() throws {
        let banks = try SignedBanks()
        try banks.write(SignedBanks.script().replacing("semi-honest", with: "malicious"))
        expectRefused(
            banks.run(), ["no protocol against parties that deviate is built yet"], code: .badInput)
    }

    @Test("8: a signature removed, entries in another order, and a forged signature are found")
    func tamperedLedger() throws {
        let banks = try SignedBanks()
        for result in banks.run() { _ = try result.get() }
        let records = try banks.records(0)
        #expect(try banks.verify(0).isSound)
        let file = banks.directory(0).ledgerFile
        let sound = try Data(contentsOf: file)
        let (signed, approval) = try #require(
            records.lazy.compactMap { record -> (Int, RoleApproval)? in
                guard case .approval(let approval) = record.statement,
                    approval.author == "bank-b", let index = record.index
                else { return nil }
                return (index, approval)
            }.first)
        let intent = try #require(
            records.first { if case .intent = $0.statement { true } else { false } }?.index)

        func findings(_ statements: [String]) throws -> [Int?] {
            try sound.write(to: file)
            try Self.tamper(file, statements)
            return try banks.verify(0).findings.map(\.entry)
        }
        #expect(try findings(["DELETE FROM entries WHERE position = \(signed)"]).contains(signed))
        #expect(
            try findings([
                "UPDATE entries SET position = 99 WHERE position = \(signed)",
                "UPDATE entries SET position = \(signed) WHERE position = \(intent)",
                "UPDATE entries SET position = \(intent) WHERE position = 99",
            ]).contains(signed))
        // One bit of the officer's own signature.
        var forged = approval.signature
        forged[0] ^= 1
        #expect(
            try findings([
                """
                UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT),
                '\(approval.signature.base64EncodedString())',
                '\(forged.base64EncodedString())') AS BLOB) WHERE position = \(signed)
                """
            ]).contains(signed))
        try sound.write(to: file)
        #expect(try banks.verify(0).isSound)
    }

    /// Changes a ledger's file as somebody with all means but the keys does: triggers are put back.
    private static func tamper(_ file: URL, _ statements: [String]) throws {
        let database = try DatabaseQueue(path: file.path)
        try database.write { database in
            let triggers = try Row.fetchAll(
                database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers {
                try database.execute(sql: "DROP TRIGGER \(trigger[0] as String)")
            }
            for statement in statements {
                try database.execute(sql: statement)
                #expect(database.changesCount == 1, "\(statement)")
            }
            for trigger in triggers { try database.execute(sql: trigger[1]) }
        }
        try database.close()
    }

    @Test("9: what a policy allows per month is used up, whatever the script allows")
    func budget() throws {
        let text = SignedBanks.script(runs: 9)
        let banks = try SignedBanks(text)
        try banks.writePolicy(of: 2, for: text) {
            $0.replacing("runs: 9 per month", with: "runs: 1 per month")
        }
        for result in banks.run() { _ = try result.get() }
        let second = banks.run()
        expectRefused(
            [second[2]],
            ["loan may be read by 1 run per month, and in ", "runs: 2 per month"])
        for result in second { #expect(throws: RunFailure.self) { try result.get() } }
        for party in 0..<3 {
            #expect(try banks.intents(party).count == 1)
            #expect(try banks.verify(party).isSound)
        }
    }
}
