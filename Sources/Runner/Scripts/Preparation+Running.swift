import Algebra
import Analytics
import MPC
import Primitives
import Script

extension CheckedTable.Preparation {
    /// Makes the table of what its owner has: the preparation's steps in the clear.
    ///
    /// For as many rows as there are, not for as many as there may be.
    ///
    /// - Returns: the valid rows, with the columns of the table.
    func run(_ rows: PlainTable) throws(AnalyticsError) -> PlainTable {
        let input = program.inputs[0]
        let schema = try TableSchema(
            input.schema.fields, bound: max(1, rows.count), unique: input.schema.unique)
        var schemas: [TableSchema] = []
        var steps: [Step] = []
        for step in program.steps {
            schemas.append(
                try step.operation.schema(
                    of: schemas, inputs: [schema], limit: Z128().numberLimit))
            steps.append(
                Step(step.operation, schema: schemas[schemas.count - 1], label: step.label))
        }
        let program = Program(
            parties: program.parties,
            inputs: [
                ProgramInput(
                    table: input.table, owner: input.owner, schema: schema, unique: input.unique)
            ],
            steps: steps,
            releases: [
                Release(
                    name: source, kind: .rows(.all, isOrdered: true), table: result,
                    columns: schemas[result].names, atMost: nil, label: "prepare from \(source)")
            ])
        var engine = PlainEngine(Z128())
        return try engine.run(program, inputs: [rows])[0].rows
    }
}
