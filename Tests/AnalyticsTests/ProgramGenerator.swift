import Algebra
import Analytics
import MPC
import Primitives
import TestSupport

let channels = ["cash", "atm", "counter"]

/// Columns of every kind, with few different values, so that ties and repeats are common.
let factFields = [
    Field("k", .key(domain: "account", bits: 64)), Field("a", .integer(-100...100)),
    Field("m", .money(currency: "EUR", 0...10_000)),
    Field("f", .fixed(fractionBits: 8, -1000...1000)),
    Field("d", .day(8000...8050)), Field("b", .bool), Field("c", .code(channels)),
]

let uniqueFields = [
    Field("uk", .key(domain: "account", bits: 64)), Field("u", .integer(5...90)),
    Field("v", .code(channels)),
]

/// Random tables and random steps; a step that ranges forbid is drawn again.
struct ProgramGenerator {
    private var random: SeededGenerator
    private var names = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func pick<T>(_ values: [T]) -> T {
        values[Int.random(in: values.indices, using: &random)]
    }
    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }
    private mutating func numbers(_ range: ClosedRange<Int128>, _ count: Int) -> PlainColumn {
        let few = chance(30)
        let edges = [range.lowerBound, range.upperBound, max(range.lowerBound, 0)]
        return .numbers(
            (0..<count).map { _ in few ? pick(edges) : Int128.random(in: range, using: &random) })
    }

    // MARK: Tables

    mutating func table(_ fields: [Field], size: Int, keys: UInt128, owner: Int) throws
        -> InputTable
    {
        // Sometimes fewer rows than declared.
        let count = chance(50) ? size : Int.random(in: 0...size, using: &random)
        let isUnique = fields[0].name == "uk"
        var unique = Array(0..<UInt128(max(64, count))).shuffled(using: &random)
        let columns = fields.map { field -> PlainColumn in
            switch field.type {
            case .key:
                .keys(
                    (0..<count).map { _ in
                        isUnique ? unique.removeLast() : .random(in: 0..<keys, using: &random)
                    })
            case .bool: .bools((0..<count).map { _ in chance(50) })
            case .code: .codes((0..<count).map { _ in Int.random(in: 0..<3, using: &random) })
            default: numbers(field.type.range ?? 0...0, count)
            }
        }
        let validity = pick([100, 100, 100, 70, 70, 0])
        return InputTable(
            schema: try TableSchema(fields, bound: size),
            rows: PlainTable(valid: (0..<count).map { _ in chance(validity) }, columns: columns),
            unique: isUnique ? ["uk"] : [], owner: Party(owner))
    }

    mutating func program(size: Int, steps: Int) throws -> Program {
        let keys = pick([1, 4, 64] as [UInt128])
        var program = Program(
            facts: try table(factFields, size: size, keys: keys, owner: 0),
            moreFacts: try table(factFields, size: pick([1, size]), keys: keys, owner: 1),
            unique: try table(uniqueFields, size: pick([1, min(size, 65)]), keys: keys, owner: 1),
            steps: [], memoryBudget: pick([1, 64 << 10, 64 << 20]))
        var engine = PlainEngine(Z64())
        var inputs: [SecretTable<PlainEngine<Z64>>] = []
        for input in [program.facts, program.moreFacts, program.unique] {
            inputs.append(
                try engine.input(
                    input.rows, input.schema, unique: input.unique, from: input.owner))
        }
        var table = inputs[0]
        while program.steps.count < steps {
            guard let step = step(for: table.schema, isLast: program.steps.count == steps - 1),
                let result = try? step.run(on: &engine, table, inputs)
            else { continue }
            program.steps.append(step)
            table = result
        }
        return program
    }

    // MARK: Steps

    private mutating func step(for schema: TableSchema, isLast: Bool) -> Step? {
        let all = schema.names
        let keyed = all.filter { ["k", "a", "c", "b", "d", "v"].contains($0) }
        let summed = all.filter { ["a", "m", "f", "u"].contains($0) }
        let ordered = all.filter { ["a", "m", "f", "d", "u"].contains($0) }
        names += 1
        func some(_ values: [String], _ most: Int) -> [String] {
            Array(values.shuffled(using: &random).prefix(Int.random(in: 1...most, using: &random)))
        }
        switch Int.random(in: 0..<(isLast ? 18 : 16), using: &random) {
        case 0: return condition(schema).map { .filter($0) }
        case 1: return number(schema, depth: 2).map { .extend("x\(names)", $0) }
        case 2: return condition(schema).map { .extend("x\(names)", $0) }
        case 3:
            guard schema.names == factFields.map(\.name) else { return nil }
            return .union
        case 4:
            let keys = some(all, 3).map { OrderKey($0, descending: chance(40)) }
            return .orderBy(keys, first: chance(40) ? Int.random(in: 0...9, using: &random) : nil)
        case 5:
            return chance(50)
                ? .limit(Int.random(in: 0...40, using: &random)) : .project(some(all, all.count))
        case 6: return keyed.isEmpty ? nil : .distinct(some(keyed, 2))
        case 7, 8:
            var aggregates: [(String, Aggregate)] = [("n", .count)]
            if let x = summed.randomElement(using: &random) { aggregates.append(("s", .sum(x))) }
            if let x = summed.randomElement(using: &random), chance(50) {
                aggregates.append(("avg", .average(x)))
            }
            if let x = ordered.randomElement(using: &random), chance(50) {
                aggregates += [("low", .minimum(x)), ("high", .maximum(x))]
            }
            if let x = all.randomElement(using: &random), chance(40) {
                aggregates.append(("different", .countDistinct(x)))
            }
            if let x = all.randomElement(using: &random), chance(50) {
                aggregates += [("head", .first(x)), ("tail", .last(x))]
            }
            if all.contains("b") { aggregates.append(("trues", .countWhere("b"))) }
            let keys = keyed.isEmpty || chance(10) ? [] : some(keyed, 2)
            return .groupBy(
                keys, aggregates.shuffled(using: &random),
                atMost: chance(20) ? pick([0, 1, 5]) : nil)
        case 9:
            guard all.contains("k"), !all.contains("u"), !all.contains("matched") else {
                return nil
            }
            return .join(pick(JoinKind.allCases))
        case 10:
            guard all.contains("k"), schema.bound <= 200 else { return nil }
            return .joinMany(cap: pick([1, 2, 3]))
        case 11:
            guard !keyed.isEmpty else { return nil }
            var functions: [(String, WindowFunction)] = [("w1", .rowNumber)]
            if let x = summed.randomElement(using: &random) {
                functions.append(("w2", .runningSum(x)))
                functions.append(("w3", .previous(x, rows: pick([1, 2, 5]))))
                let within: WindowFunction.Distance? =
                    all.contains("d") && chance(60) ? .init("d", pick([0, 3, 20])) : nil
                let aggregates: [WindowFunction.RecentAggregate] = [
                    .count, .sum(x), .minimum(x), .maximum(x),
                ]
                functions.append(
                    ("w4", .recent(pick(aggregates), rows: pick([1, 2, 4]), within: within)))
            }
            if all.contains("c") {
                functions.append(("w5", .recent(.countDistinct("c"), rows: 3, within: nil)))
            }
            return .window(
                some(keyed, 2), all.contains("d") ? [OrderKey("d")] : [],
                functions.shuffled(using: &random))
        case 12:
            guard !keyed.isEmpty, let x = summed.randomElement(using: &random) else { return nil }
            var totals: [(String, Aggregate)] = [("total", .sum(x)), ("rows", .count)]
            if chance(60) { totals.append(("kinds", .countDistinct(pick(all)))) }
            return .groupTotals(some(keyed, 2), totals.shuffled(using: &random))
        case 13:
            guard all.contains("k") else { return nil }
            var totals: [(String, Aggregate)] = [
                ("x\(names)n", .count), ("x\(names)s", .sum(pick(["a", "m", "f"]))),
                ("x\(names)b", .countWhere("b")), ("x\(names)c", .countDistinct("c")),
            ].shuffled(using: &random)
            totals.removeLast(pick([0, 1, 3]))
            return .groupJoin(totals)
        case 14: return ordered.randomElement(using: &random).map { .median($0, as: "x\(names)") }
        case 15: return .compacted
        case 16:
            guard let x = ordered.randomElement(using: &random) else { return nil }
            return .histogram(x, [-500, -10, 0, 1, 8010, 9000])
        default:
            guard let x = ordered.randomElement(using: &random) else { return nil }
            return .quantiles(x, [(1, 2), (0, 1), (1, 1), (9, 10)])
        }
    }

    // MARK: Expressions

    private mutating func number(_ schema: TableSchema, depth: Int) -> Formula? {
        let kinds: [String: Formula.Kind] = [
            "a": .integer, "u": .integer, "m": .money, "f": .fixed, "d": .day,
        ]
        let columns = schema.names.filter { kinds[$0] != nil }
        guard let name = columns.randomElement(using: &random), let kind = kinds[name],
            let type = try? schema.field(name).type
        else { return nil }
        let leaf = Formula(expression: .column(name), sql: name, kind: kind)
        guard depth > 0, chance(80) else { return leaf }
        let literal = Int128.random(in: -50...50, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 6:
            // Rounded down, where sqlite's division rounds towards zero.
            guard kind != .day, let other = number(schema, depth: depth - 1), other.kind == kind
            else { return nil }
            let bits = pick([0, 0, 5])
            let (a, b) = ("(\(name) * \(1 << bits))", "max(0, \(other.sql))")
            let zero: Expression = .arithmetic(
                .multiply, .number(0, .integer(0...0)), .column(name))
            return Formula(
                expression: .quotient(
                    .column(name), .arithmetic(.maximum, zero, other.expression),
                    fractionBits: bits, ifZero: -7),
                sql: "(CASE WHEN \(b) = 0 THEN -7 ELSE "
                    + "(\(a) - ((\(a) % \(b)) + \(b)) % \(b)) / \(b) END)",
                kind: bits == 0 ? .integer : .day)
        case 7:
            let thresholds = pick(
                [[0], [-3, 0, 8010], [-100, -99, 5, 60, 8000, 9999]] as [[Int128]])
            return Formula(
                expression: .band(.column(name), thresholds: thresholds),
                sql: "(" + thresholds.map { "(\(name) >= \($0))" }.joined(separator: " + ") + ")",
                kind: .integer)
        case 0:
            return Formula(
                expression: .arithmetic(.add, .column(name), .number(literal, type)),
                sql: "(\(name) + \(literal))", kind: kind == .day ? .integer : kind)
        case 1:
            guard kind != .day, let other = number(schema, depth: depth - 1), other.kind == kind
            else { return nil }
            return Formula(
                expression: .arithmetic(.subtract, .column(name), other.expression),
                sql: "(\(name) - \(other.sql))", kind: kind)
        case 2:
            guard let other = number(schema, depth: depth - 1) else { return nil }
            let product = "(\(name) * \(other.sql))"
            let expression = Expression.arithmetic(.multiply, .column(name), other.expression)
            switch (kind, other.kind) {
            case (.integer, .integer), (.integer, .money), (.integer, .fixed):
                return Formula(expression: expression, sql: product, kind: other.kind)
            case (.money, .integer), (.fixed, .integer):
                return Formula(expression: expression, sql: product, kind: kind)
            case (.fixed, .fixed), (.fixed, .money), (.money, .fixed):
                // Eight fraction bits, rounded down.
                return Formula(
                    expression: expression, sql: "(\(product) >> 8)",
                    kind: other.kind == .money ? .money : kind)
            default: return nil
            }
        case 3:
            guard let other = number(schema, depth: depth - 1), other.kind == kind else {
                return nil
            }
            let smaller = chance(50)
            return Formula(
                expression: .arithmetic(
                    smaller ? .minimum : .maximum, .column(name), other.expression),
                sql: "\(smaller ? "min" : "max")(\(name), \(other.sql))", kind: kind)
        case 4:
            guard let test = condition(schema), let other = number(schema, depth: depth - 1),
                other.kind == kind
            else { return nil }
            return Formula(
                expression: .choice(
                    if: test.expression, then: .column(name), else: other.expression),
                sql: "(CASE WHEN \(test.sql) THEN \(name) ELSE \(other.sql) END)", kind: kind)
        default:
            guard let test = condition(schema) else { return nil }
            return Formula(
                expression: .indicator(test.expression), sql: "(\(test.sql))", kind: .integer)
        }
    }

    private mutating func condition(_ schema: TableSchema) -> Formula? {
        let bools = schema.names.filter { (try? schema.field($0).type) == .bool }
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            guard let name = bools.randomElement(using: &random) else { return nil }
            return Formula(expression: .column(name), sql: name, kind: .bool)
        case 1:
            guard schema.names.contains("c") else { return nil }
            let label = Int.random(in: 0..<3, using: &random)
            return Formula(
                expression: .comparison(.equal, .column("c"), .label(channels[label])),
                sql: "(c = \(label))", kind: .bool)
        case 2:
            guard schema.names.contains("k") else { return nil }
            return Formula(
                expression: .comparison(.notEqual, .key(2), .column("k")), sql: "(k <> 2)",
                kind: .bool)
        case 3:
            guard let test = condition(schema) else { return nil }
            return Formula(expression: .not(test.expression), sql: "(NOT \(test.sql))", kind: .bool)
        case 4:
            guard let a = condition(schema), let b = condition(schema) else { return nil }
            return chance(50)
                ? Formula(
                    expression: .and(a.expression, b.expression), sql: "(\(a.sql) AND \(b.sql))",
                    kind: .bool)
                : Formula(
                    expression: .or(a.expression, b.expression), sql: "(\(a.sql) OR \(b.sql))",
                    kind: .bool)
        default:
            guard let a = number(schema, depth: 1), let b = number(schema, depth: 1),
                a.kind == b.kind
            else { return nil }
            let comparison = pick(Expression.Comparison.allCases)
            return Formula(
                expression: .comparison(comparison, a.expression, b.expression),
                sql: "(\(a.sql) \(comparison.rawValue) \(b.sql))", kind: .bool)
        }
    }
}
