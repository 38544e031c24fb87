import Foundation
import Ledger
import Primitives
import Testing

/// Entries of all fourteen kinds, made here from their fields, are those that Python makes from the
/// written specification, to the byte.
@Suite struct KindVectorTests {
    private let vectors: FormatVectors
    private let parties: LedgerParties

    init() throws {
        vectors = try FormatVectors.load()
        parties = try vectors.parties
    }

    private func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

    private func digests(_ what: String, of names: [String]? = nil) -> [PartyDigest] {
        (names ?? parties.names).map { .init(party: $0, digest: digest("\(what) of \($0)")) }
    }

    @Test("Every statement has its canonical bytes and digest, every entry its bytes and leaf hash")
    func bytes() throws {
        let statements = try runs() + governance() + contents() + evidence() + approvals()
        #expect(Set(statements.map(\.kind)) == Set(Statement.Kind.allCases))
        let expected = Dictionary(
            uniqueKeysWithValues: vectors.kinds.map { ($0.statementDigest, $0) })
        #expect(expected.count == statements.count && vectors.kinds.count == statements.count)
        for statement in statements {
            let text = String(decoding: try statement.bytes, as: UTF8.self)
            guard let vector = expected[try statement.digest] else {
                Issue.record("no vector has \(text)")
                continue
            }
            #expect(vector.entry.contains("\"statement\":\(text),\"time\":"))
            let entry = try signed(statement, like: vector)
            #expect(String(decoding: entry.bytes, as: UTF8.self) == vector.entry)
            #expect(entry.leafHash == vector.leafHash)
            #expect(try Entry(parsing: Array(vector.entry.utf8)) == entry)
            var memo = SignatureMemo()
            try entry.verify(parties, &memo)
        }
    }

    /// The entry, signed here by those who signed the vector.
    private func signed(_ statement: Statement, like vector: FormatVectors.Kind) throws -> Entry {
        let signers = try Entry(parsing: Array(vector.entry.utf8)).signers
        let signatures = try signers.map { name in
            let key = FormatVectors.keys(try #require(parties.names.firstIndex(of: name))).statement
            let alone = try Entry.signing([statement], by: name, key: key, origin: parties.origin)
            return try #require(alone[0].signatures.first)
        }
        return try Entry.joining(statement, signatures)
    }

    // MARK: The statements

    private func runs() throws -> [Statement] {
        [.genesis(Genesis(parties, time: vectors.time)), intent(nil), intent("dealer")]
            + (try outcomes()).map(Statement.outcome)
    }

    private func intent(_ dealer: String?) -> Statement {
        .intent(
            Intent(
                session: digest("session"),
                program: .init(name: "exposure", hash: digest("program")),
                parameters: .init(
                    ring: "z64", protocol: "replicated3", preprocessing: "none needed",
                    thresholds: [.init(name: "total", value: "100000.00")]),
                participants: .init(parties: parties.names, dealer: dealer),
                inputs: digests("rows").map {
                    .init(party: $0.party, table: "transfers", rows: 3, commitment: $0.digest)
                },
                seeds: dealer == nil ? digests("seed") : [],
                period: dealer == nil ? nil : "2026-11", time: vectors.time))
    }

    private func outcomes() throws -> [Outcome] {
        let session = digest("session")
        let intent = try intent(nil).digest
        return [
            .completed(
                session: session, intent: intent,
                releases: [.init(recipients: ["bank-a", "bank-c"], commitments: digests("share"))],
                receipts: digests("receipt"), transcripts: digests("transcript"),
                time: vectors.time),
            .ended(
                .suppressed, session: session, intent: intent, step: "release", accuser: nil,
                culprit: nil, reason: "too few rows", time: vectors.time),
            .ended(
                .aborted, session: session, intent: intent, step: "multiply", accuser: "bank-c",
                culprit: "bank-b", reason: "it hung up / was cut off",
                transcripts: digests("transcript", of: ["bank-c"]), time: vectors.time),
            .ended(
                .refused, session: session, intent: intent, step: "agree", accuser: nil,
                culprit: nil, reason: "other rules", time: vectors.time),
        ]
    }

    private func governance() throws -> [Statement] {
        let base = try Statement.genesis(Genesis(parties, time: vectors.time)).digest
        let proposals = try [
            Proposal.Action.addMember(FormatVectors.keys(3).member(name: "bank-d")),
            .removeMember("bank-c"), .setKeys(FormatVectors.keys(4).member(name: "bank-b")),
            .setPolicy(LedgerPolicy(needed: 3, faulty: 1, of: 3)), .setSequencer("bank-c"),
        ].map {
            Statement.proposal(
                Proposal(author: "bank-a", base: base, action: $0, time: vectors.time))
        }
        return proposals + [
            .ballot(
                Ballot(
                    author: "bank-b", proposal: try proposals[0].digest, approves: true,
                    time: vectors.time))
        ]
    }

    private func contents() throws -> [Statement] {
        let note = Statement.note(
            Note(
                author: "bank-b", recipients: ["bank-b", "bank-c"],
                claims: ConfidentialReceipt.claimsDigest(
                    collection: "reports", contents: "case 4711: \"seen\"\n",
                    secretKey: Array(0..<32)),
                time: vectors.time))
        let bytes = (0..<(1 << 20) + 5).map { UInt8($0 % 251) }
        let secret = Digest(Array(0..<32)) ?? .zero
        let commitment = InputCommitment(
            rowCount: 2, secret: SecretBytes(copying: secret.bytes)
        ) { index, row in row += index == 0 ? bytes[..<(1 << 20)] : bytes[(1 << 20)...] }
        let file = Statement.file(
            StoredFile(
                author: "bank-b", recipients: parties.names,
                claims: ConfidentialReceipt.claimsDigest(
                    collection: "parley:files",
                    contents: "{\"name\":\"model é.bin\",\"secret\":\"\(secret.hex)\"}",
                    secretKey: Array(32..<64)),
                bytes: bytes.count, chunkBytes: 1 << 20, content: commitment.root,
                time: vectors.time))
        return [
            note, file,
            .receipt(
                Receipt(
                    author: "bank-c", subject: try file.digest, content: commitment.root,
                    time: vectors.time)),
            .erasure(Erasure(author: "bank-b", subject: try note.digest, time: vectors.time)),
            .retention(
                Retention(
                    author: "bank-b", subject: try file.digest, until: vectors.time + 86_400,
                    isLocked: true, holds: ["Fall 4711/b", "§ \"49\" 𝄞"], time: vectors.time)),
        ]
    }

    private func evidence() -> [Statement] {
        let document =
            "{\"database_name\":\"bank-a\",\"block_id\":0,\"hash\":\"0x"
            + digest("block").hex.uppercased()
            + "\",\"last_transaction_commit_time\":\"2026-11-01T00:00:00.0000000\","
            + "\"digest_time\":\"2026-11-01T00:00:01.0000000\"}"
        let binary = digest("program file")
        return [
            .digest(TableDigest(author: "bank-a", document: document, time: vectors.time)),
            .build(
                BuildEvidence(
                    author: "bank-a", binary: binary, commit: "3f9c2ab",
                    packages: [.init(name: "GRDB", version: "7.10.0")],
                    quote: Data([0xFB, 0xFF, 0xFE, 0x3F]), time: vectors.time)),
            .build(
                BuildEvidence(
                    author: "bank-c", binary: binary, commit: "3f9c2ab", packages: [], quote: nil,
                    time: vectors.time)),
            .service(
                ServiceCertificate(
                    author: "bank-b", fingerprint: SHA256.hash([0]), time: vectors.time)),
        ]
    }

    private func approvals() throws -> [Statement] {
        let subject = ApprovalSubject(
            script: "exposure", version: 1, text: digest("text"), manifest: digest("manifest"),
            library: "0.1.0", protocol: "replicated3", ring: "z64", roster: digest("roster"))
        let key = SigningKey(seed: SecretBytes(copying: Array(repeating: 7, count: 32)))
        return try [(RoleApproval.Verdict.approved, "2027-06-30"), (.withdrawn, nil)].map {
            let approval = try RoleApproval(
                author: "bank-b", role: "compliance", subject: subject, verdict: $0, until: $1,
                time: vectors.time, key: key)
            #expect(approval.isSigned(by: key.publicKey))
            return .approval(approval)
        }
    }
}
