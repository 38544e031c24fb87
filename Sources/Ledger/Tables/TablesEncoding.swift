import Foundation
import GRDB
package import Primitives

/// What a row holds in one column, as bytes and numbers; NULL is no cell.
package enum LedgerCell: Hashable {
    case integer(Int64)
    case real(Double)
    case text([UInt8])
    case blob([UInt8])

    /// What SQLite returned for a column that ``StoredTable/readList`` names.
    ///
    /// Text is read as a blob: its bytes count, also those after a zero byte.
    init?(_ value: DatabaseValue, _ type: LedgerColumn.ColumnType) {
        switch (type, value.storage) {
        case (.integer, .int64(let integer)): self = .integer(integer)
        case (.real, .double(let real)): self = .real(real)
        case (.text, .blob(let data)): self = .text(Array(data))
        case (.blob, .blob(let data)): self = .blob(Array(data))
        default: return nil
        }
    }

    /// Nil for NULL.
    package init?(_ value: LedgerValue) {
        switch value {
        case .null: return nil
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real)
        case .text(let text): self = .text(Array(text.utf8))
        case .blob(let bytes): self = .blob(bytes)
        }
    }
}

/// What happened to a row.
package enum LedgerOperation: UInt8 {
    case insert = 1
    case delete = 2
}

/// Where in the ledger an operation stands.
package struct OperationPlace: Hashable, Comparable {
    package let transaction: Int64
    /// From 0 in each transaction, over all tables.
    package let sequence: Int64

    package init(transaction: Int64, sequence: Int64) {
        (self.transaction, self.sequence) = (transaction, sequence)
    }

    package static func < (a: OperationPlace, b: OperationPlace) -> Bool {
        (a.transaction, a.sequence) < (b.transaction, b.sequence)
    }
}

/// The bytes that are hashed: version 1, frozen, specified in the article *Ledger tables*.
///
/// Integers are little-endian; texts and byte strings follow their length as 32 bits.
package enum TablesEncoding {
    private static let rowTag = Array("parley-ledger-row/v1\n".utf8)
    private static let transactionTag = Array("parley-ledger-transaction/v1\n".utf8)
    private static let blockTag = Array("parley-ledger-block/v1\n".utf8)
    static let saltByteCount = 32

    /// One operation on one row.
    ///
    /// - Parameters:
    ///   - start: for a deletion, the operation that inserted the row.
    ///   - cells: by column number; nil is NULL and leaves no trace.
    package static func row(
        _ operation: LedgerOperation, table: UInt32, place: OperationPlace, start: OperationPlace?,
        cells: [LedgerCell?]
    ) -> [UInt8] {
        var bytes = rowTag
        bytes.append(operation.rawValue)
        bytes.append(word: table)
        for place in [place] + (start.map { [$0] } ?? []) {
            bytes.append(long: place.transaction)
            bytes.append(long: place.sequence)
        }
        bytes.append(word: UInt32(cells.count { $0 != nil }))
        for (column, cell) in cells.enumerated() {
            guard let cell else { continue }
            bytes.append(word: UInt32(column))
            append(cell, to: &bytes)
        }
        return bytes
    }

    /// The type's code, the length and the value.
    private static func append(_ cell: LedgerCell, to bytes: inout [UInt8]) {
        switch cell {
        case .integer(let integer):
            bytes.append(1)
            bytes.append(word: UInt32(8))
            bytes.append(long: integer)
        case .real(let real):
            bytes.append(2)
            bytes.append(word: UInt32(8))
            // SQLite does not keep the sign of a zero.
            bytes.append(long: Int64(bitPattern: (real == 0 ? 0 : real).bitPattern))
        case .text(let text):
            bytes.append(3)
            bytes.append(lengthPrefixed: text)
        case .blob(let blob):
            bytes.append(4)
            bytes.append(lengthPrefixed: blob)
        }
    }

    /// A transaction, whose leaf the block's tree holds.
    ///
    /// - Parameter salt: 32 secret bytes, without which a published digest would let anybody who
    ///   knows the rest of a block guess its rows.
    package static func transaction(
        id: Int64, block: Int64, ordinal: Int64, commitTime: [UInt8], principal: [UInt8],
        salt: [UInt8], tableHashes: [UInt8]
    ) -> [UInt8] {
        var bytes = transactionTag
        bytes.append(long: id)
        bytes.append(long: block)
        bytes.append(long: ordinal)
        for part in [commitTime, principal, salt, tableHashes] {
            bytes.append(lengthPrefixed: part)
        }
        return bytes
    }

    /// The hash of a block, SHA-256 of its encoding.
    package static func blockHash(
        database: String, id: Int64, root: Digest, size: Int64, previous: Digest
    ) -> Digest {
        var bytes = blockTag
        bytes.append(lengthPrefixed: database)
        bytes.append(long: id)
        bytes.append(contentsOf: root.bytes)
        bytes.append(long: size)
        bytes.append(contentsOf: previous.bytes)
        return SHA256.hash(bytes)
    }
}

/// The roots of a transaction's rows, a table each: version 1 and the count in a byte each, then
/// number (4 bytes, little-endian) and root of every table, ascending.
package struct TableHashes {
    /// As in Azure SQL; the count has one byte.
    static let maxTables = 200
    package let roots: [(table: UInt32, root: Digest)]

    package init(_ roots: [UInt32: Digest]) {
        self.roots = roots.sorted { $0.key < $1.key }.map { (table: $0.key, root: $0.value) }
    }

    /// Nil unless the bytes have exactly the form.
    package init?(_ bytes: [UInt8]) {
        let width = 4 + Digest.byteCount
        guard bytes.count >= 2, bytes[0] == 1, (1...Self.maxTables).contains(Int(bytes[1])),
            bytes.count == 2 + Int(bytes[1]) * width
        else { return nil }
        var roots: [(table: UInt32, root: Digest)] = []
        for start in stride(from: 2, to: bytes.count, by: width) {
            let table = bytes[start..<start + 4].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            guard let root = Digest(Array(bytes[start + 4..<start + width])),
                roots.last.map({ $0.table < table }) ?? true
            else { return nil }
            roots.append((table: table, root: root))
        }
        self.roots = roots
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = [1, UInt8(roots.count)]
        for (table, root) in roots {
            bytes.append(word: table)
            bytes.append(contentsOf: root.bytes)
        }
        return bytes
    }
}

/// Concrete, for speed: a generic function of another module costs a microsecond an integer.
extension [UInt8] {
    /// Appends 4 bytes.
    fileprivate mutating func append(word: UInt32) {
        for shift in stride(from: 0, to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
        }
    }

    /// Appends 8 bytes.
    fileprivate mutating func append(long: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            append(UInt8(truncatingIfNeeded: long >> Int64(shift)))
        }
    }

    /// Appends the bytes after their number.
    fileprivate mutating func append(lengthPrefixed bytes: [UInt8]) {
        append(word: UInt32(bytes.count))
        append(contentsOf: bytes)
    }

    fileprivate mutating func append(lengthPrefixed text: String) {
        append(lengthPrefixed: Array(text.utf8))
    }
}
