import Foundation
import Ledger
import Testing

/// The coders of canonical JSON against Foundation's, and against every other spelling.
@Suite struct CanonicalJSONTests {
    enum Choice: Hashable, Codable {
        case nothing
        case number(Int)
        case pair(first: String, second: [Bool])
    }

    struct Inner: Hashable, Codable {
        var zeta = "z"
        var alpha: String?
        var list: [Int64] = []
    }

    struct Sample: Hashable, Codable {
        var text = ""
        var small: Int8 = 0
        var large: UInt64 = 0
        var number: Int64 = 0
        var flag = false
        var data = Data()
        var absent: Int?
        var choice = Choice.nothing
        var inner = Inner()
        var nested: [[Inner]] = []
        var named: [String: Data] = [:]
        var numbered: [Int: Data] = [:]
    }

    /// What Foundation writes with the options that make it canonical.
    private func foundation(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    private static let samples: [Sample] = [
        Sample(),
        Sample(
            text: String(decoding: UInt8(0)..<128, as: UTF8.self) + "é€😀\u{2028}/\\\"",
            small: -128, large: .max, number: .min, flag: true, data: Data(0..<255), absent: 7,
            choice: .number(-1)),
        Sample(
            number: .max, choice: .pair(first: "a\"b", second: [true, false]),
            inner: Inner(zeta: "", alpha: "\u{1F}", list: [1, -1, 0]),
            nested: [[], [Inner(), Inner(alpha: "x")], []],
            named: ["bank-b": Data([1]), "": Data(), "bank-a": Data([0xFF, 0xFE])],
            numbered: [10: Data([1]), 9: Data([2]), -1: Data()]),
    ]

    @Test(arguments: samples) func `writes what Foundation writes, and reads it`(
        _ sample: Sample
    ) throws {
        let bytes = try CanonicalJSON.encode(sample)
        let expected = try foundation(sample)
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        let read = try CanonicalJSON.decode(Sample.self, from: bytes, as: "a sample")
        #expect(read == sample)
        let readLess = try CanonicalJSON.read(Sample.self, from: bytes, as: "a sample")
        #expect(readLess == sample)
    }

    @Test func `a value alone is a document too`() throws {
        let text = try CanonicalJSON.encode("a\nb")
        #expect(text == Array("\"a\\nb\"".utf8))
        let numbers = try CanonicalJSON.decode(
            [Int].self, from: Array("[1,-2]".utf8), as: "numbers")
        #expect(numbers == [1, -2])
        let empty = try CanonicalJSON.decode([Int].self, from: Array("[]".utf8), as: "numbers")
        #expect(empty.isEmpty)
    }

    struct Pair: Codable {
        let a: Int
        let b: String
    }

    /// Each is a way of writing the pair that is not the canonical one, or is none.
    @Test(arguments: [
        "", " ", "{", "}", "{}", "[]", "null", "true", "7", "\"\"", "{\"a\":1}", "{\"b\":\"x\"}",
        "{\"b\":\"x\",\"a\":1}", "{\"a\":1,\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"x\",\"c\":0}",
        " {\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"x\"} ", "{\"a\": 1,\"b\":\"x\"}",
        "{\"a\":1,\"b\":\"x\"}{}", "{\"a\":1,\"b\":\"x\",}", "{,\"a\":1,\"b\":\"x\"}",
        "{\"a\":01,\"b\":\"x\"}", "{\"a\":-0,\"b\":\"x\"}", "{\"a\":1.0,\"b\":\"x\"}",
        "{\"a\":1e0,\"b\":\"x\"}", "{\"a\":-,\"b\":\"x\"}", "{\"a\":+1,\"b\":\"x\"}",
        "{\"a\":\"1\",\"b\":\"x\"}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":null}",
        "{\"a\":true,\"b\":\"x\"}", "{\"a\":tru,\"b\":\"x\"}", "{\"a\":1,\"b\":[\"x\"]}",
        "{\"a\":9223372036854775808,\"b\":\"x\"}", "{\"a\":1,\"b\":\"\\u0078\"}",
        "{\"\\u0061\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"\\/\"}", "{\"a\":1,\"b\":\"\\u000A\"}",
        "{\"a\":1,\"b\":\"\\u000a\"}", "{\"a\":1,\"b\":\"\\u001F\"}", "{\"a\":1,\"b\":\"\\",
        "{\"a\":1,\"b\":\"\\u\"}", "{\"a\":1,\"b\":\"x}", "{\"a\":1,\"b\":\"\n\"}",
        "{\"a\"1,\"b\":\"x\"}",
        "{\"a\":1;\"b\":\"x\"}", "{a:1,\"b\":\"x\"}", "[1,]", "[,1]", "{\"a\":1,\"b\":\"x\"]",
    ]) func `another spelling is refused`(_ text: String) {
        #expect(throws: LedgerError.self) {
            try CanonicalJSON.decode(Pair.self, from: Array(text.utf8), as: "a pair")
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
            let text = Array("{\"a\":1,\"b\":\"".utf8) + bytes + Array("\"}".utf8)
            #expect(throws: LedgerError.self) {
                try CanonicalJSON.decode(Pair.self, from: text, as: "a pair")
            }
        }
    }

    @Test func `Base64 of another spelling is refused`() throws {
        for text in ["\"AB==\"", "\"AA\"", "\"AA=\"", "\"A A=\"", "\"AA==\\n\"", "\"-_==\""] {
            #expect(throws: LedgerError.self) {
                try CanonicalJSON.decode(Data.self, from: Array(text.utf8), as: "data")
            }
        }
        let data = try CanonicalJSON.decode(Data.self, from: Array("\"AA==\"".utf8), as: "data")
        #expect(data == Data([0]))
    }

    /// Hostile sizes end at once: too deep, too many values, too many fields.
    @Test func `documents are bounded`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 22)
        let many = Array("[".utf8) + Array(repeating: Array("0,".utf8), count: 1 << 21).joined()
        let fields = (0..<300).map { "\"k\(1000 + $0)\":0" }.joined(separator: ",")
        for bytes in [deep, many + Array("0]".utf8), Array("{\(fields)}".utf8)] {
            #expect(throws: LedgerError.self) {
                try CanonicalJSON.decode([Int].self, from: bytes, as: "a document")
            }
        }
    }

    /// Whatever byte is changed: it is refused, or it is the canonical form of what was read.
    @Test func `a changed byte never reads as the same text`() throws {
        let bytes = try CanonicalJSON.encode(Self.samples[2])
        for index in bytes.indices {
            for flip: UInt8 in [1, 2, 0x10, 0x20, 0x80] {
                var changed = bytes
                changed[index] ^= flip
                guard
                    let read = try? CanonicalJSON.decode(
                        Sample.self, from: changed, as: "a sample")
                else { continue }
                #expect(read != Self.samples[2])
                #expect(try CanonicalJSON.encode(read) == changed)
            }
        }
    }
}
