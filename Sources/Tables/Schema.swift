/// The named, typed columns that a table must have.
public struct Schema: Hashable, Sendable {
    /// A column's name, matched exactly with the header row, and what its cells may hold.
    public struct Column: Hashable, Sendable {
        public let name: String
        public let type: ColumnType
        /// What an empty cell counts as, as it is stored; nil if every cell needs a value.
        ///
        /// Only for columns that are stored as integers.
        public let missing: Int64?

        public init(_ name: String, _ type: ColumnType, missing: Int64? = nil) {
            precondition(missing == nil || !type.isText, "a column of texts has no missing value")
            (self.name, self.type, self.missing) = (name, type, missing)
        }
    }

    public let columns: [Column]

    /// A schema of at least one column with different, non-empty names.
    public init(_ columns: [Column]) {
        precondition(!columns.isEmpty, "a schema needs a column")
        precondition(
            Set(columns.map(\.name)).count == columns.count, "two columns have the same name")
        precondition(columns.allSatisfy { !$0.name.isEmpty }, "a column needs a name")
        self.columns = columns
    }

    /// The position of the column with this name.
    public func index(of name: String) -> Int? {
        columns.firstIndex { $0.name == name }
    }
}

/// What the cells of a column may hold, and how they are stored.
public enum ColumnType: Hashable, Sendable {
    /// A whole number in the range; stored as it is.
    case integer(ClosedRange<Int64>)
    /// An amount in units with at most two decimals (`12`, `12.5`, `-12.50`); stored in cents, the
    /// range is in cents.
    case money(ClosedRange<Int64>)
    /// UTF-8 text of at most so many bytes.
    case text(maxBytes: Int)
    /// One of at most 256 words; stored as its index in the list.
    case code([String])
    /// A moment, stored as seconds since 1970-01-01T00:00:00Z, up to the year 9999.
    ///
    /// Read from whole seconds (`1767225600`), a date (`2026-01-01`) or a date and time
    /// (`2026-01-01T08:30:00`, `T` or a space between, then nothing, `Z` or an offset as `+01:00`).
    /// Without a zone it is UTC. Fractions of a second are refused.
    case timestamp
    /// An identifier such as an account: 1 to 34 of `A-Z a-z 0-9 _ -`, compared byte by byte.
    case key
    /// A decimal number x (`0.125`, at most 28 decimals, no exponent), stored as x · 2^fractionBits
    /// rounded half up; 1 to 32 fraction bits, the range is of what is stored.
    case fixed(fractionBits: Int, ClosedRange<Int64>)
    /// A date (`2026-01-31`), stored as days since 2000-01-01.
    case day(ClosedRange<Int64>)
    /// A moment, stored as whole minutes since 2000-01-01T00:00Z.
    ///
    /// Read from a date and time as for ``timestamp``, with or without seconds, which are left out.
    case minute(ClosedRange<Int64>)
    /// `true`, `yes` or `1`, `false`, `no` or `0`, in small or capital letters; stored as 1 or 0.
    case bool

    /// The type's name in error messages and row encodings.
    package var name: String {
        switch self {
        case .integer: "integer"
        case .money: "money"
        case .text: "text"
        case .code: "code"
        case .timestamp: "timestamp"
        case .key: "key"
        case .fixed: "fixed"
        case .day: "day"
        case .minute: "minute"
        case .bool: "bool"
        }
    }

    /// Whether cells are stored as packed text rather than as 64-bit integers.
    package var isText: Bool {
        switch self {
        case .text, .key: true
        case .integer, .money, .code, .timestamp, .fixed, .day, .minute, .bool: false
        }
    }

    /// The longest identifier of a ``key`` column, in bytes: that of an IBAN.
    package static let maxKeyBytes = 34
}
