/// Collects the cells of one column, each parsed by the column's type.
struct ColumnBuilder {
    let column: Schema.Column
    /// The column's position in the file, from 0; nil if the header lacks it.
    var position: Int?
    private var integers: [Int64] = []
    private var texts = TextColumn()
    /// The words of a `code` column.
    private let words: TextColumn

    init(_ column: Schema.Column) {
        self.column = column
        if case .code(let allowed) = column.type {
            precondition(allowed.count <= 256, "a code column has at most 256 words")
            words = TextColumn(allowed)
        } else {
            words = TextColumn()
        }
    }

    /// Makes room for `total` rows, judging texts by the rows so far.
    mutating func reserveCapacity(rows total: Int, after rows: Int) {
        if column.type.isText {
            texts.reserveCapacity(texts: total, bytes: texts.byteCount / max(rows, 1) * total)
        } else {
            integers.reserveCapacity(total)
        }
    }

    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) {
        switch column.type {
        case .integer(let allowed):
            let value = try FieldParsing.integer(bytes, range)
            guard allowed.contains(value) else {
                throw Refusal(
                    "is out of range; allowed are \(allowed.lowerBound) to \(allowed.upperBound)")
            }
            integers.append(value)
        case .money(let allowed):
            let cents = try FieldParsing.money(bytes, range)
            guard allowed.contains(cents) else {
                throw Refusal(
                    "is out of range; allowed are \(CellText.money(allowed.lowerBound)) to "
                        + CellText.money(allowed.upperBound))
            }
            integers.append(cents)
        case .timestamp:
            integers.append(try FieldParsing.timestamp(bytes, range))
        case .code(let allowed):
            guard let index = words.firstIndex(equalTo: bytes, range) else {
                throw Refusal(
                    "is not one of the allowed words; write \(Self.list(allowed))")
            }
            integers.append(Int64(index))
        case .key:
            guard Self.isKey(bytes, range) else {
                throw Refusal(
                    "is not an identifier; write 1 to \(ColumnType.maxKeyBytes) of "
                        + "A-Z a-z 0-9 _ -")
            }
            texts.append(bytes, range)
        case .text(let maxBytes):
            guard range.count <= maxBytes else {
                throw Refusal("is too long; at most \(maxBytes) bytes")
            }
            texts.append(bytes, range)
        }
    }

    consuming func finished() -> Table.Column {
        column.type.isText ? .texts(texts) : .integers(integers)
    }

    private static func isKey(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard (1...ColumnType.maxKeyBytes).contains(range.count) else { return false }
        for index in range {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            default: return false
            }
        }
        return true
    }

    private static func list(_ words: [String]) -> String {
        words.prefix(12).joined(separator: ", ") + (words.count > 12 ? ", …" : "")
    }
}

extension TextColumn {
    /// The index of the first text that equals these bytes.
    fileprivate func firstIndex(equalTo source: Span<UInt8>, _ range: Range<Int>) -> Int? {
        (0..<count).first { index in
            let text = self[bytes: index]
            guard text.count == range.count else { return false }
            for offset in 0..<range.count
            where text[text.startIndex + offset] != source[range.lowerBound + offset] {
                return false
            }
            return true
        }
    }
}
