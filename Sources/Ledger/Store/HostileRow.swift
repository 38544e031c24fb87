import Foundation
import GRDB
import Primitives

/// A row of a file that anybody may have changed.
struct HostileRow {
    private let row: Row

    init(_ row: Row) { self.row = row }

    func int(_ column: Int) throws(LedgerError) -> Int { try value(column) }
    func text(_ column: Int) throws(LedgerError) -> String { try value(column) }
    func bytes(_ column: Int) throws(LedgerError) -> [UInt8] {
        Array(try value(column) as Data)
    }

    func digest(_ column: Int) throws(LedgerError) -> Digest {
        guard let digest = Digest(try bytes(column)) else { throw Self.damaged }
        return digest
    }

    func isNull(_ column: Int) -> Bool { (row[column] as DatabaseValue).isNull }

    private static var damaged: LedgerError {
        .storage("a value in the ledger's file has a wrong type or length")
    }

    private func value<Value: DatabaseValueConvertible>(
        _ column: Int
    ) throws(LedgerError) -> Value {
        guard let value = Value.fromDatabaseValue(row[column]) else { throw Self.damaged }
        return value
    }
}
