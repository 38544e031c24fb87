public import Analytics
public import Primitives

/// A checked script as a graph of operators on tables: independent of engine, ring and data.
///
/// Its size does not depend on the number of rows. Step i makes table i from tables of earlier steps;
/// `repeat` is unrolled. All types, ranges and bounds are known: a step's schema is that of
/// Analytics' operator.
public struct Program: Hashable, Sendable {
    /// Those who take part, in the order of the script's header: first those who compute.
    public let parties: [String]
    /// How many of them compute; the others are clients.
    public let computing: Int
    public let inputs: [ProgramInput]
    public let steps: [Step]
    /// In the script's order; a check that does not hold ends the run before anything behind it.
    public let releases: [Release]

    /// - Parameter computing: all if nil.
    public init(
        parties: [String], computing: Int? = nil, inputs: [ProgramInput], steps: [Step],
        releases: [Release]
    ) {
        (self.parties, self.inputs, self.steps, self.releases) = (parties, inputs, steps, releases)
        self.computing = computing ?? parties.count
    }

    public var clients: Int { parties.count - computing }

    /// Whether a party only brings data or receives results.
    public func isClient(_ party: Party) -> Bool { party.index >= computing }
}

/// A table, or the weights of a model, that one party brings.
public struct ProgramInput: Hashable, Sendable {
    /// As the script calls it: several parties may have one of the same name.
    public let table: String
    public let owner: Party
    /// What is shared.
    public let schema: TableSchema
    /// Columns that together differ in all rows; empty if none are declared.
    public let unique: [String]

    public init(table: String, owner: Party, schema: TableSchema, unique: [String] = []) {
        (self.table, self.owner, self.schema, self.unique) = (table, owner, schema, unique)
    }
}

/// One operator of a program.
public struct Step: Hashable, Sendable {
    public let operation: Operation
    /// What comes out; the row bound is the largest possible.
    public let schema: TableSchema
    /// For progress, costs and errors: "join transfer with account (line 12)".
    public let label: String

    public init(_ operation: Operation, schema: TableSchema, label: String) {
        (self.operation, self.schema, self.label) = (operation, schema, label)
    }
}

/// What a step does.
///
/// Tables are named by their step's number.
public enum Operation: Hashable, Sendable {
    /// The input of this number.
    case input(Int)
    /// Rows of several tables one after the other, with a code column of their origin if named.
    case union([Int], origin: Origin?)
    /// The same rows, of which it is assumed that they differ in the columns.
    case assumingUnique(Int, [String])
    case filter(Int, Expression)
    /// More columns, each computed from those of the table given (not from each other).
    case extend(Int, [NamedExpression])
    /// These columns alone, under these names.
    case project(Int, [Renaming])
    case join(left: Int, right: Int, on: [KeyPair], JoinKind, matched: String?)
    /// All pairs; at most `cap` rows of the right table a key.
    case joinMany(left: Int, right: Int, on: [KeyPair], cap: Int)
    case groupBy(Int, keys: [String], [NamedAggregate], atMost: Int?)
    /// The left table's rows in their order, each with sums and counts over all rows of the right
    /// table with its keys: zero where there are none.
    case groupJoin(left: Int, right: Int, on: [KeyPair], [NamedAggregate])
    case window(Int, groups: [String], order: [OrderKey], [NamedWindow])
    case distinct(Int, on: [String])
    case orderBy(Int, [OrderKey], first: Int?)
    case limit(Int, to: Int)
    /// One row with one column for each quantile of one column's valid values.
    case quantiles(Int, of: String, [NamedQuantile])
    /// Each row of a table, with columns of the only row of another one.
    case broadcast(Int, from: Int, [Renaming])
    /// One more column: weights · features + bias, with a weight for each feature and then the bias in
    /// the rows of the model's table, rounded down to the fraction bits of the weights.
    case score(Int, features: [String], model: Int, as: String)
    /// The valid rows alone, their number revealed to all: a shortcut that the script discloses.
    case compacted(Int)

    public struct Origin: Hashable, Sendable {
        public let column: String
        public let labels: [String]
        public init(column: String, labels: [String]) {
            (self.column, self.labels) = (column, labels)
        }
    }
    public struct NamedExpression: Hashable, Sendable {
        public let name: String
        public let expression: Expression
        public init(_ name: String, _ expression: Expression) {
            (self.name, self.expression) = (name, expression)
        }
    }
    public struct Renaming: Hashable, Sendable {
        public let from: String
        public let to: String
        public init(_ from: String, to: String) { (self.from, self.to) = (from, to) }
    }
    public struct KeyPair: Hashable, Sendable {
        public let left: String
        public let right: String
        public init(left: String, right: String) { (self.left, self.right) = (left, right) }
    }
    public struct NamedAggregate: Hashable, Sendable {
        public let name: String
        public let aggregate: Aggregate
        public init(_ name: String, _ aggregate: Aggregate) {
            (self.name, self.aggregate) = (name, aggregate)
        }
    }
    public struct NamedWindow: Hashable, Sendable {
        public let name: String
        public let function: WindowFunction
        public init(_ name: String, _ function: WindowFunction) {
            (self.name, self.function) = (name, function)
        }
    }
    public struct NamedQuantile: Hashable, Sendable {
        public let name: String
        public let numerator: Int
        public let denominator: Int
        public init(_ name: String, _ numerator: Int, _ denominator: Int) {
            (self.name, self.numerator, self.denominator) = (name, numerator, denominator)
        }
    }
}

/// What leaves the computation.
public struct Release: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Rows of a table, shuffled before unless `isOrdered`.
        case rows(Recipient, isOrdered: Bool)
        /// To each party what concerns the rows that it brought itself, in its own order: `table` holds
        /// first the rows of part 0, then of part 1, ...; the owner of a part learns its valid rows.
        case holders([Part])
        /// The column `holds` of a table of one row, to all; if it is false, the run stops here.
        case check(column: String)
    }
    public enum Recipient: Hashable, Sendable {
        case all
        case party(Party)
    }
    /// Rows of one party's input.
    public struct Part: Hashable, Sendable {
        /// The number of the input.
        public let input: Int
        public let owner: Party
        public let rows: Int
        public init(input: Int, owner: Party, rows: Int) {
            (self.input, self.owner, self.rows) = (input, owner, rows)
        }
    }

    /// "reveal 1", or as the script names it.
    public let name: String
    public let kind: Kind
    /// The step whose table is released: these columns of it.
    public let table: Int
    public let columns: [String]
    /// If more rows are valid (at holders: of one part), none is released, and this is said.
    public let atMost: Int?
    /// Whether the number of valid rows is released even if the rows are not.
    public let withNumber: Bool
    public let label: String

    public init(
        name: String, kind: Kind, table: Int, columns: [String], atMost: Int?,
        withNumber: Bool = false, label: String
    ) {
        (self.name, self.kind, self.table, self.columns) = (name, kind, table, columns)
        (self.atMost, self.withNumber, self.label) = (atMost, withNumber, label)
    }
}
