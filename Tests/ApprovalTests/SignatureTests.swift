import Applications
import Approval
import Foundation
import Ledger
import Primitives
import Testing

/// A run begins only if every role of every party signed exactly this.
@Suite struct SignatureTests {
    private let fixture: ApprovalFixture

    init() throws { fixture = try ApprovalFixture() }

    @Test("With all signatures it runs, and a person sees who signed and which run it is")
    func complete() throws {
        let statements = try fixture.approvals(
            but: [fixture.approval("bank-b", until: "2026-11-23")])
        let gate = RunGate(
            fixture.run(), try RunHistory(statements.reversed()), inputs: nil)
        #expect(gate.refusals.isEmpty)
        #expect(
            gate.notes == [
                "signed by bank-a's compliance, bank-b's compliance (until 2026-11-23), bank-c's "
                    + "compliance", "run 1 of 1 in 2026-11",
            ])
    }

    @Test("Every party that has not signed is named; without roles nobody had to")
    func missing() throws {
        let refusals = try fixture.refusals([fixture.approval("bank-b")])
        #expect(
            refusals
                == ["bank-a", "bank-c"].map {
                    "\($0)'s compliance has not signed structuring version 1: run `parley sign` "
                        + "there, then `parley ledger sync` at all parties"
                })
        let gate = RunGate(fixture.run(demands: []), try RunHistory([Statement]()), inputs: nil)
        #expect(gate.refusals.isEmpty)
        #expect(
            gate.notes.first
                == "no party has roles in the roster: nobody had to sign structuring version 1")
    }

    private func refusal(_ others: [Statement]) throws -> [String] {
        try fixture.refusals(fixture.approvals(but: others))
    }

    @Test("Another library, protocol, ring or roster was signed: the difference is told")
    func otherSubject() throws {
        func refusal(_ signed: ApprovalSubject) throws -> [String] {
            try self.refusal([fixture.approval("bank-b", subject: signed)])
        }
        let what = "bank-b's compliance signed with "
        #expect(
            try refusal(fixture.subject(library: "0.1.0"))
                == ["\(what)library 0.1.0; this is 0.2.0: sign again"])
        #expect(
            try refusal(fixture.subject(protocol: "additive-ot", ring: "p62"))
                == [
                    "\(what)protocol additive-ot, ring p62; this is replicated3, z64: sign again"
                ])
        let (signed, now) = (ApprovalFixture.digest("old"), fixture.subject.roster)
        #expect(
            try refusal(fixture.subject(roster: "old"))
                == [
                    "\(what)roster \(signed.hex.prefix(8))…; this is \(now.hex.prefix(8))…: "
                        + "sign again"
                ])
    }

    @Test("One changed character of the script is another text, which nobody signed")
    func changedCharacter() throws {
        let text = ScriptLibrary.structuring.text
        let changed = text.replacing("20 in a window", with: "21 in a window")
        #expect(changed != text)
        let other = try ApprovalFixture(changed)
        #expect(other.script.manifest == fixture.script.manifest)
        let refusals = try other.refusals(
            fixture.approvals().map { statement in
                guard case .approval(let approval) = statement else { return statement }
                return .approval(approval)
            })
        let (signed, now) = (fixture.script.text.hex.prefix(8), other.script.text.hex.prefix(8))
        #expect(
            refusals
                == ApprovalFixture.parties.map {
                    "\($0)'s compliance signed with text \(signed)…; this is \(now)…: sign again"
                })
    }

    @Test("A lapsed approval, and one on its last day")
    func lapsed() throws {
        #expect(
            try refusal([fixture.approval("bank-a", until: "2026-11-22")]) == [
                "bank-a's compliance signed until 2026-11-22, and today is 2026-11-23: sign again"
            ])
        #expect(try refusal([fixture.approval("bank-a", until: "2026-11-23")]).isEmpty)
        // A later approval replaces it, and the other way round.
        let renewed = try fixture.approval("bank-a", time: ApprovalFixture.now + 1)
        let old = try fixture.approval("bank-a", until: "2026-11-22")
        #expect(try refusal([renewed, old]).isEmpty)
        let shortened = try fixture.approval(
            "bank-a", until: "2026-11-22", time: ApprovalFixture.now + 2)
        #expect(try refusal([renewed, shortened]).count == 1)
    }

    @Test("What was withdrawn stays so, wherever the old approval is stated again")
    func withdrawn() throws {
        let approved = try fixture.approval("bank-c")
        let withdrawn = try fixture.approval(
            "bank-c", verdict: .withdrawn, time: ApprovalFixture.now + 1)
        let expected = [
            "bank-c's compliance withdrew its approval on 2026-11-23: it must sign again"
        ]
        #expect(try refusal([approved, withdrawn]) == expected)
        #expect(try refusal([withdrawn, approved]) == expected)
        #expect(try refusal([approved, withdrawn, approved]) == expected)
        let same = try fixture.approval("bank-c", verdict: .withdrawn)
        #expect(try refusal([approved, same]) == expected)
        let again = try fixture.approval("bank-c", time: ApprovalFixture.now + 2)
        #expect(try refusal([again, approved, withdrawn]).isEmpty)
        // Of another subject it says nothing about this one.
        let elsewhere = try fixture.approval(
            "bank-c", subject: fixture.subject(ring: "z128"), verdict: .withdrawn,
            time: ApprovalFixture.now + 1)
        #expect(try refusal([approved, elsewhere]).isEmpty)
    }

    private let forged = [
        "bank-b's compliance has a signature that is not by its key in the roster: sign with its "
            + "own key"
    ]

    @Test("A forged signature, and one of another role or party")
    func forgedSignatures() throws {
        #expect(try refusal([fixture.approval("bank-b", by: "stranger")]) == forged)
        #expect(try refusal([fixture.approval("bank-b", by: "bank-a")]) == forged)
        // One that is right counts all the same.
        let stranger = try fixture.approval(
            "bank-b", by: "stranger")
        #expect(try refusal([stranger, fixture.approval("bank-b")]).isEmpty)
        let withdrawal = try fixture.approval(
            "bank-b", verdict: .withdrawn, time: ApprovalFixture.now + 9, by: "stranger")
        #expect(try refusal([fixture.approval("bank-b"), withdrawal]).isEmpty)
        let owner = try fixture.approval("bank-b", role: "owner")
        #expect(try refusal([owner]).first?.contains("bank-b's compliance has not signed") == true)
    }

    @Test("A signature does not fit another role, party, verdict, date, time or subject")
    func replayed() throws {
        guard case .approval(let signed) = try fixture.approval("bank-b", until: "2026-12-31")
        else { return }
        let key = try #require(fixture.keys["bank-b"]).publicKey
        #expect(signed.isSigned(by: key))
        func changed(
            author: String = "bank-b", role: String = "compliance",
            subject: ApprovalSubject? = nil, verdict: RoleApproval.Verdict = .approved,
            until: String? = "2026-12-31", time: Int64 = ApprovalFixture.now
        ) -> RoleApproval {
            RoleApproval(
                author: author, role: role, subject: subject ?? fixture.subject,
                verdict: verdict, until: until, signature: signed.signature, time: time)
        }
        #expect(changed().isSigned(by: key))
        for other in [
            changed(author: "bank-a"), changed(role: "owner"),
            changed(subject: fixture.subject(ring: "z128")), changed(verdict: .withdrawn),
            changed(until: nil), changed(until: "2027-12-31"),
            changed(time: ApprovalFixture.now + 1),
        ] {
            #expect(!other.isSigned(by: key))
        }
        #expect(
            try self.refusal([.approval(changed(time: ApprovalFixture.now + 1))]) == forged)
    }
}
