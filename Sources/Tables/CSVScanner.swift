/// Splits bytes into the records and fields of RFC 4180.
///
/// It knows nothing of columns or types. A record is scanned in place and again from its start when
/// it turns out to go on in bytes that are not read yet.
struct CSVScanner {
    /// Where a field is and what is odd about it.
    struct Field {
        /// The content, without enclosing quotes.
        var range: Range<Int>
        /// Line breaks inside the record before this field.
        var lineBreaksBefore: Int
        var faults: Faults = []
    }

    struct Faults: OptionSet {
        let rawValue: UInt8
        /// A doubled quote stands for one: the content must be unescaped.
        static let escaped = Faults(rawValue: 1)
        /// A byte of 0x80 or more: the content must be checked to be UTF-8.
        static let notASCII = Faults(rawValue: 2)
        static let nul = Faults(rawValue: 4)
        static let strayQuote = Faults(rawValue: 8)
        static let textAfterQuote = Faults(rawValue: 16)
        static let unterminated = Faults(rawValue: 32)
        static let loneCarriageReturn = Faults(rawValue: 64)
    }

    private(set) var fields: [Field] = []
    /// Line breaks inside the record's quoted fields.
    private(set) var lineBreaks = 0

    /// Scans the record that begins at `start`.
    ///
    /// - Returns: where the next record begins, or nil if `bytes` end before this one does.
    mutating func record(_ bytes: Span<UInt8>, from start: Int, isLastChunk: Bool) -> Int? {
        fields.removeAll(keepingCapacity: true)
        lineBreaks = 0
        var index = start
        while true {
            guard let end = field(bytes, from: index, isLastChunk: isLastChunk) else { return nil }
            guard end < bytes.count else { return isLastChunk ? end : nil }
            switch bytes[end] {
            case UInt8(ascii: ","): index = end + 1
            case UInt8(ascii: "\n"): return end + 1
            default: return end + 2  // CR LF
            }
        }
    }

    /// Whether the record is an empty line.
    var isBlank: Bool { fields.count == 1 && fields[0].range.isEmpty && lineBreaks == 0 }

    /// Scans one field and returns the index of what ends it: a comma, LF, CR LF or the end.
    private mutating func field(
        _ bytes: Span<UInt8>, from start: Int, isLastChunk: Bool
    ) -> Int? {
        var field = Field(range: start..<start, lineBreaksBefore: lineBreaks)
        var index = start
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            guard let closing = quoted(bytes, from: start + 1, &field, isLastChunk) else {
                return nil
            }
            index = closing
        }
        let plain = index
        var anyHighBit: UInt8 = 0
        scanning: while index < bytes.count {
            let byte = bytes[index]
            anyHighBit |= byte
            // Of the bytes that matter here the comma is the largest.
            if byte <= UInt8(ascii: ",") {
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "\n"): break scanning
                case UInt8(ascii: "\r"):
                    if index + 1 == bytes.count, !isLastChunk { return nil }
                    if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") {
                        break scanning
                    }
                    field.faults.insert(.loneCarriageReturn)
                case UInt8(ascii: "\""): field.faults.insert(.strayQuote)
                case 0: field.faults.insert(.nul)
                default: break
                }
            }
            index += 1
        }
        if anyHighBit & 0x80 != 0 { field.faults.insert(.notASCII) }
        if plain == start {
            field.range = start..<index
        } else if index > plain {
            field.faults.insert(.textAfterQuote)
        }
        fields.append(field)
        return index
    }

    /// Scans a quoted field's content and returns the index after its closing quote.
    private mutating func quoted(
        _ bytes: Span<UInt8>, from start: Int, _ field: inout Field, _ isLastChunk: Bool
    ) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                if index + 1 == bytes.count, !isLastChunk { return nil }
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") else {
                    field.range = start..<index
                    return index + 1
                }
                field.faults.insert(.escaped)
                index += 1
            case UInt8(ascii: "\n"): lineBreaks += 1
            case 0: field.faults.insert(.nul)
            case 0x80...: field.faults.insert(.notASCII)
            default: break
            }
            index += 1
        }
        guard isLastChunk else { return nil }
        field.range = start..<index
        field.faults.insert(.unterminated)
        return index
    }
}
