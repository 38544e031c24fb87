import Algebra
import Analytics
import Primitives
import Script

/// A program built step by step, with everybody's rows, as a checker would make it.
struct ProgramBuilder {
    private var inputs: [ProgramInput] = []
    private(set) var tables: [PlainTable] = []
    private var steps: [Step] = []
    private var releases: [Release] = []

    var program: Program {
        Program(parties: ["bankA", "bankB"], inputs: inputs, steps: steps, releases: releases)
    }

    mutating func input(
        _ name: String, _ owner: Int, _ fields: [Field], bound: Int, unique: [String] = [],
        _ rows: PlainTable
    ) throws -> Int {
        let schema = try TableSchema(fields, bound: bound)
        inputs.append(
            ProgramInput(table: name, owner: Party(owner), schema: schema, unique: unique))
        tables.append(rows)
        return try add(.input(inputs.count - 1))
    }

    mutating func add(_ operation: Operation) throws -> Int {
        let schema = try schema(of: operation)
        steps.append(Step(operation, schema: schema, label: "step \(steps.count)"))
        return steps.count - 1
    }

    func schema(_ step: Int) -> TableSchema { steps[step].schema }

    mutating func reveal(
        _ table: Int, _ columns: [String], to recipient: Release.Recipient = .all,
        isOrdered: Bool = false, atMost: Int? = nil, withNumber: Bool = false
    ) {
        add(.rows(recipient, isOrdered: isOrdered), table, columns, atMost, withNumber)
    }

    mutating func revealToHolders(
        _ table: Int, _ columns: [String], _ inputs: [Int], atMost: Int? = nil,
        withNumber: Bool = false
    ) {
        let parts = inputs.map {
            Release.Part(
                input: $0, owner: self.inputs[$0].owner, rows: self.inputs[$0].schema.bound)
        }
        add(.holders(parts), table, columns, atMost, withNumber)
    }

    mutating func check(_ table: Int, _ column: String) {
        add(.check(column: column), table, [column], nil, false)
    }

    private mutating func add(
        _ kind: Release.Kind, _ table: Int, _ columns: [String], _ atMost: Int?, _ withNumber: Bool
    ) {
        releases.append(
            Release(
                name: "reveal \(releases.count + 1)", kind: kind, table: table, columns: columns,
                atMost: atMost, withNumber: withNumber, label: "release \(releases.count)"))
    }

    private func schema(of operation: Operation) throws -> TableSchema {
        let limit = Z64().numberLimit
        switch operation {
        case .input(let number):
            let input = inputs[number]
            return try TableSchema(
                input.schema.fields.map { Field($0.name, $0.type, owners: [input.owner]) },
                bound: input.schema.bound,
                unique: input.unique.isEmpty ? [] : [Set(input.unique)])
        case .union(let parts, let origin):
            return try .union(
                parts.map { schema($0) }, origin: origin.map { ($0.column, $0.labels) })
        case .assumingUnique(let table, let names): return try schema(table).distinct(on: names)
        case .filter(let table, let condition):
            return try schema(table).filtered(where: condition, limit: limit)
        case .extend(let table, let columns):
            return try schema(table).extended(
                by: columns.map { ($0.name, $0.expression) }, limit: limit)
        case .project(let table, let columns):
            return try schema(table).projected(to: columns.map { ($0.from, $0.to) })
        case .join(let left, let right, let keys, let kind, let matched):
            return try schema(left).joined(
                with: schema(right), on: keys.map { ($0.left, $0.right) }, kind, matched: matched)
        case .joinMany(let left, let right, let keys, let cap):
            return try schema(left).joinedMany(
                with: schema(right), on: keys.map { ($0.left, $0.right) }, cap: cap)
        case .groupBy(let table, let keys, let aggregates, let bound):
            return try schema(table).grouped(
                by: keys, aggregates.map { ($0.name, $0.aggregate) }, atMost: bound, limit: limit)
        case .groupJoin(let left, let right, let keys, let aggregates):
            return try schema(left).groupJoined(
                with: schema(right), on: keys.map { ($0.left, $0.right) },
                aggregates.map { ($0.name, $0.aggregate) }, limit: limit)
        case .window(let table, let groups, let order, let functions):
            return try schema(table).windowed(
                groups: groups, order: order, functions.map { ($0.name, $0.function) },
                limit: limit)
        case .distinct(let table, let names): return try schema(table).distinct(on: names)
        case .orderBy(let table, let keys, let count):
            return try schema(table).ordered(by: keys, first: count)
        case .limit(let table, let count): return schema(table).limited(to: count)
        case .quantiles(let table, let column, let fractions):
            return try schema(table).quantiles(
                of: column, fractions.map { ($0.name, $0.numerator, $0.denominator) },
                limit: limit)
        case .broadcast(let table, let row, let columns):
            return try schema(table).broadcast(
                from: schema(row), columns.map { ($0.from, $0.to) })
        case .score(let table, let features, let model, let name):
            return try schema(table).scored(
                features: features, model: schema(model), as: name, limit: limit)
        case .compacted(let table): return schema(table).compacted()
        }
    }
}
