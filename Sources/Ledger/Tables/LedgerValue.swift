/// A value in a row of a ledger table.
public enum LedgerValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// Any number but NaN; −0 is stored as 0.
    case real(Double)
    /// Text without the character U+0000.
    case text(String)
    case blob([UInt8])
}

/// A column of a ledger table.
public struct LedgerColumn: Hashable, Sendable {
    /// The types of SQLite's STRICT tables.
    public enum ColumnType: String, Hashable, Sendable, CaseIterable {
        case integer = "INTEGER"
        case real = "REAL"
        case text = "TEXT"
        case blob = "BLOB"
    }

    public let name: String
    public let type: ColumnType
    public let isNullable: Bool

    public init(_ name: String, _ type: ColumnType, isNullable: Bool = false) {
        (self.name, self.type, self.isNullable) = (name, type, isNullable)
    }
}

/// A ledger table as its owner states it.
public struct LedgerTable: Hashable, Sendable {
    /// What may happen to rows, in the words of Azure SQL's `ledger_type_desc`.
    public enum Kind: String, Hashable, Sendable {
        /// Rows are added and never changed.
        case appendOnly = "APPEND_ONLY_LEDGER_TABLE"
        /// Rows change; what they were stays in the history table.
        case updatable = "UPDATABLE_LEDGER_TABLE"
    }

    public let name: String
    public let kind: Kind
    public let columns: [LedgerColumn]
    /// The names of the key's columns, in order; empty for rows without a key.
    public let primaryKey: [String]

    /// A table of 1 to 200 columns.
    ///
    /// - Parameter primaryKey: columns that are not nullable; an updatable table must have them.
    /// - Throws: ``LedgerError/malformed(_:)`` for names or a key that cannot be.
    public init(
        name: String, kind: Kind, columns: [LedgerColumn], primaryKey: [String]
    ) throws(LedgerError) {
        try LedgerIdentifier.check(table: name)
        guard (1...200).contains(columns.count) else {
            throw .malformed(
                "the table \(name) has \(columns.count) columns; 1 to 200 are possible")
        }
        for column in columns { try LedgerIdentifier.check(column: column.name, of: name) }
        guard Set(columns.map { $0.name.lowercased() }).count == columns.count else {
            throw .malformed("the table \(name) has two columns of one name; rename one")
        }
        let required = Set(columns.filter { !$0.isNullable }.map(\.name))
        guard required.isSuperset(of: primaryKey), Set(primaryKey).count == primaryKey.count else {
            throw .malformed(
                "the key of \(name) must be different columns of it that are not nullable")
        }
        guard kind == .appendOnly || !primaryKey.isEmpty else {
            throw .malformed("the updatable table \(name) needs a primary key")
        }
        (self.name, self.kind) = (name, kind)
        (self.columns, self.primaryKey) = (columns, primaryKey)
    }
}

/// Names of tables and columns: few characters, and always quoted in SQL.
enum LedgerIdentifier {
    private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_".utf8)
    private static let digits = Set("0123456789".utf8)

    /// 1 to 64 letters, digits and underscores, no digit first.
    static func isWellFormed(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 64 else { return false }
        return letters.contains(first)
            && bytes.allSatisfy { letters.contains($0) || digits.contains($0) }
    }

    static func check(table name: String) throws(LedgerError) {
        let lower = name.lowercased()
        guard isWellFormed(name), !lower.hasSuffix("_ledger"),
            !["sqlite_", "ledger_", "parley", "database_ledger_"].contains(where: lower.hasPrefix)
        else {
            throw .malformed(
                "\(name.debugDescription) cannot name a ledger table: take 1 to 64 letters, digits "
                    + "and underscores that do not begin with a digit, sqlite_, ledger_, "
                    + "database_ledger_ or parley nor end with _Ledger")
        }
    }

    static func check(column name: String, of table: String) throws(LedgerError) {
        guard isWellFormed(name), !name.lowercased().hasPrefix("ledger_") else {
            throw .malformed(
                "\(name.debugDescription) cannot name a column of \(table): take 1 to 64 letters, "
                    + "digits and underscores that do not begin with a digit or ledger_")
        }
    }

    static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    static func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }
}
