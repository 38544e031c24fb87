import Foundation

/// Writes one value, and by others like it the values in it.
final class CanonicalEncoder: Encoder {
    private enum Shape { case scalar, array, object }

    /// A field of an object, or an element of an array, whose key is not used.
    private struct Field {
        let key: String
        /// Where it is in ``bytes``.
        let range: Range<Int>
        /// A container that its owner may still be filling; then the range is empty.
        let container: CanonicalEncoder?
    }

    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    private var shape: Shape?
    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = CanonicalEncoder()
        try encoder.write(value)
        guard encoder.shape != nil else { throw Unfit() }
        var output: [UInt8] = []
        encoder.finish(&output)
        return output
    }

    /// A value that canonical JSON has no form for.
    private struct Unfit: Error {}

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        shape = .object
        return KeyedEncodingContainer(Keyed(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        shape = .array
        return Unkeyed(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

    private func add(_ key: String, _ value: some Encodable) throws {
        let start = bytes.count
        try Self.append(value, to: &bytes)
        fields.append(Field(key: key, range: start..<bytes.count, container: nil))
    }

    private func nest(_ key: String) -> CanonicalEncoder {
        let container = CanonicalEncoder()
        let end = bytes.count
        fields.append(Field(key: key, range: end..<end, container: container))
        return container
    }

    // MARK: Values

    private func write<Value: Encodable>(_ value: Value) throws {
        if let shape, shape != .scalar { throw Unfit() }
        if Self.isScalar(Value.self) {
            shape = .scalar
            return try Self.append(value, to: &bytes)
        }
        try value.encode(to: self)
    }

    private static func isScalar(_ type: Any.Type) -> Bool {
        type == String.self || type == Data.self || type == Bool.self
            || type is any FixedWidthInteger.Type
    }

    private static func append<Value: Encodable>(_ value: Value, to output: inout [UInt8]) throws {
        switch value {
        case let text as String: append(text, to: &output)
        case let data as Data:
            output.append(UInt8(ascii: "\""))
            output += data.base64EncodedData()
            output.append(UInt8(ascii: "\""))
        case let flag as Bool: output += Array((flag ? "true" : "false").utf8)
        case let number as any FixedWidthInteger: output += Array(String(number).utf8)
        default:
            let encoder = CanonicalEncoder()
            try value.encode(to: encoder)
            guard encoder.shape != nil else { throw Unfit() }
            encoder.finish(&output)
        }
    }

    /// A string with its quotation marks.
    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in 0..<utf8.count {
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

    private func finish(_ output: inout [UInt8]) {
        switch shape {
        case .object:
            let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            output.append(UInt8(ascii: "{"))
            for (index, field) in sorted.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.append(field.key, to: &output)
                output.append(UInt8(ascii: ":"))
                finish(field, &output)
            }
            output.append(UInt8(ascii: "}"))
        case .array:
            output.append(UInt8(ascii: "["))
            for (index, field) in fields.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                finish(field, &output)
            }
            output.append(UInt8(ascii: "]"))
        case .scalar, nil:
            output += bytes
        }
    }

    private func finish(_ field: Field, _ output: inout [UInt8]) {
        output.append(contentsOf: bytes[field.range])
        field.container?.finish(&output)
    }

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
        var count: Int { encoder.fields.count }

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
        return (UInt8(0)..<0x20).lazy.map { (byte: $0, escape: escape($0)) }
            .first { bytes.starts(with: $0.escape) }.map { ($0.byte, $0.escape.count) }
    }
}
