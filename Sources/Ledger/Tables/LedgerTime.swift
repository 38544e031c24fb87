import Foundation
public import Primitives

/// A time as the ledger's tables write it, `2020-10-06T16:50:55.1066667`: UTC without a zone, seven
/// fractional digits.
///
/// Times of one form compare as their texts do. Ours come from a clock of whole seconds.
public struct LedgerTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    public init(_ clock: some ParleyClock) {
        let time = Date(timeIntervalSince1970: TimeInterval(clock.wallSeconds))
        description = time.formatted(.iso8601).dropLast() + ".0000000"
    }

    /// Nil unless the text has the one form.
    public init?(_ text: String) {
        let form = Array("0000-00-00T00:00:00.0000000".utf8)
        let bytes = Array(text.utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard bytes.count == form.count,
            zip(bytes, form).allSatisfy({ digits.contains($1) ? digits.contains($0) : $0 == $1 })
        else { return nil }
        description = text
    }

    public static func < (a: LedgerTime, b: LedgerTime) -> Bool { a.description < b.description }
}
