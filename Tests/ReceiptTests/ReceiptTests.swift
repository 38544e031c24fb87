import Foundation
import Ledger
import LedgerFixture
import Primitives
import TestSupport
import Testing

@Suite struct ReceiptTests {
    private static let time: Int64 = 1_790_000_000

    private struct Fixture {
        let ledger = MemoryLedger()
        let identity: ServiceIdentity

        init(_ folder: URL, count: Int) async throws {
            identity = try ServiceIdentity.create(
                in: folder, name: "bank-a", hosts: ["localhost"], validFrom: ReceiptTests.time,
                days: 30)
            for index in 0..<count {
                if index % 5 == 4 {
                    ledger.append(Array("run \(index)".utf8))
                } else {
                    _ = try await ledger.post(
                        "contents \(index) \"\u{e9}\"", collection: "c\(index % 2)",
                        within: .seconds(1))
                }
            }
        }

        func receipt(_ index: Int) throws -> ConfidentialReceipt {
            let window = try #require(ledger.receiptWindow(at: index))
            return ConfidentialReceipt(
                of: index, note: ledger.note(at: index), in: window,
                proof: try ledger.inclusionProof(at: index), identity: identity)
        }

        func verify(_ json: [UInt8]) throws {
            try ConfidentialReceipt(parsing: json).verify(
                service: identity.service, at: ReceiptTests.time + 10)
        }
    }

    /// HMAC-SHA-256 and the claims digest against values computed with Python's hashlib and hmac.
    @Test func claimsDigestVector() {
        #expect(
            SHA256.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let digest = ConfidentialReceipt.claimsDigest(
            collection: "subledger:0", contents: "hello", secretKey: Array(0..<32))
        #expect(digest.hex == "fd7be52a41138de3e0092357fd7ac6c5afcd02595688091c079cd3c61c4c2699")
    }

    @Test(arguments: [1, 2, 3, 7, 8, 255, 256, 300])
    func everyReceiptVerifies(_ count: Int) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try await Fixture(folder, count: count)
            for index in Set([0, count / 2, count - 1, min(4, count - 1)]) {
                let receipt = try fixture.receipt(index)
                #expect(receipt.index == index)
                let read = try ConfidentialReceipt(parsing: receipt.json)
                #expect(read == receipt)
                let proof = try read.verify(
                    service: fixture.identity.service, at: Self.time + 10)
                #expect(proof?.size == count)
            }
        }
    }

    /// Every character of a receipt matters; every third is tried.
    ///
    /// One that is changed is refused, or changes nothing that the receipt says.
    @Test func changedCharactersAreRefused() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try await Fixture(folder, count: 13)
            let original = try fixture.receipt(6)
            let json = try original.json
            try fixture.verify(json)
            var random = SeededGenerator(seed: 2)
            for position in stride(from: 0, to: json.count, by: 3) {
                var changed = json
                changed[position] = UInt8.random(in: 0x20..<0x7F, using: &random)
                guard let read = try? ConfidentialReceipt(parsing: changed), read != original
                else { continue }
                guard (try? fixture.verify(changed)) != nil else { continue }
                // What is left says the same, or less: a part that may be left out lost its name.
                #expect(
                    try meaning(read, in: original) == meaning(original, in: read),
                    "accepted at \(position)")
            }
        }
    }

    /// What a receipt says, without the parts that `other` lacks.
    private func meaning(
        _ receipt: ConfidentialReceipt, in other: ConfidentialReceipt
    ) throws -> NSDictionary {
        var (mine, theirs) = (try object(receipt), try object(other))
        mine["state"] = nil
        if theirs["applicationClaims"] == nil { mine["applicationClaims"] = nil }
        var parts = try #require(mine["receipt"] as? [String: Any])
        theirs = try #require(theirs["receipt"] as? [String: Any])
        if theirs["cosignatures"] == nil { parts["cosignatures"] = nil }
        parts["cert"] = (parts["cert"] as? String)?.filter { !$0.isWhitespace }
        mine["receipt"] = parts
        return NSDictionary(dictionary: mine)
    }

    /// Parts exchanged between two good receipts: each is refused for its own reason.
    @Test func exchangedPartsAreRefused() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try await Fixture(folder, count: 13)
            let one = try object(fixture.receipt(6)), two = try object(fixture.receipt(7))
            for path in [
                "applicationClaims", "transactionId", "receipt/proof",
                "receipt/cosignatures", "receipt/leafComponents",
                "receipt/leafComponents/claimsDigest", "receipt/leafComponents/commitEvidence",
                "receipt/leafComponents/writeSetDigest",
            ] {
                let parts = path.split(separator: "/").map(String.init)
                var forged = one
                replace(&forged, parts, from: two)
                #expect(throws: LedgerError.self, "\(path)") {
                    try fixture.verify(Array(JSONSerialization.data(withJSONObject: forged)))
                }
            }
            try fixture.verify(Array(JSONSerialization.data(withJSONObject: one)))
        }
    }

    @Test func foreignServiceOrTimeIsRefused() async throws {
        try await withTemporaryFolder { folder in
            try await withTemporaryFolder { other in
                let fixture = try await Fixture(folder, count: 3)
                let other = try await Fixture(other, count: 3)
                let receipt = try fixture.receipt(1)
                let service = fixture.identity.service
                #expect(
                    throws: LedgerError.malformed(
                        "a receipt's certificate does not lead to the service's")
                ) { try receipt.verify(service: other.identity.service, at: Self.time + 10) }
                let late = LedgerError.malformed(
                    "a certificate of a receipt is not valid at this time")
                #expect(throws: late) { try receipt.verify(service: service, at: Self.time - 10) }
                #expect(throws: late) {
                    try receipt.verify(service: service, at: Self.time + 31 * 86_400)
                }
                // A service certificate cannot be its own node.
                var forged = try object(receipt)
                replace(
                    &forged, ["receipt", "cert"],
                    from: ["receipt": ["cert": service.pem]])
                #expect(throws: LedgerError.self) {
                    try fixture.verify(Array(JSONSerialization.data(withJSONObject: forged)))
                }
            }
        }
    }

    @Test func hostileJSON() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try await Fixture(folder, count: 2)
            let hostile = [
                "", "null", "[]", "{}", #"{"receipt":{}}"#, #""receipt""#, "\u{0}",
                String(repeating: "[", count: 100_000), String(repeating: "1", count: 200_000),
                #"{"receipt":"# + String(repeating: #"{"a":"#, count: 10_000),
            ]
            for text in hostile {
                #expect(throws: LedgerError.self) { try fixture.verify(Array(text.utf8)) }
            }
            // A path of neither or both sides, or longer than a window is deep.
            let good = try object(fixture.receipt(0))
            let zeros = String(repeating: "0", count: 64)
            for proof in [
                [[:]], [["left": zeros, "right": zeros]],
                Array(repeating: ["left": zeros], count: 9),
            ] as [[[String: String]]] {
                var forged = good
                replace(&forged, ["receipt", "proof"], from: ["receipt": ["proof": proof]])
                #expect(throws: LedgerError.self) {
                    try fixture.verify(Array(JSONSerialization.data(withJSONObject: forged)))
                }
            }
            // Mutations of several bytes: none crashes, none verifies with other claims.
            let json = try fixture.receipt(0).json
            var random = SeededGenerator(seed: 3)
            for _ in 0..<MutationCounts.receipts {
                var bytes = json
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
                _ = try? fixture.verify(bytes)
            }
        }
    }

    private func object(_ receipt: ConfidentialReceipt) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(receipt.json))
        return try #require(value as? [String: Any])
    }

    private func replace(_ object: inout [String: Any], _ path: [String], from: [String: Any]) {
        guard let key = path.first else { return }
        if path.count == 1 {
            object[key] = from[key]
        } else if var inner = object[key] as? [String: Any], let part = from[key] as? [String: Any]
        {
            replace(&inner, Array(path.dropFirst()), from: part)
            object[key] = inner
        }
    }
}
