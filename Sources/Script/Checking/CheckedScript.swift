public import Analytics
public import Primitives

/// A script that has passed every check, for one choice of its parameters.
public struct CheckedScript: Sendable {
    public let name: String
    public let version: Int
    public let purpose: String
    public let basis: String
    public let parties: [CheckedParty]
    public let security: SecuritySyntax
    public let runs: RunsSyntax
    public let period: PeriodSyntax?
    /// Declared tables, by name.
    public let tables: [CheckedTable]
    public let models: [CheckedModel]
    /// Values chosen from signed sets.
    public let choices: [CheckedChoice]
    public let reveals: [CheckedReveal]
    /// Shortcuts that leak.
    public let disclosures: [Disclosure]
    /// That no key is in two banks' tables, which nobody checks.
    public let assumptions: [String]
    public let program: Program

    /// Whether a column of a table, or of what a table is prepared from, has the period's days alone.
    package var isBoundToPeriod: Bool {
        tables.flatMap { $0.columns + ($0.preparation?.columns ?? []) }
            .contains { $0.period != nil }
    }
}

public struct CheckedParty: Hashable, Sendable {
    public let name: String
    public let roles: [PartySyntax.Role]
    /// Its place among those who take part, of whom those who compute come first; nil for observers.
    public let party: Party?

    public var computes: Bool { roles.contains(.compute) }
    /// Whether it takes part without computing: it only brings data or receives results.
    public var isClient: Bool { party != nil && !computes }
}

/// How a column's cells are read at their owner.
public struct CheckedColumn: Hashable, Sendable {
    public let field: Field
    /// What makes spellings of one key equal.
    public let canonical: CanonicalForm?
    /// What a missing cell counts as: a number in the column's unit, a place in a code, 0 or 1.
    public let missing: Int128?
    /// The period in which its days lie; nil if they have a range of their own.
    public let period: String?

    package init(
        field: Field, canonical: CanonicalForm?, missing: Int128?, period: String?
    ) {
        (self.field, self.canonical, self.missing) = (field, canonical, missing)
        self.period = period
    }
}

/// What makes different spellings of a key equal, applied by its owner.
public enum CanonicalForm: String, Hashable, Sendable, CaseIterable {
    /// As it is.
    case exact
    /// Without spaces, in capitals.
    case iban
    /// In capitals, without spaces at the ends.
    case upper
    /// Its digits alone.
    case digits

    public func apply(to text: String) -> String {
        switch self {
        case .exact: text
        case .iban: String(text.filter { $0 != " " }).uppercased()
        case .upper:
            String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).uppercased()
        case .digits: String(text.filter { ("0"..."9").contains($0) })
        }
    }
}

public struct CheckedTable: Hashable, Sendable {
    public let name: String
    /// Those who bring it.
    public let owners: [Party]
    public let isAtEachBank: Bool
    /// What is shared.
    public let columns: [CheckedColumn]
    public let unique: [[String]]
    public let bound: Int
    /// What an owner reads instead, and how the table is made of it in the clear.
    public let preparation: Preparation?

    public struct Preparation: Hashable, Sendable {
        public let source: String
        public let columns: [CheckedColumn]
        public let unique: [[String]]
        public let bound: Int
        /// One input (the source); the last step's table has the columns of the table.
        public let program: Program
        public let result: Int
    }
}

public struct CheckedModel: Hashable, Sendable {
    public let name: String
    public let owner: Party
    public let features: Int
    /// Of a weight, and of the bias.
    public let weight: ColumnType
}

public struct CheckedChoice: Hashable, Sendable {
    public let name: String
    public let values: [String]
    public let chosen: Int
}

public struct Disclosure: Hashable, Sendable {
    public let text: String
    /// On what the number depends.
    public let rows: Lineage
    public let line: Int
}

/// What one reveal tells, to whom and within which limits.
public struct CheckedReveal: Sendable {
    public enum Recipient: Hashable, Sendable {
        case all
        case party(String)
        /// The bank in whose table the key stands.
        case holder(table: String, key: String)
        /// A check: all learn one bit, and the run stops if it does not hold.
        case check
    }
    public struct Column: Sendable {
        public let name: String
        public let type: ColumnType
        public let lineage: Lineage
        /// Thresholds of a band, if it is one; as written.
        public let bands: [String]
        /// The key by which the recipient holds the row: it knows it already.
        public let isHolderKey: Bool
        /// Whether it is a key by which groups were made.
        public let isGroupKey: Bool
    }
    public let name: String
    public let recipient: Recipient
    public let columns: [Column]
    /// On what it depends whether a row is there.
    public let rows: Lineage
    /// The conditions as written.
    public let condition: String?
    public let atMost: Int?
    public let percent: Int?
    public let groups: (count: Int, of: String)?
    /// The grouping whose groups the limit counts.
    let guarded: Int?
    public let banks: Int?
    public let rounding: String?
    public let withNumber: Bool
    /// The largest number of rows that there can be.
    public let bound: Int
    /// By what the released rows are ordered; nil if they are shuffled.
    public let order: String?
    public let line: Int
}
