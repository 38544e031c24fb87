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
        let cosignatures = fixture.keys.enumerated().map {
            Cosignature(checkpoint, keys: $1, isFirst: $0 == 0, time: 1_790_000_000 + UInt64($0))
        }
        return try CosignedCheckpoint(checkpoint, cosignatures, parties: fixture.parties) { _ in
            .malformed("wrong")
        }
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
        let lines = fixture.parties.policy.split(separator: "\n")
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
        let forged = Cosignature(checkpoint, keys: stranger, isFirst: false, time: 1)
        var replaced = lines
        let key = fixture.parties.cosignerKeys[1]
        replaced[6] = "— bank-b " + Data(key.id + forged.line).base64EncodedString()
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

    private func entry() throws -> Entry {
        let statement = fixture.intent(1)
        let message = try statement.message
        let signatures = fixture.keys.enumerated().map { ($0, $1.statement.sign(message)) }
        return try Entry(
            statement, signatures: Dictionary(uniqueKeysWithValues: signatures),
            parties: fixture.parties)
    }

    @Test("An entry is the JSON that other tools write with sorted keys")
    func entryFormat() throws {
        let entry = try entry()
        let text = String(decoding: entry.bytes, as: UTF8.self)
        let start = #"{"body":{"inputs":[{"commitment":""#
        #expect(text.hasPrefix(start + LedgerFixture.digest("input of bank-a").hex))
        #expect(
            text.contains(#""kind":"intent","parameters":{"preprocessing":"dealer","protocol""#))
        #expect(text.contains(#""version":1},"signatures":[{"party":"bank-a","signature":""#))
        #expect(!text.contains(" "))
        let value = try JSONSerialization.jsonObject(with: Data(entry.bytes))
        let again = try JSONSerialization.data(
            withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
        #expect(Array(again) == entry.bytes)
        #expect(try Entry(entry.bytes, parties: fixture.parties) == entry)
        #expect(entry.leafHash == SHA256.hash([0] + entry.bytes))
    }

    @Test(
        "The same entry spelt otherwise is refused",
        arguments: [
            (#"{"body""#, #"{ "body""#),
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
        ])
    func entrySpelling(original: String, changed: String) throws {
        let text = String(decoding: try entry().bytes, as: UTF8.self)
        let other = text.replacingOccurrences(of: original, with: changed)
        #expect(other != text)
        #expect(throws: LedgerError.self) {
            try Entry(Array(other.utf8), parties: fixture.parties)
        }
    }

    @Test("Entries that are too long, or signed by too few, twice or in another order, are refused")
    func signers() throws {
        let statement = fixture.intent(1)
        let message = try statement.message
        let signatures = fixture.keys.map { $0.statement.sign(message) }
        #expect(throws: LedgerError.malformed("an entry lacks the signature of a party")) {
            try Entry(
                statement, signatures: [0: signatures[0], 2: signatures[2]],
                parties: fixture.parties)
        }
        #expect(throws: LedgerError.malformed("the signature of bank-b does not verify")) {
            try Entry(
                statement, signatures: [0: signatures[0], 1: signatures[0], 2: signatures[2]],
                parties: fixture.parties)
        }
        let text = String(decoding: try entry().bytes, as: UTF8.self)
        let list = try #require(text.range(of: #"{"party":"bank-a","signature""#))
        let last = try #require(text.range(of: #",{"party":"bank-c","signature""#))
        let doubled = text[..<last.lowerBound] + "," + text[list.lowerBound...]
        #expect(throws: LedgerError.self) {
            try Entry(Array(doubled.utf8), parties: fixture.parties)
        }
        #expect(throws: LedgerError.malformed("an entry has 8193 bytes; at most 8192")) {
            try Entry(Array(repeating: 0x20, count: 8193), parties: fixture.parties)
        }
    }

    @Test("An outcome explains itself exactly if the run did not complete")
    func outcomes() throws {
        let completed = String(decoding: try fixture.completed(1).bytes, as: UTF8.self)
        let aborted = String(
            decoding: try Statement.outcome(fixture.aborted(1, by: 0)).bytes, as: UTF8.self)
        for (text, from, to) in [
            (completed, #""status":"completed""#, #""status":"aborted""#),
            (aborted, #""status":"aborted""#, #""status":"completed""#),
            (aborted, #""accuser":"bank-a""#, #""accuser":"bank-a\nbank-b""#),
        ] {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            let statement = try CanonicalJSON.decode(
                Statement.self, from: Array(changed.utf8), as: "a statement")
            #expect(throws: LedgerError.self) { try statement.check(fixture.parties) }
        }
    }

    @Test("Parties with a name or a key twice, or a name with spaces, are refused")
    func parties() {
        let members = fixture.parties.members
        let renamed = LedgerMember(
            name: "bank b", statementKey: members[1].statementKey,
            cosignerKey: members[1].cosignerKey, logKey: members[1].logKey)
        for wrong in [[members[0]], [members[0], members[0]], [members[0], renamed]] {
            #expect(throws: LedgerError.self) {
                try LedgerParties(origin: "o", members: wrong)
            }
        }
        #expect(throws: LedgerError.self) { try LedgerParties(origin: "a+b", members: members) }
    }
}
