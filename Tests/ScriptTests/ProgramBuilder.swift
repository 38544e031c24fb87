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
        try operation.schema(
            of: steps.map(\.schema),
            inputs: inputs.map { TableSchema(input: $0) }, limit: Z64().numberLimit)
    }
}
