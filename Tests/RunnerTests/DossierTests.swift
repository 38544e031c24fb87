import Approval
import Foundation
import MPC
import Primitives
import Reports
import Runner
import Script
import Testing

/// `parley report` and `parley dossier` of a signed run: the commands that they print are run.
@Suite struct DossierTests {
    private let banks: SignedBanks
    private let session: String

    /// A run that has ended, with its files in every bank's folder.
    init() throws {
        banks = try SignedBanks()
        var sessions: Set<String> = []
        for (party, result) in banks.run().enumerated() {
            let report = try result.get()
            try report.write(into: banks.directory(party))
            sessions.insert(report.session)
        }
        session = try #require(sessions.count == 1 ? sessions.first : nil)
    }

    private func make(_ kind: String, of bank: String, as out: String) throws -> String {
        try GuideTests.run(
            "parley \(kind) \(session.prefix(8)) --roster roster.json --directory \(bank) "
                + "--out \(out) 2>&1; echo code $?", in: banks.folder)
    }

    private func page(_ name: String) throws -> String {
        try String(contentsOf: banks.folder.appending(path: name), encoding: .utf8)
    }

    /// The commands on a page that somebody is to type.
    private static func commands(_ html: String) throws -> [String] {
        let block = try #require(
            html.components(separatedBy: "<pre").first { $0.contains("\nparley-audit ledger ") })
        let text = block.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }
        return text.replacing("&gt;", with: ">").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    /// Nothing that a browser would fetch or run.
    private static func expectSelfContained(_ html: String) {
        for outside in [
            "http:", "https:", "src=", "url(", "@import", "<link", "<script", "<iframe",
        ] {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(html.matches(of: /href="/).count == html.matches(of: /href="#/).count)
    }

    /// What is in the banks' tables, and what was computed from them.
    private static var secrets: [String] {
        let amounts = SignedBanks.loans.joined().map { SignedBanks.amount($0.cents) }
        let texts = amounts + [SignedBanks.expected()[0][1]]
        // As a page would group the digits, and in cents.
        return texts + texts.map { $0.replacing(".", with: "") }
            + texts.map { text in "\(text.dropLast(6)),\(text.suffix(6))" }
    }

    @Test("What a run's report says, its pages read")
    func roundTrip() throws {
        let id = try #require(Digest(hex: session))
        let json = try Data(
            contentsOf: banks.directory(1).runFolder(of: id).appending(path: "report.json"))
        let report = try JSONDecoder().decode(RunReport.self, from: json)
        let record = try RunRecord(parsing: Array(json))
        let read: [String?] = [
            record.script, record.scriptHash, record.session, record.party, record.ring,
            record.period, record.security.protocolName, record.security.title,
            record.security.dealer, record.security.adversary, record.security.assumptions,
            record.randomness.source, record.randomness.preparation,
        ]
        let written: [String?] = [
            report.script, report.scriptHash, report.session, report.party, report.ring,
            report.period, report.security.protocolName, report.security.title,
            report.security.dealer, report.security.adversary, report.security.assumptions,
            report.randomness.source, report.randomness.preparation,
        ]
        #expect(read == written)
        #expect(record.version == report.version && record.time == report.time)
        #expect(record.security.threshold == report.security.threshold)
        #expect(record.choices == report.choices && !record.choices.isEmpty)
        #expect(record.security.computingParties == report.security.computingParties)
        #expect(record.tables.map(\.name) == report.tables.map(\.name))
        #expect(record.tables.map(\.rows) == report.tables.map(\.rows))
        #expect(try encodedJSON(record.answers) == encodedJSON(report.answers))
        #expect(!record.answers.isEmpty && !record.costs.rows.isEmpty)
        #expect(try encodedJSON(record.manifest) == encodedJSON(report.manifest))
    }

    @Test("A dossier is complete, verifies by its own commands, and holds no data")
    func dossier() throws {
        let made = try make("dossier", of: "bank-b", as: "dossier")
        #expect(made.contains("begin with dossier/dossier.html\ncode 0"), "\(made)")
        let folder = banks.folder.appending(path: "dossier")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        let files = paths.map { "\($0)" }
        // The founding is not of this run; three signatures, intent and outcome are.
        let entries = [
            "1-approval", "2-approval", "3-approval", "4-intent", "5-outcome",
        ]
        for file in [
            "dossier.html", "SHA256SUMS", "script.parley", "manifest.txt", "manifest.json",
            "security.json", "costs.json", "approvals.json", "roster.json", "ledger/policy.txt",
            "ledger/checkpoint.txt",
        ] + entries.flatMap({ ["ledger/\($0).json", "ledger/\($0).tlog-proof"] }) {
            #expect(files.contains(file), "\(file) is not among \(files)")
        }
        let html = try page("dossier/dossier.html")
        Self.expectSelfContained(html)

        // 1. All that a supervisor is told to type.
        let commands = try Self.commands(html)
        #expect(commands.first == "sha256sum -c SHA256SUMS")
        #expect(commands.filter { $0.hasPrefix("parley-audit proof ") }.count == entries.count)
        for command in commands {
            let typed = command.replacing("bank/ledger.sqlite", with: "../bank-a/ledger.sqlite")
            let printed = try GuideTests.run("\(typed) 2>&1; echo code $?", in: folder)
            #expect(printed.hasSuffix("code 0\n"), "\(typed)\n\(printed)")
        }
        #expect(try page("dossier/script.parley") == SignedBanks.script())
        let text = try SignedBanks.signable(SignedBanks.script()).text.hex
        #expect(try page("dossier/ledger/4-intent.json").contains(text))
        for bank in SignedBanks.names {
            #expect(try page("dossier/approvals.json").contains("\"\(bank)\""))
        }

        // 2. No row of anybody's table, and no result.
        for file in files where !files.contains(where: { $0.hasPrefix("\(file)/") }) {
            let text = try page("dossier/\(file)")
            for secret in Self.secrets {
                #expect(!text.contains(secret), "\(secret) is in \(file)")
            }
        }

        // 3. A changed file and a changed entry are found; nothing is written over.
        try Data(SignedBanks.script(days: "30, 91").utf8)
            .write(to: folder.appending(path: "script.parley"))
        let checked = try GuideTests.run("sha256sum -c SHA256SUMS 2>&1; echo code $?", in: folder)
        #expect(checked.contains("script.parley: FAILED") && checked.hasSuffix("code 1\n"))
        let entry = try page("dossier/ledger/5-outcome.json")
        try Data(entry.replacing("completed", with: "suppressed").utf8)
            .write(to: folder.appending(path: "ledger/5-outcome.json"))
        let proof = try #require(commands.first { $0.contains("5-outcome") })
        let other = try GuideTests.run("\(proof) 2>&1; echo code $?", in: folder)
        #expect(!other.hasSuffix("code 0\n"), "\(other)")
        #expect(try make("dossier", of: "bank-b", as: "dossier").hasSuffix("code 73\n"))
    }

    @Test("A report has what its own party learned; its commands verify the run")
    func report() throws {
        let made = try make("report", of: "bank-a", as: "run.html")
        #expect(made == "run.html\ncode 0\n")
        let html = try page("run.html")
        Self.expectSelfContained(html)
        // As the dossier is searched for it.
        for cell in SignedBanks.expected()[0] { #expect(html.contains(">\(cell)</td>")) }
        let commands = try Self.commands(html)
        #expect(commands.count == 2 + 2 * 5)
        for command in commands {
            let typed = command.replacing("OWN", with: "bank-a")
            let printed = try GuideTests.run("\(typed) 2>&1; echo code $?", in: banks.folder)
            #expect(printed.hasSuffix("code 0\n"), "\(typed)\n\(printed)")
        }
        let missing = try GuideTests.run(
            "parley report 00000000 --roster roster.json --directory bank-a --out no.html 2>&1; "
                + "echo code $?", in: banks.folder)
        #expect(missing.hasSuffix("code 64\n"), "\(missing)")
    }
}
