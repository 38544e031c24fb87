public import Analytics
public import Primitives

/// What one release gave to one recipient.
public struct ReleaseResult: Hashable, Sendable {
    /// That of the program's release.
    public let index: Int
    /// Who learned it; nil if all did.
    public let recipient: Party?
    /// The columns released.
    public let schema: TableSchema
    /// The valid rows, in order of their values if the release has no order.
    ///
    /// Of a release to holders, all rows in the order of the owner's input, those that are not valid
    /// zero. Empty if suppressed, and for a check.
    public let rows: PlainTable
    /// Whether there were more rows than the limit allows.
    public let isSuppressed: Bool
    /// The number of valid rows, where the script reveals it.
    public let number: Int?
    /// For a check: whether it holds.
    public let holds: Bool?

    public init(
        index: Int, recipient: Party?, schema: TableSchema, rows: PlainTable, isSuppressed: Bool,
        number: Int? = nil, holds: Bool? = nil
    ) {
        (self.index, self.recipient, self.schema) = (index, recipient, schema)
        (self.rows, self.isSuppressed, self.number) = (rows, isSuppressed, number)
        self.holds = holds
    }
}
