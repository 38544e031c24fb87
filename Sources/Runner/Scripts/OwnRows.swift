import Analytics
import Script
import Tables

/// Rows as a party keeps them, as the integers, bits and keys that scripts compute with.
struct OwnRows {
    let plain: PlainTable
    let keys: [KeyTexts]
    /// What its owner may want to correct: no mistakes.
    let warnings: [String]

    /// The keys of one column and the texts that they stand for.
    struct KeyTexts {
        let type: Analytics.ColumnType
        /// In canonical form.
        let texts: TextColumn
        let keys: [UInt128]
    }

    /// - Throws: ``TableError`` if a key is empty.
    init(_ table: Table, _ columns: [CheckedColumn]) throws(TableError) {
        var mistakes = TableError(file: table.name)
        var (plain, keys, warnings): ([PlainColumn], [KeyTexts], [String]) = ([], [], [])
        for (column, cells) in zip(columns, table.columns) {
            switch (cells, column.field.type) {
            case (.texts(let texts), .key(let domain, let bits)):
                let read = Self.keys(texts, column, domain, bits, table, &mistakes)
                keys.append(read)
                plain.append(.keys(read.keys))
                if column.canonical == nil,
                    let spelling = KeySpelling.warning(read.texts, table)
                {
                    warnings.append("\(table.name): column \(column.field.name): \(spelling)")
                }
            case (.integers(let values), .bool): plain.append(.bools(values.map { $0 != 0 }))
            case (.integers(let values), .code): plain.append(.codes(values.map { Int($0) }))
            case (.integers(let values), _): plain.append(.numbers(values.map { Int128($0) }))
            case (.texts, _): preconditionFailure("only keys are read as texts")
            }
        }
        guard mistakes.count == 0 else { throw mistakes }
        (self.plain, self.keys, self.warnings) = (PlainTable(plain), keys, warnings)
    }

    private static func keys(
        _ texts: TextColumn, _ column: CheckedColumn, _ domain: String, _ bits: Int, _ table: Table,
        _ mistakes: inout TableError
    ) -> KeyTexts {
        var canonical = TextColumn()
        var keys: [UInt128] = []
        keys.reserveCapacity(texts.count)
        let form = column.canonical ?? .exact
        for row in 0..<texts.count {
            let text = form.apply(to: texts[row])
            if text.isEmpty {
                mistakes.add(
                    table.mistake(
                        row: row, column: column.field.name,
                        texts[bytes: row].isEmpty
                            ? "is empty; a key needs a value"
                            : "has nothing left in its canonical form; correct it"))
            }
            canonical.append(text)
            keys.append(KeyDigest.key(text, domain: domain, bits: bits))
        }
        return KeyTexts(type: column.field.type, texts: canonical, keys: keys)
    }
}

// MARK: - What is read

extension Schema {
    /// What the file of a table with these columns must have.
    init(_ columns: [CheckedColumn]) {
        self.init(
            columns.map {
                Column(
                    $0.field.name, Tables.ColumnType($0.field.type),
                    missing: $0.missing.map { Int64(clamping: $0) })
            })
    }
}

extension Tables.ColumnType {
    /// How cells of a script's column are written; files hold numbers of 64 bits.
    init(_ type: Analytics.ColumnType) {
        func cells(_ range: ClosedRange<Int128>) -> ClosedRange<Int64> {
            Int64(clamping: range.lowerBound)...Int64(clamping: range.upperBound)
        }
        switch type {
        case .integer(let range): self = .integer(cells(range))
        case .money(_, let range): self = .money(cells(range))
        case .fixed(let bits, let range): self = .fixed(fractionBits: bits, cells(range))
        case .day(let range): self = .day(cells(range))
        case .minute(let range): self = .minute(cells(range))
        case .bool: self = .bool
        case .code(let labels): self = .code(labels)
        case .key: self = .text(maxBytes: Self.maxScriptKeyBytes)
        }
    }

    /// The longest text that a key is made of, as it is written.
    static let maxScriptKeyBytes = 256
}
