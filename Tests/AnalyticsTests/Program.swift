import Analytics
import MPC
import Primitives

/// An expression with the same in SQL.
struct Formula: Sendable {
    let expression: Expression
    let sql: String
    /// What columns are compared with: the kind of value.
    let kind: Kind

    enum Kind: Hashable, Sendable { case integer, money, fixed, day, bool, code, key }
}

/// One operator, applied to the table that the steps before have made.
enum Step: Sendable {
    case filter(Formula)
    case extend(String, Formula)
    case project([String])
    /// With the second table of facts.
    case union
    case orderBy([OrderKey], first: Int?)
    case limit(Int)
    case distinct([String])
    case groupBy([String], [(name: String, Aggregate)], atMost: Int?)
    /// With the table of unique keys.
    case join(JoinKind)
    /// With the second table of facts under other names.
    case joinMany(cap: Int)
    case window([String], [OrderKey], [(name: String, WindowFunction)])
    case groupTotals([String], [(name: String, Aggregate)])
    /// With the second table of facts.
    case groupJoin([(name: String, Aggregate)])
    /// The lower median and the highest value of a column in each row.
    case median(String, as: String)
    case compacted
    case histogram(String, [Int128])
    case quantiles(String, [(numerator: Int, denominator: Int)])
}

struct InputTable: Sendable {
    let schema: TableSchema
    let rows: PlainTable
    var unique: [String] = []
    let owner: Party
}

/// Three input tables and steps, for any engine.
struct Program: Sendable {
    var facts: InputTable
    var moreFacts: InputTable
    var unique: InputTable
    var steps: [Step]
    var memoryBudget: Int

    /// - Parameter me: nil on the plaintext engine, which is given everybody's rows.
    func run<E: Engine & ~Copyable>(on engine: inout E, me: Party?) throws(AnalyticsError)
        -> PlainTable?
    {
        let context = TableContext(memoryBudget: memoryBudget)
        var inputs: [SecretTable<E>] = []
        for input in [facts, moreFacts, unique] {
            inputs.append(
                try engine.input(
                    me == nil || me == input.owner ? input.rows : nil, input.schema,
                    unique: input.unique, from: input.owner, context: context))
        }
        var table = inputs[0]
        for step in steps { table = try step.run(on: &engine, table, inputs) }
        return try engine.output(table, to: .all)
    }
}

extension Step {
    func run<E: Engine & ~Copyable>(
        on engine: inout E, _ table: SecretTable<E>, _ inputs: [SecretTable<E>]
    ) throws(AnalyticsError) -> SecretTable<E> {
        switch self {
        case .filter(let formula): return try engine.filter(table, where: formula.expression)
        case .extend(let name, let formula):
            return try engine.extend(table, name, formula.expression)
        case .project(let names): return try engine.project(table, to: names)
        case .union:
            return try engine.union([table, inputs[1]], origin: ("origin", ["one", "two"]))
        case .orderBy(let keys, let first): return try engine.orderBy(table, keys, first: first)
        case .limit(let count): return try engine.limit(table, to: count)
        case .distinct(let names): return try engine.distinct(table, on: names)
        case .groupBy(let keys, let aggregates, let bound):
            return try engine.groupBy(table, keys, aggregates, atMost: bound)
        case .join(let kind):
            return try engine.join(
                table, inputs[2], on: [("k", "uk")], kind,
                matched: kind == .left ? "matched" : nil)
        case .joinMany(let cap):
            var other = try engine.project(inputs[1], to: ["k", "a", "c"])
            for name in ["k", "a", "c"] { other = try engine.rename(other, name, to: "m\(name)") }
            return try engine.joinMany(table, other, on: [("k", "mk")], cap: cap).pairs
        case .window(let groups, let order, let functions):
            return try engine.window(table, groups: groups, order: order, functions)
        case .groupTotals(let keys, let aggregates):
            return try engine.withGroupTotals(table, keys, aggregates)
        case .groupJoin(let aggregates):
            return try engine.groupJoin(table, inputs[1], on: [("k", "k")], aggregates)
        case .median(let column, let name):
            let row = try engine.quantilesAsRow(
                table, of: column, [("median", 1, 2), ("highest", 1, 1)])
            return try engine.broadcast(
                table, from: row, [("highest", name + "h"), ("median", name)])
        case .compacted: return try engine.compacted(table)
        case .histogram(let column, let edges):
            return try engine.histogram(table, of: column, edges: edges, as: "count")
        case .quantiles(let column, let fractions):
            return try engine.quantiles(table, of: column, fractions)
        }
    }
}
