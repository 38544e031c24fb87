public import Foundation
public import Primitives

/// Result tables as text.
extension Table {
    /// The forms a table can be written in.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// RFC 4180 with LF line ends: a header row, then a row each.
        case csv
        /// An array with one object a row, keys in the schema's order: numbers for `integer`,
        /// `money` (units with two decimals) and `fixed`, `true` or `false` for `bool`, strings for
        /// everything else.
        case json
    }

    /// The table as UTF-8 text; moments are written as `2026-01-31T23:59:59Z`, minutes as
    /// `2026-01-31T23:59Z`, days as `2026-01-31`.
    public func encoded(as format: Format) -> [UInt8] {
        var output: [UInt8] = []
        switch format {
        case .csv:
            for (index, column) in schema.columns.enumerated() {
                Self.append(Array(column.name.utf8)[...], after: index, to: &output)
            }
            for row in 0..<rowCount {
                output.append(UInt8(ascii: "\n"))
                for index in columns.indices {
                    Self.append(bytes(row: row, column: index), after: index, to: &output)
                }
            }
            output.append(UInt8(ascii: "\n"))
        case .json:
            let keys = schema.columns.map { Self.jsonString($0.name) + ":" }
            output.append(contentsOf: "[".utf8)
            for row in 0..<rowCount {
                let cells = columns.indices.map { keys[$0] + jsonCell(row: row, column: $0) }
                output.append(contentsOf: (row == 0 ? "\n{" : ",\n{").utf8)
                output.append(contentsOf: (cells.joined(separator: ",") + "}").utf8)
            }
            output.append(contentsOf: "\n]\n".utf8)
        }
        return output
    }

    /// Writes the table; the file is there whole or not at all.
    ///
    /// - Throws: ``FileError`` if the file exists and `overwriting` is false, or on a failed write.
    public func write(
        to file: URL, as format: Format, overwriting: Bool = false
    ) throws(FileError) {
        try AtomicFile.write(encoded(as: format), to: file, overwriting: overwriting)
    }

    private func bytes(row: Int, column: Int) -> ArraySlice<UInt8> {
        switch columns[column] {
        case .texts(let texts): texts[bytes: row]
        case .integers(let values):
            Array(CellText.integer(values[row], schema.columns[column].type).utf8)[...]
        }
    }

    /// Appends a CSV cell, with a comma before all but the first of its record.
    private static func append(
        _ cell: ArraySlice<UInt8>, after previous: Int, to output: inout [UInt8]
    ) {
        if previous > 0 { output.append(UInt8(ascii: ",")) }
        let quote = UInt8(ascii: "\"")
        let isSpecial = cell.contains {
            $0 == quote || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n")
                || $0 == UInt8(ascii: "\r")
        }
        guard isSpecial else { return output.append(contentsOf: cell) }
        output.append(quote)
        for byte in cell {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }

    private func jsonCell(row: Int, column: Int) -> String {
        let text = String(decoding: bytes(row: row, column: column), as: UTF8.self)
        switch schema.columns[column].type {
        case .integer, .money, .fixed, .bool: return text
        case .text, .code, .timestamp, .key, .day, .minute: return Self.jsonString(text)
        }
    }

    private static func jsonString(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
