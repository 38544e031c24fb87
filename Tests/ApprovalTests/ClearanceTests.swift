import Applications
import Approval
import Foundation
import Ledger
import Networking
import Primitives
import Runner
import Script
import TestSupport
import Testing

/// Role keys, approvals and policies in a party's folder, and what together lets a run begin.
@Suite final class ClearanceTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
    private let script: SignableScript
    private let roster: Roster

    init() throws {
        script = try SignableScript(
            SourceText(name: "structuring", ScriptLibrary.structuring.text), over: .z64)
        let folder = folder
        roster = try Roster(
            parties: try ApprovalFixture.parties.enumerated().map { index, name in
                try PartyDirectory(folder.appending(path: name)).createIdentity(
                    name: name, host: "127.0.0.1", port: 7101 + index,
                    roles: name == "bank-c" ? [] : ["compliance", "owner"], days: 2,
                    randomness: SeededRandomness(seed: UInt64(index)))
            })
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func directory(_ party: String) -> PartyDirectory {
        PartyDirectory(folder.appending(path: party))
    }

    private func run() throws -> ScriptRun {
        let source = SourceText(name: "structuring", ScriptLibrary.structuring.text)
        return try ScriptRun(
            AgreedScript(source, period: "2026-11", choices: [], over: .z64), by: .replicated3,
            over: .z64, roster: roster, rerun: nil, today: ApprovalFixture.today)
    }

    private func sign(
        _ party: String, _ role: String, until: String? = nil
    ) throws -> RoleApproval {
        let key = try PartyDirectory.roleKey(in: directory(party).roleKeyFile(role))
        return try RoleApproval(
            author: party, role: role, subject: try run().subject, verdict: .approved, until: until,
            time: ApprovalFixture.now, key: key)
    }

    @Test("Role keys are their owner's to read alone, and the roster has their public part")
    func roleKeys() throws {
        #expect(
            roster.roleDemands.map { "\($0.party) \($0.role)" }
                == ["bank-a compliance", "bank-a owner", "bank-b compliance", "bank-b owner"])
        for demand in roster.roleDemands {
            let file = directory(demand.party).roleKeyFile(demand.role)
            let key = try PartyDirectory.roleKey(in: file)
            #expect(key.publicKey == demand.key)
            let mode =
                try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
        let file = directory("bank-a").roleKeyFile("owner")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        #expect(throws: RunFailure.self) { try PartyDirectory.roleKey(in: file) }
        #expect(throws: RunFailure.self) {
            try PartyDirectory.roleKey(in: directory("bank-c").roleKeyFile("owner"))
        }
    }

    @Test("Approvals are files until the ledger has them; a damaged one is told")
    func files() throws {
        let bank = directory("bank-a")
        #expect(try bank.unrecordedApprovals().isEmpty)
        let approvals = try [sign("bank-a", "compliance"), sign("bank-a", "owner")]
        let files = try approvals.map(bank.save)
        #expect(Set(files.map(\.lastPathComponent)).count == 2)
        #expect(try Set(bank.approvals()) == Set(approvals))
        #expect(try Set(bank.unrecordedApprovals()) == Set(approvals.map(Statement.approval)))

        let ledger = try bank.sharedLedger(roster)
        _ = try ledger.record([.approval(approvals[0])])
        #expect(try bank.unrecordedApprovals() == [.approval(approvals[1])])

        let data = try Data(contentsOf: files[0])
        try (data + Data("\n".utf8)).write(to: files[0])
        #expect(throws: RunFailure.self) { try bank.approvals() }
    }

    @Test("An own withdrawal counts before it is in the log, an own approval does not")
    func pending() throws {
        let bank = directory("bank-a")
        try Data(Policy.draft(for: script, party: "bank-a").utf8).write(to: bank.policyFile)
        let ledger = try bank.sharedLedger(roster)
        let key = try PartyDirectory.roleKey(in: bank.roleKeyFile("owner"))
        func refusal(_ verdict: RoleApproval.Verdict, later seconds: Int64) throws -> String {
            let approval = try RoleApproval(
                author: "bank-a", role: "owner", subject: run().subject, verdict: verdict,
                until: nil, time: ApprovalFixture.now + seconds, key: key)
            _ = try ledger.record([.approval(approval)])
            do {
                _ = try bank.clear(run(), of: "bank-a")
                return ""
            } catch { return "\(error)" }
        }
        #expect(try refusal(.approved, later: 0).contains("bank-a's owner has not signed"))
        #expect(try refusal(.withdrawn, later: 1).contains("bank-a's owner withdrew"))
    }

    private func clearance(
        _ party: String, _ statements: [Statement], _ policy: Policy?
    ) throws -> ScriptClearance {
        ScriptClearance(try run(), of: party, policy: policy, try RunHistory(statements))
    }

    @Test("All signatures and an own policy that allows it: then it runs")
    func cleared() throws {
        let all = try roster.roleDemands.map {
            Statement.approval(try sign($0.party, $0.role))
        }
        let text = Policy.draft(for: script, party: "bank-a")
        try Data(text.utf8).write(to: directory("bank-a").policyFile)
        let policy = try #require(try directory("bank-a").policy())
        let cleared = try clearance("bank-a", all, policy)
        #expect(
            try cleared.approved() == [
                "signed by bank-a's compliance, bank-a's owner, bank-b's compliance, bank-b's owner",
                "run 1 of 1 in 2026-11",
            ])
        let missing = try clearance("bank-a", Array(all.dropLast()), policy)
        #expect(
            missing.refusals == [
                "bank-b's owner has not signed structuring version 1: run `parley sign` there, then "
                    + "`parley ledger sync` at all parties"
            ])
        #expect(throws: RunFailure(.refused, missing.refusals[0])) { try missing.approved() }
    }

    @Test("A folder's own ledger and policy decide")
    func ownFolder() throws {
        let bank = directory("bank-c")
        #expect(throws: RunFailure.self) { try bank.clear(run(), of: "bank-c") }
        let alone = try ScriptRun(
            AgreedScript(
                SourceText(name: "structuring", ScriptLibrary.structuring.text),
                period: "2026-11", choices: [], over: .z64), by: .replicated3, over: .z64,
            roster: Roster(
                parties: roster.parties.map { party in
                    Roster.Member(
                        name: party.name, host: party.host, port: party.port,
                        fingerprint: party.fingerprint, statementKey: party.statementKey,
                        cosignerKey: party.cosignerKey, logKey: party.logKey,
                        deliveryKey: party.deliveryKey)
                }), rerun: nil, today: ApprovalFixture.today)
        #expect(
            try bank.clear(alone, of: "bank-c").first
                == "no party has roles in the roster: nobody had to sign structuring version 1")
        let draft = Policy.draft(for: script, party: "bank-c").replacing("bank-a", with: "bank-x")
        try Data(draft.utf8).write(to: bank.policyFile)
        #expect(
            throws: RunFailure(
                .refused,
                """
                bank-a takes part, with whom the policy allows nothing
                to allow exactly this, put into policy.yaml:
                  parties:
                    - "bank-a"
                """)
        ) { try bank.clear(alone, of: "bank-c") }
    }

    @Test("Without a policy: nothing where there are roles, a warning where there are none")
    func withoutPolicy() throws {
        #expect(try directory("bank-a").policy() == nil)
        let all = try roster.roleDemands.map {
            Statement.approval(try sign($0.party, $0.role))
        }
        #expect(
            try clearance("bank-a", all, nil).refusals == [
                "bank-a has roles but no policy.yaml, so nothing is allowed: write one with `parley "
                    + "policy draft SCRIPT --party bank-a`"
            ])
        let open = try clearance("bank-c", all, nil)
        #expect(open.refusals.isEmpty)
        #expect(
            open.notes.last == "bank-c has no policy.yaml and no roles in the roster: nothing "
                + "restrains what its data is used for")
        // With a policy it is the policy that counts.
        #expect(try !clearance("bank-c", all, Policy()).refusals.isEmpty)
    }

    @Test("A policy file that is none stops everything")
    func damagedPolicy() throws {
        let bank = directory("bank-b")
        try Data("version: 1\npurposes: [a]\n".utf8).write(to: bank.policyFile)
        #expect(
            throws: RunFailure(
                .badInput, "\(bank.policyFile.path): policy, line 1: the policy lacks parties")
        ) { try bank.policy() }
        try Data(repeating: 0x20, count: 1 << 20).write(to: bank.policyFile)
        #expect(throws: RunFailure.self) { try bank.policy() }
    }
}
