import Algebra
import Analytics
import Costs
import Foundation
import MPC
import Primitives
import Script
import Testing

/// A script's program, on tables without rows: what it costs depends on their bounds alone.
struct ScriptProgram: CostedProgram {
    let program: Program

    /// The bundled exposure script with other bounds.
    init(bound: Int) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Applications/Scripts/exposure.parley")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing("100_000 rows", with: "\(bound) rows")
        let checked = Checker.check(
            SourceText(name: "exposure.parley", text), limit: Z64().numberLimit)
        program = try #require(checked.script).program
    }

    func run<E: Engine & ~Copyable>(
        _ engine: inout E, me: Party?, done: (String) -> Void
    ) throws {
        let tables = program.inputs.map { input in
            me == input.owner ? PlainTable(input.schema.fields.map { .init(none: $0.type) }) : nil
        }
        _ = try engine.run(program, inputs: tables)
        done("script")
    }
}

@Suite struct ScriptPlanTests {
    @Test("A script's plan is near its run, step by step")
    func script() throws {
        let program = try ScriptProgram(bound: 2000)
        let real = try RealRun(program, over: Z64(), on: .replicated3)
        let estimate = try Plan(program, over: Z64(), on: .replicated3).estimate
        #expect(
            OperatorTests.isNear(estimate.total.totalBytesSent, real.total.total, 0.05))
        #expect(OperatorTests.isNear(estimate.total.rounds, real.total.rounds, 0.25))
        // One row a step and release, and the agreement.
        let labels = program.program.steps.map(\.label) + program.program.releases.map(\.label)
        let names = estimate.rows.map(\.name)
        #expect(names.first == "set-up" && names.count > 3)
        #expect(names.dropFirst().allSatisfy { labels.contains($0) || $0 == "(other)" })
    }

    @Test("In a plan checks hold and disclosed numbers are the largest")
    func checks() throws {
        // A check that did not hold would end the plan: what follows would cost nothing.
        let schema = try TableSchema([Field("ok", .bool)], bound: 1)
        let release = { (kind: Release.Kind) in
            Release(
                name: "reveal", kind: kind, table: 0, columns: ["ok"], atMost: nil, label: "reveal")
        }
        func plan(_ releases: [Release], _ operations: [Script.Operation]) throws -> CostEstimate {
            let program = Program(
                parties: ["a", "b", "c"],
                inputs: [ProgramInput(table: "t", owner: Party(0), schema: schema)],
                steps: operations.map { Step($0, schema: schema, label: "\($0)") },
                releases: releases)
            var plan = CostEngine(Z64(), for: .replicated3)
            let results = try plan.run(program, inputs: [nil])
            #expect(results.allSatisfy { $0.holds != false })
            return plan.estimate(terms: AgreementTerms([]))
        }
        let check = try plan([release(.check(column: "ok"))], [.input(0)])
        let both = try plan(
            [
                release(.check(column: "ok")),
                Release(
                    name: "rows", kind: .rows(.all, isOrdered: true), table: 1, columns: ["ok"],
                    atMost: nil, label: "rows"),
            ], [.input(0), .compacted(0)])
        #expect(both.total.totalBytesSent > check.total.totalBytesSent + 500)
    }
}
