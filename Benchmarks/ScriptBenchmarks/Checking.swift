import Algebra
import Analytics
import BenchmarkKit
import Costs
import MPC
import Script

/// Check, manifest and plan of a script of 200 lines.
func measureChecking(_ benchmarks: inout Benchmarks) throws {
    let source = SourceText(name: "two hundred lines", twoHundredLines)
    benchmarks.measure("check a script of 200 lines", elements: 1) {
        keep(Checker.check(source, limit: Z64().numberLimit).diagnostics.count)
        return nil
    }
    guard let script = Checker.check(source, limit: Z64().numberLimit).script else {
        preconditionFailure("the benchmark's own script is refused")
    }
    benchmarks.measure("manifest of 200 lines", elements: 1) {
        keep(Manifest(of: script).text.count)
        return nil
    }
    let none: [PlainTable?] = script.program.inputs.map { _ in nil }
    try benchmarks.measure("plan of 200 lines, \(script.program.steps.count) steps", elements: 1) {
        var engine = CostEngine(Z64(), for: .replicated3, preparation: .onTheSpot)
        keep(try engine.run(script.program, inputs: none).count)
        return nil
    }
}

/// 19 lines of declarations; then selects, groups and joins in turn, of which all are revealed.
private let twoHundredLines: String = {
    var lines = [
        "script long version 1", "purpose \"Benchmark\"", "basis \"None\"",
        "parties bank-a, bank-b, bank-c as bank, compute, result",
        "security semi-honest, at most 1 of 3 corrupt", "runs 1 per month",
        "const threshold = EUR 100.00",
    ]
    // Tables of several sizes, as what one sort costs is known when another has its size.
    for number in 0..<4 {
        lines += [
            "table t\(number) at each bank (id key(k), amount money(EUR) in 0.00 .. 1_000.00,",
            "  n int in 0 .. 9, d day in 2026-01-01 .. 2026-12-31, kind code(cash, card))",
            "  at most \(10_000 - 1000 * number) rows",
        ]
    }
    for number in 0..<36 {
        lines += [
            "let a\(number) = select id, amount, d, n + \(number) as n from every t\(number % 4)",
            "let b\(number) = select id, sum(amount) as total, count(*) as n from a\(number) group by id",
            "let c\(number) = select a.id, a.amount, b.total from a\(number) a",
            "  left join b\(number) b on b.id = a.id",
            "reveal id from c\(number) to the bank holding id at most 100 rows",
        ]
    }
    return lines.joined(separator: "\n") + "\n"
}()
