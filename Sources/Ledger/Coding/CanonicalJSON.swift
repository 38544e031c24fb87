import Foundation

/// The one way to write a value as JSON: sorted keys, no white space, integers only, UTF-8.
///
/// Keys are sorted by their UTF-8 bytes; of characters only `"`, `\` and those below U+0020 are
/// escaped, by the short escapes where JSON has them, else as `\u00` and two small digits; `Data` is
/// Base64; nothing is `null`. Foundation's coders write the same, but take five times as long: every
/// entry is read and written by every party.
package enum CanonicalJSON {
    /// The deepest value within values.
    static let maxDepth = 32
    /// The most values in one document, and the most fields of one object.
    static let maxValues = 1 << 20
    static let maxFields = 256

    package static func encode(_ value: some Encodable) throws(LedgerError) -> [UInt8] {
        do {
            return try CanonicalEncoder.encode(value)
        } catch let error as LedgerError {
            throw error
        } catch {
            throw .malformed("cannot be written as JSON")
        }
    }

    /// Reads what ``encode(_:)`` wrote: any other spelling of the same value is refused.
    package static func decode<Value: Codable>(
        _ type: Value.Type, from bytes: [UInt8], as what: String
    ) throws(LedgerError) -> Value {
        let value = try read(type, from: bytes, as: what)
        // A value that has other spellings.
        guard try encode(value) == bytes else { throw .malformed("\(what) is not canonical JSON") }
        return value
    }

    /// As ``decode(_:from:as:)``, of a text that nobody hashes or signs, or of a value of texts, integers
    /// and `Data` alone: values of other types may have more than one spelling, such as hexadecimal
    /// digits in capitals.
    package static func read<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], as what: String
    ) throws(LedgerError) -> Value {
        guard let text = CanonicalText(bytes) else {
            throw .malformed("\(what) is not canonical JSON")
        }
        do {
            let value = try CanonicalValue(text, 0).decode(type)
            if text.isExhausted { return value }
        } catch let error as LedgerError {
            throw error
        } catch {}
        throw .malformed("\(what) is not the JSON that its format asks for")
    }
}
