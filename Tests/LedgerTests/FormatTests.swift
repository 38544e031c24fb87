import Foundation
import Ledger
import Primitives
import Testing

@Suite struct FormatTests {
    let fixture: LedgerFixture

    init() throws { fixture = try LedgerFixture() }

    /// A checkpoint's note that all parties signed.
    private func note(size: Int = 5) throws -> CosignedCheckpoint {
        let checkpoint = Checkpoint(
            origin: fixture.parties.origin, size: size, root: LedgerFixture.digest("root"))
        return try CosignedCheckpoint(
            SequencedCheckpoint(checkpoint, key: fixture.keys[0].log),
            Dictionary(
                uniqueKeysWithValues: fixture.keys.enumerated().map {
                    (
                        $0,
                        Cosignature(
                            checkpoint, key: $1.cosigner, time: 1_790_000_000 + UInt64($0))
                    )
                }), parties: fixture.parties)
    }

    @Test("A note has the lines, key identifiers and messages of C2SP, computed here by hand")
    func noteFormat() throws {
        let text = String(decoding: try note().bytes, as: UTF8.self)
        let lines = text.components(separatedBy: "\n")
        #expect(lines.count == 9)
        #expect(lines[0] == "parley.invalid/0123456789abcdef")
        #expect(lines[1] == "5")
        #expect(Data(base64Encoded: lines[2]) == Data(LedgerFixture.digest("root").bytes))
        #expect(lines[3].isEmpty && lines[8].isEmpty)
        let body = lines[0...2].map { $0 + "\n" }.joined()

        let names = [lines[0], "bank-a", "bank-b", "bank-c"]
        for (number, name) in names.enumerated() {
            let parts = lines[4 + number].components(separatedBy: " ")
            #expect(parts.count == 3 && parts[0] == "—" && parts[1] == name)
            let payload = Array(try #require(Data(base64Encoded: parts[2])))
            let keys = fixture.keys[max(0, number - 1)]
            let key = number == 0 ? keys.log.publicKey : keys.cosigner.publicKey
            let type: UInt8 = number == 0 ? 1 : 4
            let identifier = SHA256.hash(Array("\(name)\n".utf8) + [type] + key.bytes).bytes
            #expect(Array(payload.prefix(4)) == Array(identifier.prefix(4)))
            if number == 0 {
                #expect(payload.count == 68)
                #expect(key.verify(Array(payload[4...]), of: Array(body.utf8)))
            } else {
                #expect(payload.count == 76)
                let time = 1_790_000_000 + number - 1
                let stored = payload[4..<12].reduce(0) { $0 << 8 | Int($1) }
                #expect(stored == time)
                let message = Array("cosignature/v1\ntime \(time)\n\(body)".utf8)
                #expect(key.verify(Array(payload[12...]), of: message))
            }
        }
    }

    @Test("The policy names the log's key and every cosigner")
    func policy() {
        let lines = fixture.parties.policyText.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines[0].hasPrefix("log parley.invalid/0123456789abcdef+"))
        #expect(
            lines[1].hasPrefix("witness P0 bank-a+") && lines[3].hasPrefix("witness P2 bank-c+"))
        #expect(lines[4] == "group everyone all P0 P1 P2" && lines[5] == "quorum everyone")
    }

    @Test("A note reads back; no changed byte is accepted")
    func noteTampering() throws {
        let original = try note().bytes
        let read = try CosignedCheckpoint(parsing: original, parties: fixture.parties)
        #expect(read.checkpoint.size == 5 && read.bytes == original)
        for index in original.indices {
            var changed = original
            changed[index] ^= 1 << (index % 8)
            #expect(throws: LedgerError.self, "byte \(index)") {
                try CosignedCheckpoint(parsing: changed, parties: fixture.parties)
            }
        }
        for count in 0..<original.count {
            #expect(throws: LedgerError.self, "\(count) bytes") {
                try CosignedCheckpoint(
                    parsing: Array(original.prefix(count)), parties: fixture.parties)
            }
        }
    }

    @Test("A signature missing, doubled or by a stranger is refused")
    func noteSigners() throws {
        let lines = String(decoding: try note().bytes, as: UTF8.self)
            .components(separatedBy: "\n")
        func refuses(_ changed: [String]) -> Bool {
            let bytes = Array(changed.joined(separator: "\n").utf8)
            return (try? CosignedCheckpoint(parsing: bytes, parties: fixture.parties)) == nil
        }
        for number in 4...7 {
            var fewer = lines
            fewer.remove(at: number)
            #expect(refuses(fewer))
            #expect(refuses(Array(lines[...number] + lines[number...])))
        }
        var swapped = lines
        swapped.swapAt(5, 6)
        #expect(refuses(swapped))
        let stranger = LedgerFixture.keys(seed: 9)
        let checkpoint = try note().checkpoint
        let forged = Cosignature(checkpoint, key: stranger.cosigner, time: 1)
        var replaced = lines
        let key = fixture.parties.cosignerKeys[1]
        replaced[6] = "— bank-b " + Data(key.id + forged.bytes).base64EncodedString()
        #expect(refuses(replaced))
    }

    @Test(
        "Checkpoints with another spelling are refused",
        arguments: [
            "o\n05\nROOT\n", "o\n+5\nROOT\n", "o\n5\nROOT", "o\n5\nROOT\nextension\n",
            "o\n-1\nROOT\n", "o\n5\n\n", "o\n99999999999999999999\nROOT\n", "",
        ])
    func checkpointSpelling(text: String) {
        let root = Data(LedgerFixture.digest("root").bytes).base64EncodedString()
        #expect(throws: LedgerError.self) {
            try Checkpoint(parsing: text.replacingOccurrences(of: "ROOT", with: root))
        }
    }

    private func entry(_ statement: Statement? = nil) throws -> Entry {
        let statement = statement ?? fixture.intent(1)
        let signatures = try fixture.keys.enumerated().map { index, keys in
            let alone = try Entry.signing(
                [statement], by: fixture.parties.names[index], key: keys.statement,
                origin: fixture.parties.origin)
            return PartySignature(
                party: fixture.parties.names[index], signature: try signature(of: alone[0]))
        }
        return try Entry.joining(statement, signatures).retimed(to: LedgerFixture.now)
    }

    private func signature(of entry: Entry) throws -> [UInt8] {
        let text = String(decoding: entry.bytes, as: UTF8.self)
        let base64 = try #require(text.components(separatedBy: "\"").first { $0.count == 88 })
        return Array(try #require(Data(base64Encoded: base64)))
    }

    private func check(_ bytes: [UInt8]) throws {
        var memo = SignatureMemo()
        try Entry(parsing: bytes).verify(fixture.parties, &memo)
    }

    @Test(
        "An entry is the JSON that other tools write with sorted keys, signed over a batch's root")
    func entryFormat() throws {
        let entry = try entry()
        let text = String(decoding: entry.bytes, as: UTF8.self)
        let start =
            #"{"batch":{"index":0,"proof":[],"size":1},"signatures":[{"party":"bank-a","sig"#
        #expect(text.hasPrefix(start))
        #expect(text.contains(#""statement":{"body":{"inputs":[{"commitment":""#))
        #expect(text.hasSuffix(#""kind":"intent","version":1},"time":1790000000}"#))
        #expect(!text.contains(" "))
        let value = try JSONSerialization.jsonObject(with: Data(entry.bytes))
        let again = try JSONSerialization.data(
            withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
        #expect(Array(again) == entry.bytes)
        #expect(try Entry(parsing: entry.bytes) == entry)
        #expect(entry.leafHash == SHA256.hash([0] + entry.bytes))
        try check(entry.bytes)
        // The signature, by hand.
        let statement = try fixture.intent(1).bytes
        let root = Data(SHA256.hash([0] + statement).bytes).base64EncodedString()
        let message = "parley-statements/v1\n\(fixture.parties.origin)\n1\n\(root)\n"
        let signature = Data(fixture.keys[1].statement.sign(Array(message.utf8)))
        #expect(
            text.contains(#""party":"bank-b","signature":"\#(signature.base64EncodedString())""#))
    }

    @Test(
        "The same entry spelt otherwise is refused",
        arguments: [
            (#"{"batch""#, #"{ "batch""#),
            (#""version":1}"#, #""version":1.0}"#),
            (#""version":1}"#, #""version":2}"#),
            (#""version":1}"#, #""unknown":1,"version":1}"#),
            (#""version":1}"#, #""version":1,"version":1}"#),
            (#""kind":"intent""#, #""kind":"outcome""#),
            (#""kind":"intent""#, #""kind":"\u0069ntent""#),
            (#""kind":"intent""#, #""kind":"vote""#),
            (#""rows":100000"#, #""rows":1e5"#),
            (#""rows":100000"#, #""rows":-1"#),
            (#""rows":100000"#, #""rows":"100000""#),
            (#""dealer":"dealer""#, #""dealer":null"#),
            (#""dealer":"dealer""#, #""dealer":"""#),
            (#""party":"bank-b","rows""#, #""party":"bank-x","rows""#),
            (#""ring":"prime:128""#, #""ring":"prime:\n8""#),
            (#"["bank-a","bank-b","bank-c"]"#, #"["bank-a","bank-b"]"#),
            (#""size":1}"#, #""size":2}"#), (#""size":1}"#, #""size":0}"#),
            (#""index":0"#, #""index":1"#), (#""index":0"#, #""index":-1"#),
            (#","time":1790000000}"#, #","time":-1}"#),
        ])
    func entrySpelling(original: String, changed: String) throws {
        let text = String(decoding: try entry().bytes, as: UTF8.self)
        let other = text.replacingOccurrences(of: original, with: changed)
        #expect(other != text)
        #expect(throws: LedgerError.self) { try check(Array(other.utf8)) }
    }

    @Test("Entries that are too long, or signed by too few, twice or in another order, are refused")
    func signers() throws {
        let text = String(decoding: try entry().bytes, as: UTF8.self)
        let first = try #require(text.range(of: #"{"party":"bank-a","signature""#))
        let second = try #require(text.range(of: #"{"party":"bank-b","signature""#))
        let third = try #require(text.range(of: #",{"party":"bank-c","signature""#))
        let end = try #require(text.range(of: #"],"statement""#))
        let missing = "a statement lacks the signature of a party, or has one too many"
        let fewer = text[..<third.lowerBound] + text[end.lowerBound...]
        let doubled = text[..<end.lowerBound] + text[third.lowerBound...]
        let swapped =
            text[..<first.lowerBound] + text[second.lowerBound..<third.lowerBound] + ","
            + text[first.lowerBound..<text.index(before: second.lowerBound)]
            + text[third.lowerBound...]
        for changed in [fewer, doubled, swapped] {
            #expect(throws: LedgerError.malformed(missing)) { try check(Array(changed.utf8)) }
        }
        let other = text.replacingOccurrences(of: #""rows":100000"#, with: #""rows":100001"#)
        #expect(throws: LedgerError.malformed("the signature of bank-a does not verify")) {
            try check(Array(other.utf8))
        }
        #expect(throws: LedgerError.self) { try check(Array(repeating: 0x20, count: 8193)) }
    }

    @Test("A batch's statements verify one by one under one signature, and not at another place")
    func batch() throws {
        for count in [1, 2, 3, 255, 256] {
            let statements = (0..<count).map {
                Statement.service(
                    ServiceCertificate(
                        author: "bank-b", fingerprint: LedgerFixture.digest("\($0)"),
                        time: LedgerFixture.now))
            }
            let entries = try Entry.signing(
                statements, by: "bank-b", key: fixture.keys[1].statement,
                origin: fixture.parties.origin)
            #expect(Set(try entries.map(signature)).count == 1)
            for index in Set([0, count / 2, count - 1]) {
                try check(entries[index].bytes)
                guard count > 1 else { continue }
                // Another statement in its place.
                let text = String(decoding: entries[index].bytes, as: UTF8.self)
                let moved = text.replacingOccurrences(
                    of: LedgerFixture.digest("\(index)").hex,
                    with: LedgerFixture.digest("\((index + 1) % count)").hex)
                #expect(throws: LedgerError.malformed("the signature of bank-b does not verify")) {
                    try check(Array(moved.utf8))
                }
            }
        }
    }

    @Test("An outcome explains itself exactly if the run did not complete")
    func outcomes() throws {
        let completed = String(decoding: try fixture.completed(1).bytes, as: UTF8.self)
        let aborted = String(
            decoding: try Statement.outcome(fixture.aborted(1, by: 0)).bytes, as: UTF8.self)
        for (text, from, to) in [
            (completed, #""status":"completed""#, #""status":"suppressed""#),
            (completed, #""status":"completed""#, #""status":"aborted""#),
            (aborted, #""status":"aborted""#, #""status":"completed""#),
            (aborted, #""accuser":"bank-a""#, #""accuser":"bank-a\nbank-b""#),
        ] {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            let statement = try CanonicalJSON.decode(
                Statement.self, from: Array(changed.utf8), as: "a statement")
            #expect(throws: LedgerError.self) { try check(entry(statement).bytes) }
        }
    }

    @Test(
        "A policy under which a cheat can fork the ledger is refused with the number that would do")
    func policies() throws {
        for (needed, faulty, count, least) in [
            (2, 1, 3, 3), (2, 1, 2, 2), (3, 1, 4, nil), (2, 1, 4, 3), (4, 1, 5, nil), (3, 1, 5, 4),
            (4, 2, 5, nil), (6, 1, 10, nil), (5, 1, 10, 6), (3, 2, 3, nil),
        ] as [(Int, Int, Int, Int?)] {
            let isFine = 2 * needed > count + faulty
            #expect(isFine == (least == nil || least == needed), "\(needed) of \(count)")
            if isFine {
                _ = try LedgerPolicy(needed: needed, faulty: faulty, of: count)
            } else {
                let error = #expect(throws: LedgerError.self) {
                    try LedgerPolicy(needed: needed, faulty: faulty, of: count)
                }
                #expect(error?.description.contains("at least \(least ?? 0)") == true)
            }
        }
        let text = fixture.parties.policyText
        #expect(try LedgerPolicyFile(parsing: text).matches(fixture.parties))
        #expect(throws: LedgerError.self) {
            try LedgerPolicyFile(parsing: text.replacingOccurrences(of: " all ", with: " 2 "))
        }
    }

    @Test("Parties with a name or a key twice, or a name with spaces, are refused")
    func parties() {
        let members = fixture.parties.members
        let renamed = LedgerMember(
            name: "bank b", statementKey: members[1].statementKey,
            cosignerKey: members[1].cosignerKey, logKey: members[1].logKey,
            deliveryKey: members[1].deliveryKey)
        for wrong in [[members[0]], [members[0], members[0]], [members[0], renamed]] {
            #expect(throws: LedgerError.self) {
                try LedgerParties(origin: "o", members: wrong)
            }
        }
        #expect(throws: LedgerError.self) { try LedgerParties(origin: "a+b", members: members) }
    }
}
