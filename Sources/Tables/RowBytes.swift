/// The canonical bytes of rows: what input commitments bind.
///
/// A row is the number of its columns (2 bytes), then for each column of the schema, in its order: a
/// tag (1 byte: 1 integer, 2 money, 3 timestamp, 4 text, 5 code, 6 key, 7 fixed, 8 day, 9 minute,
/// 10 bool), the length of the value (4 bytes) and the value. What is stored as an integer is 8 bytes,
/// two's complement; text, keys and codes are their UTF-8 text. Everything is little-endian. Different rows have different bytes,
/// and no row's bytes are the beginning of another's.
extension Table {
    /// Appends the bytes of row `row` to `output`.
    package func appendRowBytes(_ row: Int, to output: inout [UInt8]) {
        Self.append(UInt64(columns.count), 2, to: &output)
        for index in columns.indices {
            let type = schema.columns[index].type
            output.append(type.tag)
            switch columns[index] {
            case .texts(let texts):
                let text = texts[bytes: row]
                Self.append(UInt64(text.count), 4, to: &output)
                output.append(contentsOf: text)
            case .integers(let values):
                if case .code(let words) = type {
                    let word = words[Int(values[row])].utf8
                    Self.append(UInt64(word.count), 4, to: &output)
                    output.append(contentsOf: word)
                } else {
                    Self.append(8, 4, to: &output)
                    Self.append(UInt64(bitPattern: values[row]), 8, to: &output)
                }
            }
        }
    }

    // Concrete, because a generic function of another module is not specialised in this loop.
    private static func append(_ value: UInt64, _ count: Int, to output: inout [UInt8]) {
        for index in 0..<count { output.append(UInt8(truncatingIfNeeded: value &>> (8 * index))) }
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
        case .fixed: 7
        case .day: 8
        case .minute: 9
        case .bool: 10
        }
    }
}
