import Foundation

/// A document in canonical JSON, with the places of its values.
final class CanonicalText {
    struct Value {
        /// Where it is; of a container only its beginning counts.
        fileprivate let start, end: UInt32
        /// The number of the next value that is not within it.
        fileprivate(set) var next: UInt32
    }

    let bytes: [UInt8]
    /// In the order of the text; an object's keys are values, each before its own.
    let values: [Value]
    private let keyCount: Int
    /// The keys whose values were read.
    private var used: Set<Int> = []

    /// Nil if the bytes are anything else.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Int(UInt32.max) else { return nil }
        var scanner = CanonicalScanner(bytes: bytes)
        guard scanner.read() else { return nil }
        (self.bytes, values, keyCount) = (bytes, scanner.values, scanner.keyCount)
    }

    /// Whether every field was read, so that there is none too many.
    var isExhausted: Bool { used.count == keyCount }

    func use(_ key: Int) { used.insert(key) }

    func range(_ value: Int) -> Range<Int> {
        Int(values[value].start)..<Int(values[value].end)
    }

    /// Whether a value that is a string has these characters.
    func isString(_ value: Int, _ characters: String) -> Bool {
        let content = bytes[range(value)].dropFirst().dropLast()
        return content.elementsEqual(characters.utf8)
            || content.contains(UInt8(ascii: "\\")) && string(value) == characters
    }

    /// Nil unless the value is a string of UTF-8.
    func string(_ value: Int) -> String? {
        guard bytes[range(value).lowerBound] == UInt8(ascii: "\"") else { return nil }
        let content = bytes[range(value)].dropFirst().dropLast()
        guard content.contains(UInt8(ascii: "\\")) else {
            return String(validating: content, as: UTF8.self)
        }
        var plain: [UInt8] = []
        var rest = content
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\") {
                guard let (character, count) = CanonicalEscape.character(rest) else { return nil }
                plain.append(character)
                rest = rest.dropFirst(count)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(validating: plain, as: UTF8.self)
    }
}

/// Finds the values of a canonical text in one pass, by bounded memory and without recursion.
///
/// Keys that are not strictly ascending, white space, `null`, fractions and escapes that are not needed
/// make it none.
private struct CanonicalScanner {
    let bytes: [UInt8]
    private(set) var values: [CanonicalText.Value] = []
    private(set) var keyCount = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the bytes are one value.
    mutating func read() -> Bool {
        /// A container that is open: its number, how many fields or elements it has, its last key.
        struct Open {
            let value: Int
            let isObject: Bool
            var count = 0
            var key: Range<Int> = 0..<0
        }
        var open: [Open] = []
        var position = 0
        repeat {
            // 1. Within a container: its end, or what separates and names its next value.
            if let last = open.indices.last {
                guard position < bytes.count else { return false }
                if bytes[position] == (open[last].isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                {
                    position += 1
                    values[open[last].value].next = UInt32(values.count)
                    open.removeLast()
                    continue
                }
                if open[last].count > 0 {
                    guard bytes[position] == UInt8(ascii: ",") else { return false }
                    position += 1
                }
                if open[last].isObject {
                    guard open[last].count < CanonicalJSON.maxFields,
                        let key = string(at: position), key.upperBound < bytes.count,
                        bytes[key.upperBound] == UInt8(ascii: ":"),
                        open[last].count == 0
                            || bytes[open[last].key].dropFirst().dropLast()
                                .lexicographicallyPrecedes(bytes[key].dropFirst().dropLast())
                    else { return false }
                    add(key)
                    keyCount += 1
                    open[last].key = key
                    position = key.upperBound + 1
                }
                open[last].count += 1
            }
            // 2. A value.
            guard position < bytes.count, values.count < CanonicalJSON.maxValues else {
                return false
            }
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < CanonicalJSON.maxDepth else { return false }
                open.append(
                    Open(value: values.count, isObject: bytes[position] == UInt8(ascii: "{")))
                add(position..<position + 1)
                position += 1
            default:
                guard let range = scalar(at: position) else { return false }
                add(range)
                position = range.upperBound
            }
        } while !open.isEmpty
        return position == bytes.count
    }

    private mutating func add(_ range: Range<Int>) {
        values.append(
            CanonicalText.Value(
                start: UInt32(range.lowerBound), end: UInt32(range.upperBound),
                next: UInt32(values.count + 1)))
    }

    private func scalar(at start: Int) -> Range<Int>? {
        switch bytes[start] {
        case UInt8(ascii: "\""): return string(at: start)
        case UInt8(ascii: "t"): return word("true", at: start)
        case UInt8(ascii: "f"): return word("false", at: start)
        default:
            let first = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
            var end = first
            while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
            guard end > first, bytes[first] != 0x30 || end - start == 1 else { return nil }
            return start..<end
        }
    }

    private func word(_ word: String, at start: Int) -> Range<Int>? {
        bytes[start...].starts(with: word.utf8) ? start..<start + word.utf8.count : nil
    }

    /// A string with its quotation marks.
    private func string(at start: Int) -> Range<Int>? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var position = start + 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): return start..<position + 1
            case UInt8(ascii: "\\"):
                guard let (_, count) = CanonicalEscape.character(bytes[position...]) else {
                    return nil
                }
                position += count
            case 0..<0x20: return nil
            default: position += 1
            }
        }
        return nil
    }
}

/// One value of a document, to be read as some type.
struct CanonicalValue: Decoder {
    private let text: CanonicalText
    private let number: Int

    init(_ text: CanonicalText, _ number: Int) { (self.text, self.number) = (text, number) }

    /// The value is not of the type that is asked for.
    private struct Unfit: Error {}

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private func isContainer(_ first: Unicode.Scalar) -> Bool {
        text.bytes[text.range(number).lowerBound] == UInt8(ascii: first)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard isContainer("{") else { throw Unfit() }
        return KeyedDecodingContainer(Keyed(text: text, number: number))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard isContainer("[") else { throw Unfit() }
        return Unkeyed(
            text: text, next: number + 1, end: Int(text.values[number].next))
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == String.self, let value = text.string(number) as? Value { return value }
        if type == Bool.self {
            let isTrue = text.range(number).count == 4
            guard isContainer("t") || isContainer("f"), let value = isTrue as? Value else {
                throw Unfit()
            }
            return value
        }
        if type == Data.self {
            let encoded = text.bytes[text.range(number)].dropFirst().dropLast()
            guard isContainer("\""), let data = Data(base64Encoded: Data(encoded)),
                // Only the last group has bits that are not used.
                encoded.count == (data.count + 2) / 3 * 4,
                data.suffix(data.count % 3).base64EncodedData()
                    .elementsEqual(encoded.suffix(data.count % 3 == 0 ? 0 : 4)),
                let value = data as? Value
            else { throw Unfit() }
            return value
        }
        if let integer = type as? any FixedWidthInteger.Type {
            guard let value = try self.integer(integer) as? Value else { throw Unfit() }
            return value
        }
        guard type != String.self else { throw Unfit() }
        return try Value(from: self)
    }

    private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        let digits = text.bytes[text.range(number)]
        // Of scalars only numbers begin so.
        guard let first = digits.first, first == 0x2D || (0x30...0x39).contains(first),
            let value = Value(String(decoding: digits, as: UTF8.self))
        else { throw Unfit() }
        return value
    }

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let text: CanonicalText
        let number: Int
        var codingPath: [any CodingKey] { [] }

        /// The first key that fits; each is followed by its value.
        private func first(where fits: (Int) -> Bool) -> Int? {
            let end = Int(text.values[number].next)
            var key = number + 1
            while key < end {
                if fits(key) { return key }
                key = Int(text.values[key + 1].next)
            }
            return nil
        }

        private func find(_ key: Key) -> Int? {
            let name = key.stringValue
            return first { text.isString($0, name) }
        }

        private func value(_ key: Key) throws -> CanonicalValue {
            guard let place = find(key) else { throw Unfit() }
            text.use(place)
            return CanonicalValue(text, place + 1)
        }

        var allKeys: [Key] {
            var keys: [Key] = []
            _ = first {
                if let key = text.string($0).flatMap(Key.init(stringValue:)) { keys.append(key) }
                return false
            }
            return keys
        }
        func contains(_ key: Key) -> Bool { find(key) != nil }
        func decodeNil(forKey key: Key) -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try value(key).decode(type)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { try value(key).container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try value(key).unkeyedContainer()
        }
        func superDecoder() throws -> any Decoder { throw Unfit() }
        func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
    }

    private struct Unkeyed: UnkeyedDecodingContainer {
        let text: CanonicalText
        var next: Int
        let end: Int
        var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var count: Int? { nil }
        var isAtEnd: Bool { next >= end }

        private mutating func value() throws -> CanonicalValue {
            guard !isAtEnd else { throw Unfit() }
            let number = next
            next = Int(text.values[number].next)
            currentIndex += 1
            return CanonicalValue(text, number)
        }

        func decodeNil() -> Bool { false }
        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try value().decode(type)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { try value().container(keyedBy: type) }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try value().unkeyedContainer()
        }
        mutating func superDecoder() throws -> any Decoder { try value() }
    }
}

extension CanonicalValue: SingleValueDecodingContainer {
    func decodeNil() -> Bool { false }
}
