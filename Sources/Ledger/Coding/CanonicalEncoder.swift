import Foundation
import Primitives

/// The text that is being written: one buffer, in which a container is put in order when it ends.
private final class CanonicalWriter {
    enum Shape { case scalar, array, object }

    /// A field of an object; of an array's element the key is not used.
    private struct Field {
        let key: String
        let range: Range<Int>
    }

    /// A value that is not finished, within those before it.
    private struct Open {
        let key: String
        /// Where it begins in ``bytes`` and in ``fields``.
        let start, firstField: Int
        var shape: Shape?
    }

    private(set) var bytes: [UInt8] = []
    private var fields: [Field] = []
    private var open: [Open] = []
    private var ordered: [UInt8] = []

    init() {
        // As much as most statements need.
        bytes.reserveCapacity(1024)
        ordered.reserveCapacity(1024)
    }

    /// Begins a value within the innermost one; its level.
    func begin(_ key: String) -> Int {
        open.append(Open(key: key, start: bytes.count, firstField: fields.count))
        return open.count - 1
    }

    func setShape(_ shape: Shape, _ level: Int) { open[level].shape = shape }
    func shape(_ level: Int) -> Shape? { open[level].shape }
    func count(_ level: Int) -> Int { fields.count - open[level].firstField }

    /// Ends all values that are within the one of this level.
    func end(within level: Int) throws {
        while open.count > level + 1 { try endInnermost() }
    }

    func endInnermost() throws {
        guard let value = open.popLast(), let shape = value.shape else {
            throw CanonicalEncoder.Unfit()
        }
        if shape != .scalar {
            order(value, shape)
            bytes.replaceSubrange(value.start..., with: ordered)
            fields.removeSubrange(value.firstField...)
        }
        add(value.key, from: value.start)
    }

    /// What was written since `start` is a field of the innermost value.
    func add(_ key: String, from start: Int) {
        fields.append(Field(key: key, range: start..<bytes.count))
    }

    private func order(_ value: Open, _ shape: Shape) {
        var own = fields[value.firstField...]
        if shape == .object {
            own.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        }
        ordered.removeAll(keepingCapacity: true)
        ordered.append(shape == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        for field in own {
            if ordered.count > 1 { ordered.append(UInt8(ascii: ",")) }
            if shape == .object {
                Self.append(field.key, to: &ordered)
                ordered.append(UInt8(ascii: ":"))
            }
            ordered.append(contentsOf: bytes[field.range])
        }
        ordered.append(shape == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// Writes a value that has no values in it; false if it is none.
    func append<Value>(scalar value: Value) -> Bool {
        // Comparing types first is quicker than attempting casts.
        if Value.self == String.self, let text = value as? String {
            Self.append(text, to: &bytes)
        } else if Value.self == Int64.self, let number = value as? Int64 {
            bytes += String(number).utf8
        } else if Value.self == Bool.self, let flag = value as? Bool {
            bytes += (flag ? "true" : "false").utf8
        } else if Value.self == Data.self, let data = value as? Data {
            bytes.append(UInt8(ascii: "\""))
            bytes += data.base64EncodedData()
            bytes.append(UInt8(ascii: "\""))
        } else if let number = value as? any FixedWidthInteger {
            bytes += String(number).utf8
        } else {
            return false
        }
        return true
    }

    /// A string with its quotation marks.
    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in 0..<utf8.count {
                // Within the buffer's bounds, which the loop keeps.
                let byte = unsafe utf8[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
                unsafe output.append(contentsOf: utf8[start..<index])
                output += CanonicalEscape.escape(byte)
                start = index + 1
            }
            unsafe output.append(contentsOf: utf8[start...])
        }
        output.append(UInt8(ascii: "\""))
    }
}

/// Writes one value, and by others like it the values in it.
struct CanonicalEncoder: Encoder {
    private let writer: CanonicalWriter
    private let level: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let writer = CanonicalWriter()
        try CanonicalEncoder(writer: writer, level: writer.begin("")).write(value)
        try writer.end(within: 0)
        try writer.endInnermost()
        return writer.bytes
    }

    /// A value that canonical JSON has no form for.
    struct Unfit: Error {}

    private func write(_ value: some Encodable) throws {
        guard writer.shape(level) == nil else { throw Unfit() }
        if writer.append(scalar: value) {
            writer.setShape(.scalar, level)
        } else {
            try value.encode(to: self)
        }
    }

    /// Writes a value within this container.
    private func add(_ key: String, _ value: some Encodable) throws {
        try writer.end(within: level)
        let start = writer.bytes.count
        if writer.append(scalar: value) { return writer.add(key, from: start) }
        try value.encode(to: nest(key))
        try writer.end(within: level)
    }

    /// Begins a value within this container; what was begun within it before must have ended.
    private func nest(_ key: String) -> CanonicalEncoder {
        CanonicalEncoder(writer: writer, level: writer.begin(key))
    }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.setShape(.object, level)
        return KeyedEncodingContainer(Keyed(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.setShape(.array, level)
        return Unkeyed(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoder: CanonicalEncoder
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) throws { throw Unfit() }
        func encode(_ value: some Encodable, forKey key: Key) throws {
            try encoder.add(key.stringValue, value)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            encoder.nest(key.stringValue).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            encoder.nest(key.stringValue).unkeyedContainer()
        }
        func superEncoder() -> any Encoder { encoder.nest("super") }
        func superEncoder(forKey key: Key) -> any Encoder { encoder.nest(key.stringValue) }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        let encoder: CanonicalEncoder
        var codingPath: [any CodingKey] { [] }
        var count: Int { encoder.writer.count(encoder.level) }

        func encodeNil() throws { throw Unfit() }
        func encode(_ value: some Encodable) throws { try encoder.add("", value) }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> { encoder.nest("").container(keyedBy: type) }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            encoder.nest("").unkeyedContainer()
        }
        func superEncoder() -> any Encoder { encoder.nest("") }
    }

    private struct Single: SingleValueEncodingContainer {
        let encoder: CanonicalEncoder
        var codingPath: [any CodingKey] { [] }

        func encodeNil() throws { throw Unfit() }
        func encode(_ value: some Encodable) throws { try encoder.write(value) }
    }
}

/// The characters that canonical JSON escapes, and how.
enum CanonicalEscape {
    private static let short: [UInt8: UInt8] = [
        0x22: 0x22, 0x5C: 0x5C, 0x08: UInt8(ascii: "b"), 0x0C: UInt8(ascii: "f"),
        0x0A: UInt8(ascii: "n"), 0x0D: UInt8(ascii: "r"), 0x09: UInt8(ascii: "t"),
    ]
    private static let long = Dictionary(uniqueKeysWithValues: short.map { ($1, $0) })

    static func escape(_ byte: UInt8) -> [UInt8] {
        if let letter = short[byte] { return [0x5C, letter] }
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }

    /// The character whose escape begins with `bytes`, and its length; nil if none does.
    static func character(_ bytes: ArraySlice<UInt8>) -> (byte: UInt8, count: Int)? {
        guard bytes.count >= 2 else { return nil }
        if let byte = long[bytes[bytes.startIndex + 1]] { return (byte, 2) }
        guard bytes.count >= 6, bytes.prefix(4).elementsEqual("\\u00".utf8),
            let byte = [UInt8](smallHex: bytes.dropFirst(4).prefix(2))?.first,
            byte < 0x20, short[byte] == nil
        else { return nil }
        return (byte, 6)
    }
}
