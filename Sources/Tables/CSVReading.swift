/// One pass over one file: bytes in, chunk by chunk; columns or mistakes out.
struct CSVReading {
    private let name: String
    private let schema: Schema
    /// The file's size, from which the number of rows is estimated.
    private let expectedBytes: Int
    private let allowsNoRows: Bool
    private var consumedBytes = 0

    /// Bytes read and not yet handled: an incomplete record, and the chunk at hand.
    private var buffer: [UInt8] = []
    private var scanner = CSVScanner()
    private var sawStart = false
    private var isUnreadable = false

    private var header: [String]?
    private var builders: [ColumnBuilder]
    private var rowCount = 0
    private var hasReserved = false
    /// The physical line on which the next record begins.
    private var line = 1
    private var lineShifts: [Table.LineShift] = []
    private var blankLine: Int?
    private var mistakes: TableError

    init(name: String, schema: Schema, expectedBytes: Int, allowsNoRows: Bool) {
        (self.name, self.schema, self.expectedBytes) = (name, schema, expectedBytes)
        self.allowsNoRows = allowsNoRows
        builders = schema.columns.map { ColumnBuilder($0) }
        mistakes = TableError(file: name)
    }

    /// Takes the next chunk; false if the rest of the file makes no sense.
    mutating func consume(_ chunk: some Collection<UInt8>) -> Bool {
        buffer.append(contentsOf: chunk)
        guard sawStart || buffer.count >= 4 else { return true }
        skipByteOrderMark()
        handleRecords(isLastChunk: false)
        if !isUnreadable, buffer.count > CSVReader.maxRecordBytes {
            refuseLongRecord()
        }
        return !isUnreadable
    }

    mutating func finish() throws(TableError) -> Table {
        if !isUnreadable {
            skipByteOrderMark()
            handleRecords(isLastChunk: true)
            if header == nil, !isUnreadable {
                mistakes.add(.init("is empty; it needs a header row and at least one row"))
            } else if rowCount == 0, !isUnreadable, !allowsNoRows {
                mistakes.add(.init("has a header but no rows; it needs at least one row"))
            }
        }
        guard mistakes.count == 0 else { throw mistakes }
        return Table(
            name: name, schema: schema, columns: builders.map { $0.finished() },
            lineShifts: lineShifts)
    }

    // MARK: Bytes to records

    private mutating func skipByteOrderMark() {
        guard !sawStart else { return }
        sawStart = true
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) {
            buffer.removeFirst(3)
            consumedBytes += 3
        } else if buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF]) {
            mistakes.add(.init("is in UTF-16; save it as UTF-8"))
            isUnreadable = true
        }
    }

    private mutating func handleRecords(isLastChunk: Bool) {
        // Moved out and back, so that handling a record may change `self` while it reads the bytes.
        var bytes: [UInt8] = []
        swap(&bytes, &buffer)
        var start = 0
        while start < bytes.count, !isUnreadable,
            let next = scanner.record(bytes.span, from: start, isLastChunk: isLastChunk)
        {
            handleRecord(bytes.span)
            line += scanner.lineBreaks + 1
            start = next
        }
        bytes.removeFirst(start)
        consumedBytes += start
        swap(&bytes, &buffer)
        reserveOnce()
    }

    private mutating func reserveOnce() {
        guard !hasReserved, rowCount > 0, consumedBytes < expectedBytes else { return }
        hasReserved = true
        // 3 % more than proportional, so that a slightly wrong estimate does not double the arrays.
        let total = Int(Double(rowCount) * Double(expectedBytes) / Double(consumedBytes) * 1.03)
        for index in builders.indices {
            builders[index].reserveCapacity(rows: total, after: rowCount)
        }
    }

    private mutating func refuseLongRecord() {
        isUnreadable = true
        mistakes.add(
            .init(
                line: line,
                "a record longer than 1 MiB begins here; look for a quote that is never closed"))
    }

    private mutating func handleRecord(_ bytes: Span<UInt8>) {
        if scanner.isBlank {
            blankLine = blankLine ?? line
            return
        }
        if let blankLine {
            mistakes.add(.init(line: blankLine, "is blank; remove the line"))
            self.blankLine = nil
        }
        if header == nil {
            handleHeader(bytes)
        } else {
            handleRow(bytes)
        }
    }

    // MARK: Header

    private mutating func handleHeader(_ bytes: Span<UInt8>) {
        var names: [String] = []
        for (index, field) in scanner.fields.enumerated() {
            if let reason = Self.reason(for: field, in: bytes) {
                mistakes.add(
                    .init(line: line, column: "header", columnNumber: index + 1, reason))
            }
            names.append(String(decoding: Self.unescaped(field, in: bytes), as: UTF8.self))
        }
        builders.find(in: names, line: line, &mistakes)
        header = names
    }

    // MARK: Rows

    private mutating func handleRow(_ bytes: Span<UInt8>) {
        guard let header else { return }
        let fields = scanner.fields
        let shift = line - (rowCount + 2)
        if shift != lineShifts.last?.shift ?? 0 {
            lineShifts.append(.init(row: rowCount, shift: shift))
        }
        rowCount += 1
        var isSound = true
        for (index, field) in fields.enumerated() {
            guard let reason = Self.reason(for: field, in: bytes) else { continue }
            isSound = false
            let column = index < header.count ? shownName(header[index]) : "\(index + 1)"
            mistakes.add(
                .init(
                    line: line + field.lineBreaksBefore, column: column, columnNumber: index + 1,
                    reason))
        }
        guard isSound else { return }
        guard fields.count == header.count else {
            let message = "has \(fields.count) fields where the header has \(header.count)"
            mistakes.add(.init(line: line, message + "; look for a missing or extra comma"))
            return
        }
        for index in builders.indices {
            guard let position = builders[index].position else { continue }
            append(fields[position], in: bytes, to: index)
        }
    }

    private mutating func append(
        _ field: CSVScanner.Field, in bytes: Span<UInt8>, to index: Int
    ) {
        do throws(Refusal) {
            if field.faults.contains(.escaped) {
                let content = Self.unescaped(field, in: bytes)
                try builders[index].append(content.span, 0..<content.count)
            } else {
                try builders[index].append(bytes, field.range)
            }
        } catch {
            mistakes.add(
                .init(
                    line: line + field.lineBreaksBefore, column: builders[index].column.name,
                    columnNumber: builders[index].position.map { $0 + 1 }, error.reason))
        }
    }

    /// What makes a field unreadable whatever its column's type.
    private static func reason(for field: CSVScanner.Field, in bytes: Span<UInt8>) -> String? {
        let faults = field.faults
        if faults.isEmpty { return nil }
        if faults.contains(.unterminated) {
            return "opens a quote that is never closed; close or remove it"
        }
        if faults.contains(.textAfterQuote) {
            return "has text after its closing quote; double a quote that is part of the value"
        }
        if faults.contains(.strayQuote) {
            return "has a quote inside; enclose the value in quotes and double the quote"
        }
        if faults.contains(.loneCarriageReturn) {
            return "has a carriage return alone; end lines with LF or CR LF"
        }
        if faults.contains(.nul) { return "has a NUL byte; save the file as UTF-8 text" }
        if faults.contains(.notASCII), !isUTF8(bytes, field.range) {
            return "is not UTF-8; save the file as UTF-8"
        }
        return nil
    }

    private static func isUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        String(validating: range.map { bytes[$0] }, as: UTF8.self) != nil
    }

    /// The content of a quoted field with every doubled quote made one.
    private static func unescaped(_ field: CSVScanner.Field, in bytes: Span<UInt8>) -> [UInt8] {
        var content: [UInt8] = []
        var index = field.range.lowerBound
        while index < field.range.upperBound {
            content.append(bytes[index])
            let isEscape =
                bytes[index] == UInt8(ascii: "\"") && field.faults.contains(.escaped)
            index += isEscape ? 2 : 1
        }
        return content
    }
}
