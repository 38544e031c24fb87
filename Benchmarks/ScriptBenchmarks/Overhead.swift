import Algebra
import Analytics
import BenchmarkKit
import HonestMajority
import MPC
import Networking
import Primitives
import Script
import TestSupport

/// Exposure as a script, and as the same operators called from Swift, in turn in one session.
func measureOverhead(_ benchmarks: inout Benchmarks) throws {
    let rows = benchmarks.isQuick ? 4_000 : 20_000
    let name = "totals for holders, 3 x \(rows) rows, in memory"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    let source = SourceText(name: "totals", script(rows: rows))
    guard let script = Checker.check(source, limit: Z64().numberLimit).script else {
        preconditionFailure("the benchmark's own script is refused")
    }
    let program = script.program
    let results = runParties(InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(600))) {
        session in
        var engine = try Replicated3(Z64(), session: session)
        var times: (script: [Double], swift: [Double]) = ([], [])
        let own = program.inputs.map { $0.owner == session.party ? table($0, rows) : nil }
        for repetition in 0...repetitions {
            let script = try ContinuousClock().measure { _ = try engine.run(program, inputs: own) }
            let swift = try ContinuousClock().measure {
                try operators(&engine, program.inputs, own)
            }
            // Both once to warm up.
            guard repetition > 0 else { continue }
            times.script.append(script / .nanoseconds(1))
            times.swift.append(swift / .nanoseconds(1))
        }
        return times
    }
    guard let times = try results[0].get() else { return }
    benchmarks.record("\(name): script", elements: 3 * rows, nanoseconds: times.script)
    benchmarks.record("\(name): Swift", elements: 3 * rows, nanoseconds: times.swift)
    let ratios = zip(times.script, times.swift).map { $0 / $1 }.sorted()
    benchmarks.derive(
        "\(name), script / Swift", value: ratios[ratios.count / 2], limit: 1.05)
}

private func script(rows: Int) -> String {
    """
    script totals version 1
    purpose  "Benchmark"
    basis    "None"
    parties  bank-a, bank-b, bank-c as bank, compute, result
    security semi-honest, at most 1 of 3 corrupt
    runs     1 per day
    table account at each bank (account key(account)) unique (account) at most \(rows) rows
    table inflow at each bank (account key(account), amount money(EUR) in 0.00 .. 1_000_000.00)
      unique (account) at most \(rows) rows
    let totals = select account, sum(amount) as total, count(distinct bank) as banks
      from every inflow group by account having total >= 25_000 and banks >= 2
    reveal account from totals to the bank holding account in account

    """
}

private func table(_ input: ProgramInput, _ rows: Int) -> PlainTable {
    PlainTable(
        input.schema.fields.map { field in
            guard case .key = field.type else {
                return .numbers((0..<rows).map { Int128($0 * 7_919 % 3_000_000) })
            }
            return .keys(
                (0..<rows).map { UInt128(UInt64($0 + input.owner.index) &* 0x9E37_79B9_7F4A_7C15) })
        })
}

/// What the script's program does, by hand: inputs, unions, totals of the holders' keys, a filter.
private func operators(
    _ engine: inout Replicated3<Z64>, _ inputs: [ProgramInput], _ own: [PlainTable?]
) throws {
    var tables: [SecretTable<Replicated3<Z64>>] = []
    for (input, rows) in zip(inputs, own) {
        tables.append(
            try engine.input(rows, input.schema, unique: input.unique, from: input.owner))
    }
    let accounts = try engine.union(Array(tables[..<3]))
    let inflow = try engine.union(Array(tables[3...]), origin: ("bank", ["a", "b", "c"]))
    let totals = try engine.groupJoin(
        accounts, inflow, on: [("account", "account")],
        [("total", .sum("amount")), ("banks", .countDistinct("bank")), ("present", .count)])
    let limit = Expression.number(2_500_000, .money(currency: "EUR", 0...2_500_000))
    let present = try engine.filter(
        totals, where: .comparison(.greater, .column("present"), .integer(0)))
    let hits = try engine.filter(
        present,
        where: .and(
            .comparison(.greaterOrEqual, .column("total"), limit),
            .comparison(.greaterOrEqual, .column("banks"), .integer(2))))
    let told = try engine.project(hits, to: [("account", "account")])
    let bound = inputs[0].schema.bound
    let parts = try engine.zeroed(told).parts([0..<bound, bound..<2 * bound, 2 * bound..<3 * bound])
    _ = try engine.outputs(
        zeroed: zip(parts, 0..<3).map { (table: $0, to: Recipients.only(Party($1))) })
}
