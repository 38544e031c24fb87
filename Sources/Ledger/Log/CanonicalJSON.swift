import Foundation

/// The one way to write a value as JSON: sorted keys, no white space, integers only, UTF-8.
package enum CanonicalJSON {
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    package static func encode(_ value: some Encodable) throws(LedgerError) -> [UInt8] {
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw .malformed("cannot be written as JSON")
        }
    }

    /// Reads what ``encode(_:)`` wrote: any other spelling of the same value is refused.
    package static func decode<Value: Codable>(
        _ type: Value.Type, from bytes: [UInt8], as what: String
    ) throws(LedgerError) -> Value {
        let value: Value
        do {
            value = try decoder.decode(type, from: Data(bytes))
        } catch let error as LedgerError {
            throw error
        } catch {
            throw .malformed("\(what) is not the JSON that its format asks for")
        }
        guard try encode(value) == bytes else { throw .malformed("\(what) is not canonical JSON") }
        return value
    }
}
