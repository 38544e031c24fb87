public import Primitives

/// One column of a secret table: public.
public struct Field: Hashable, Sendable {
    public let name: String
    public let type: ColumnType
    /// Whose data its values depend on.
    public let owners: Set<Party>

    public init(_ name: String, _ type: ColumnType, owners: Set<Party> = []) {
        (self.name, self.type, self.owners) = (name, type, owners)
    }

    func named(_ name: String) -> Self { Self(name, type, owners: owners) }
    func owned(by others: Set<Party>) -> Self { Self(name, type, owners: owners.union(others)) }
}

/// The columns of a secret table and how many rows it has at most: all that is public of it.
public struct TableSchema: Hashable, Sendable {
    public let fields: [Field]
    /// The rows that there are, valid or not.
    public let bound: Int
    /// Sets of columns that together differ in all valid rows: checked at the input, or given by
    /// construction.
    public let unique: Set<Set<String>>

    public init(_ fields: [Field], bound: Int, unique: Set<Set<String>> = [])
        throws(AnalyticsError)
    {
        for (index, field) in fields.enumerated() {
            if fields[..<index].contains(where: { $0.name == field.name }) {
                throw .duplicateColumn(field.name)
            }
        }
        self.init(checked: fields, bound: bound, unique: unique)
    }

    /// Takes fields whose names differ; of `unique` what they still have.
    package init(checked fields: [Field], bound: Int, unique: Set<Set<String>> = []) {
        (self.fields, self.bound) = (fields, bound)
        let names = Set(fields.map(\.name))
        self.unique = unique.filter { $0.isSubset(of: names) }
    }

    /// Whether no two valid rows are equal in all of the columns.
    func isUnique(_ names: [String]) -> Bool { unique.contains { $0.isSubset(of: names) } }

    public var names: [String] { fields.map(\.name) }

    /// The place of a column.
    public func index(of name: String) throws(AnalyticsError) -> Int {
        guard let index = fields.firstIndex(where: { $0.name == name }) else {
            throw .unknownColumn(name, known: names)
        }
        return index
    }

    public func field(_ name: String) throws(AnalyticsError) -> Field {
        fields[try index(of: name)]
    }
}
