import Algebra
import Analytics
import DishonestMajority
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import Script
import TestSupport
import Testing

/// Random scripts over random tables: the same on the plaintext engine, among three and between two.
@Suite struct RandomScriptTests {
    private struct Sample: Sendable {
        var text: String
        var program: Program
        var tables: [PlainTable]
        var expected: [ReleaseResult]

        func inputs(of party: Party) -> [PlainTable?] {
            zip(program.inputs, tables).map { $0.owner == party ? $1 : nil }
        }
    }

    static let wanted = 500

    @Test("500 random scripts give the same on every engine")
    func everyEngineAgrees() throws {
        let (samples, counts) = try Self.samples()
        // Each construct is reached, and several times.
        for construct in Construct.allCases {
            #expect(counts[construct, default: 0] >= 3, "\(construct.rawValue)")
        }
        // What is compared is not all empty.
        let told = samples.filter { $0.expected.contains { $0.rows.valid.contains(true) } }
        #expect(told.count > Self.wanted / 3)

        try Self.compare(
            samples,
            runParties(InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(120))) { session in
                var engine = try Replicated3(Z64(), session: session)
                return try samples.map { sample in
                    try Self.naming(sample) {
                        try engine.run(
                            sample.program, inputs: sample.inputs(of: session.party))
                    }
                }
            }, "three parties")
        try Self.compare(
            samples,
            runParties(
                InMemoryTransport.mesh(partyCount: 2, dealer: true, deadline: .seconds(120)),
                dealer: { try TrustedDealer(Prime62(), session: $0).serve() }
            ) { session in
                var engine = SemiHonestAdditive<
                    Prime62, PreparedRandomness<DealtRandomness<Prime62>>
                >(
                    Prime62(), session: session,
                    source: PreparedRandomness(DealtRandomness(Prime62(), session: session)))
                let results = try samples.map { sample in
                    try Self.naming(sample) {
                        try engine.run(
                            sample.program, inputs: sample.inputs(of: session.party))
                    }
                }
                try engine.finish()
                return results
            }, "two parties")
    }

    private static func naming<T>(_ sample: Sample, _ body: () throws -> T) throws -> T {
        do { return try body() } catch {
            throw Failed(text: "\(error)\n\(sample.text)")
        }
    }

    private struct Failed: Error { let text: String }

    /// Scripts that pass the checks, with data and what the plaintext engine makes of it.
    private static func samples() throws -> ([Sample], [Construct: Int]) {
        var generator = ScriptGenerator(seed: 2026)
        var samples: [Sample] = []
        var counts: [Construct: Int] = [:]
        var refused: [String: Int] = [:]
        for _ in 0..<20 * wanted where samples.count < wanted {
            let text = generator.script()
            let source = SourceText(name: "random", text)
            let (script, diagnostics) = Checker.check(
                source, limit: min(Z64().numberLimit, Prime62().numberLimit))
            guard let script else {
                // A script of the generator is well-formed, whatever else may be wrong.
                #expect(!diagnostics.contains { $0.rule == "syntax" }, "\(text)\(diagnostics)")
                for diagnostic in diagnostics { refused[diagnostic.message, default: 0] += 1 }
                continue
            }
            try checkForm(source)
            var data = RandomRows(seed: UInt64(samples.count))
            let tables = data.tables(of: script.program)
            var engine = PlainEngine(Z64())
            let expected: [ReleaseResult]
            do {
                expected = try engine.run(script.program, inputs: tables)
            } catch {
                Issue.record("\(error)\n\(text)")
                continue
            }
            for result in expected { checkRanges(result, text) }
            for construct in generator.used { counts[construct, default: 0] += 1 }
            samples.append(
                Sample(text: text, program: script.program, tables: tables, expected: expected))
        }
        #expect(samples.count == wanted)
        if samples.count < wanted {
            Issue.record("\(refused.sorted { $0.value > $1.value }.prefix(40))")
        }
        return (samples, counts)
    }

    /// Canonical text is read as what it was made of.
    private static func checkForm(_ source: SourceText) throws {
        let text = Formatter.format(try #require(Parser.parse(source).0))
        let (again, mistakes) = Parser.parse(SourceText(name: "again", text))
        #expect(mistakes.isEmpty, "\(text)")
        #expect(Formatter.format(try #require(again)) == text)
    }

    /// No number is outside of the range that was proved.
    private static func checkRanges(_ result: ReleaseResult, _ text: String) {
        for (field, column) in zip(result.schema.fields, result.rows.columns) {
            guard let range = field.type.range, case .numbers(let numbers) = column else {
                continue
            }
            for (valid, number) in zip(result.rows.valid, numbers) where valid {
                #expect(range.contains(number), "\(field.name) = \(number)\n\(text)")
            }
        }
    }

    private static func compare(
        _ samples: [Sample], _ results: [Result<[[ReleaseResult]]?, any Error>], _ engine: String
    ) throws {
        for (party, result) in results.enumerated() {
            // The dealer comes last and learns nothing.
            let all: [[ReleaseResult]]
            do {
                guard let learned = try result.get() else { continue }
                all = learned
            } catch let error as Failed {
                Issue.record("\(engine): \(error.text)")
                return
            }
            for (sample, got) in zip(samples, all) {
                let mine = sample.expected.filter { [nil, Party(party)].contains($0.recipient) }
                if got != mine {
                    Issue.record("\(engine), party \(party):\n\(sample.text)\(got)\n\(mine)")
                }
            }
        }
    }
}

/// Rows within the ranges of a program's inputs: none, equal, at the ends, random.
struct RandomRows {
    private var numbers: SeededGenerator

    init(seed: UInt64) { numbers = SeededGenerator(seed: seed) }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }

    mutating func tables(of program: Program) -> [PlainTable] {
        // Where keys differ they differ between banks as well.
        var unused: [String: [UInt128]] = [:]
        return program.inputs.map { input in
            let bound = input.schema.bound
            let isModel = input.schema.fields.map(\.name) == ["weight"]
            let count = isModel ? bound : [0, bound, bound, below(bound + 1)][below(4)]
            let isEqual = below(5) == 0
            let columns = input.schema.fields.map { field in
                guard input.unique.contains(field.name) else {
                    return column(field.type, count, isEqual)
                }
                let keys =
                    unused[input.table]
                    ?? (1...UInt128(max(6, 3 * bound))).shuffled(using: &numbers)
                unused[input.table] = Array(keys.dropFirst(count))
                return PlainColumn.keys(Array(keys.prefix(count)))
            }
            return PlainTable(valid: Array(repeating: true, count: count), columns: columns)
        }
    }

    private mutating func column(_ type: ColumnType, _ count: Int, _ isEqual: Bool) -> PlainColumn {
        var places = (0..<count).map { _ in below(1 << 20) }
        if isEqual { places = Array(repeating: places.first ?? 0, count: count) }
        if let range = type.range {
            let width = range.upperBound - range.lowerBound + 1
            return .numbers(
                places.map { place in
                    switch place % 4 {
                    case 0: range.lowerBound
                    case 1: range.upperBound
                    default: range.lowerBound + Int128(place) % min(width, 40)
                    }
                })
        }
        switch type {
        case .bool: return .bools(places.map { $0 % 2 == 1 })
        case .code(let labels): return .codes(places.map { $0 % labels.count })
        default: return .keys(places.map { UInt128($0 % 6 + 1) })
        }
    }
}
