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

    public init(_ fields: [Field], bound: Int) throws(AnalyticsError) {
        for (index, field) in fields.enumerated() {
            if fields[..<index].contains(where: { $0.name == field.name }) {
                throw .duplicateColumn(field.name)
            }
        }
        (self.fields, self.bound) = (fields, bound)
    }

    /// Takes fields whose names differ.
    init(checked fields: [Field], bound: Int) { (self.fields, self.bound) = (fields, bound) }

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
