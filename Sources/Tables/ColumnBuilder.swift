import Primitives

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
        if range.isEmpty, let missing = column.missing {
            integers.append(missing)
            return
        }
        switch column.type {
        case .integer(let allowed): try append(FieldParsing.integer(bytes, range), in: allowed)
        case .money(let allowed): try append(FieldParsing.money(bytes, range), in: allowed)
        case .fixed(let bits, let allowed):
            try append(FieldParsing.fixed(bytes, range, fractionBits: bits), in: allowed)
        case .day(let allowed): try append(FieldParsing.day(bytes, range), in: allowed)
        case .minute(let allowed): try append(FieldParsing.minute(bytes, range), in: allowed)
        case .bool: integers.append(try FieldParsing.bool(bytes, range) ? 1 : 0)
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

    private mutating func append(_ value: Int64, in allowed: ClosedRange<Int64>) throws(Refusal) {
        guard allowed.contains(value) else {
            throw Refusal(
                "is out of range; allowed are \(CellText.range(allowed, column.type))")
        }
        integers.append(value)
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

extension [ColumnBuilder] {
    /// Finds the columns by their names.
    ///
    /// - Parameters:
    ///   - names: those of the file, in its order.
    ///   - line: where they stand, if on a line.
    mutating func find(in names: [String], line: Int?, _ mistakes: inout TableError) {
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            mistakes.add(
                .init(
                    line: line, column: shownName(name), columnNumber: index + 1,
                    "appears twice in the header; rename or remove one"))
        }
        for index in indices {
            let wanted = self[index].column.name
            self[index].position = names.firstIndex(of: wanted)
            if self[index].position == nil {
                let found = names.prefix(12).map(shownName).joined(separator: ", ")
                mistakes.add(
                    .init(
                        line: line, column: wanted,
                        "is missing; add it or rename a column (found: \(found))"))
            }
        }
    }
}

/// A name of a file as it may be shown: printable and short.
func shownName(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.prefix(40))).shownInLine
}
