import Foundation
import Ledger

// An updatable ledger table with a past, for programs that are not ours:
//
//   TablesSample LEDGER_FILE > DIGEST
//
// makes the table `accounts` beside the log, inserts, updates and deletes rows, and prints the digest.

let principal = "sample"
let tables = try LedgerTables(file: URL(filePath: CommandLine.arguments.last ?? ""))
try tables.prepare(databaseName: "sample")
try tables.create(
    LedgerTable(
        name: "accounts", kind: .updatable,
        columns: [
            LedgerColumn("id", .integer), LedgerColumn("holder", .text),
            LedgerColumn("balance", .real, isNullable: true),
        ], primaryKey: ["id"]), principal: principal)
try tables.transaction(principal: principal) { transaction throws(LedgerError) in
    try transaction.insert(
        (1...20).map { [.integer($0), .text("holder \($0)"), .real(Double($0) / 2)] },
        into: "accounts")
}
try tables.transaction(principal: principal) { transaction throws(LedgerError) in
    try transaction.update(
        (5...9).map { [.integer($0), .text("holder \($0)"), .null] }, in: "accounts")
    try transaction.delete(keys: [[.integer(1)], [.integer(20)]], from: "accounts")
}
print(try tables.digest().json)
