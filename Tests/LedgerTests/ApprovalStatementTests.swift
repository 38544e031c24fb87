import Foundation
import Ledger
import Primitives
import Testing

/// Approvals as statements of the ledger: their form, and that an audit accepts them.
@Suite struct ApprovalStatementTests {
    private let fixture: LedgerFixture

    init() throws { fixture = try LedgerFixture() }

    private func approval(
        role: String = "compliance", script: String = "exposure", version: Int = 1,
        until: String? = "2027-06-30", signature: Data = Data(repeating: 7, count: 64)
    ) -> Statement {
        let subject = ApprovalSubject(
            script: script, version: version, text: LedgerFixture.digest("text"),
            manifest: LedgerFixture.digest("manifest"), library: "0.1.0", protocol: "replicated3",
            ring: "z64", roster: LedgerFixture.digest("roster"))
        return .approval(
            RoleApproval(
                author: "bank-b", role: role, subject: subject, verdict: .approved, until: until,
                signature: signature, time: LedgerFixture.now))
    }

    /// Why a cosigner refuses it; nil if it does not.
    private func refusal(_ statement: Statement) throws -> LedgerError? {
        let entry = try Entry.signing(
            [statement], by: "bank-b", key: fixture.keys[1].statement,
            origin: fixture.parties.origin)[0]
        var memo = SignatureMemo()
        do {
            try entry.verify(fixture.parties, &memo)
            return nil
        } catch { return error }
    }

    @Test("Names are one line, days are days, signatures have 64 bytes")
    func fields() throws {
        #expect(try refusal(approval()) == nil)
        #expect(try refusal(approval(until: nil)) == nil)
        for day in ["", "2027-6-30", "2027-06-3O", "27-06-2027", "2027-06-30 ", "2027/06/30"] {
            #expect(
                try refusal(approval(until: day))
                    == .malformed("the last day of an approval is not written as 2027-06-30"))
        }
        for length in [0, 63, 65] {
            #expect(
                try refusal(approval(signature: Data(repeating: 7, count: length)))
                    == .malformed("an approval's signature has not 64 bytes"))
        }
        #expect(
            try refusal(approval(version: -1))
                == .malformed("an approval has a script's version out of range"))
        for text in ["", "a\nb", String(repeating: "x", count: 257)] {
            #expect(
                try refusal(approval(role: text))
                    == .malformed("a role in a statement is not one line of 1 to 256 bytes"))
            #expect(
                try refusal(approval(script: text))
                    == .malformed(
                        "a script's name in a statement is not one line of 1 to 256 bytes"))
        }
    }

    @Test("Another spelling of an approval is refused: every field is signed as it stands")
    func spelling() throws {
        let text = String(decoding: try approval().bytes, as: UTF8.self)
        func read(_ from: String, _ to: String) throws -> Statement {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            return try CanonicalJSON.decode(
                Statement.self, from: Array(changed.utf8), as: "a statement")
        }
        #expect(
            try CanonicalJSON.decode(Statement.self, from: Array(text.utf8), as: "it") == approval()
        )
        #expect(throws: LedgerError.self) { try read("approved", "agreed") }
        #expect(throws: LedgerError.self) { try read(#""ring":"z64","#, "") }
        #expect(throws: LedgerError.self) { try read(#""role""#, #""note":"","role""#) }
        #expect(throws: LedgerError.self) {
            try read(
                LedgerFixture.digest("text").hex, LedgerFixture.digest("text").hex.uppercased())
        }
    }

    @Test("An approval comes into the ledger of all, and an audit accepts it")
    func audited() throws {
        let statement = approval()
        _ = try fixture.open(1).record([statement])
        try fixture.synchronize()
        for party in 0..<3 {
            #expect(fixture.audit(party).isSound)
            let records = try fixture.records(party)
            #expect(records.last?.statement == statement && records.last?.signers == ["bank-b"])
        }
    }
}
