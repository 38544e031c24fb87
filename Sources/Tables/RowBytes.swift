import Primitives

/// The canonical bytes of rows: what input commitments bind.
///
/// A row is the number of its columns (2 bytes), then for each column of the schema, in its order: a
/// tag (1 byte: 1 integer, 2 money, 3 timestamp, 4 text, 5 code, 6 key), the length of the value
/// (4 bytes) and the value. Integers, cents and seconds are 8 bytes, two's complement; text, keys
/// and codes are their UTF-8 text. Everything is little-endian. Different rows have different bytes,
/// and no row's bytes are the beginning of another's.
extension Table {
    /// Appends the bytes of row `row` to `output`.
    package func appendRowBytes(_ row: Int, to output: inout [UInt8]) {
        output.append(littleEndian: UInt16(columns.count))
        for (column, declared) in zip(columns, schema.columns) {
            output.append(declared.type.tag)
            switch column {
            case .texts(let texts):
                let text = texts[bytes: row]
                output.append(littleEndian: UInt32(text.count))
                output.append(contentsOf: text)
            case .integers(let values):
                if case .code(let words) = declared.type {
                    let word = words[Int(values[row])].utf8
                    output.append(littleEndian: UInt32(word.count))
                    output.append(contentsOf: word)
                } else {
                    output.append(littleEndian: UInt32(8))
                    output.append(littleEndian: values[row])
                }
            }
        }
    }
}

extension ColumnType {
    fileprivate var tag: UInt8 {
        switch self {
        case .integer: 1
        case .money: 2
        case .timestamp: 3
        case .text: 4
        case .code: 5
        case .key: 6
        }
    }
}
