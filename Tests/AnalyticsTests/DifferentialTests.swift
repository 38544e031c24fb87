import Algebra
import Analytics
import Testing

/// Random programs over all operators: sqlite says what is right, and every engine gives the same.
@Suite struct DifferentialTests {
    static let seeds = Array(0..<240 as Range<UInt64>)

    static func program(_ seed: UInt64) throws -> Program {
        var generator = ProgramGenerator(seed: seed)
        let size = seed % 40 == 39 ? 1000 : generator.pick([0, 1, 2, 63, 64, 65])
        return try generator.program(size: size, steps: size == 1000 ? 2 : 1 + Int(seed % 4))
    }

    @Test(arguments: seeds) func randomPrograms(_ seed: UInt64) throws {
        try check(Self.program(seed))
    }

    @Test(
        "Some of the programs by more parties, without a dealer",
        arguments: [
            (3, 0..<6 as Range<UInt64>), (5, 6..<9), (10, 9..<10),
        ])
    func moreParties(parties: Int, seeds: Range<UInt64>) throws {
        for seed in seeds {
            let program = try Self.program(seed)
            let expected = try PlainRunner(Z64()).run(program)[0]
            for result in try ObliviousRunner(Z64(), parties: parties).run(program) {
                #expect(result == expected, "\(parties) parties, \(program.steps)")
            }
        }
    }

    /// What the programs above cover: every operator often, and rows to show for it.
    @Test func everyOperatorIsReached() throws {
        var operators: [String: Int] = [:]
        var withRows = 0
        for seed in Self.seeds {
            let program = try Self.program(seed)
            for step in program.steps {
                operators["\(step)".prefix { $0 != "(" }.description, default: 0] += 1
            }
            if try !SQLOracle().run(program).isEmpty { withRows += 1 }
        }
        #expect(operators.count == 17 && operators.values.allSatisfy { $0 >= 5 })
        #expect(withRows > Self.seeds.count / 2)
    }
}

/// Runs a program on every engine and in sqlite.
func check(_ program: Program) throws {
    let expected = try SQLOracle().run(program)
    var first: PlainTable?
    for runner in engineRunners {
        let results = try runner.run(program)
        guard let result = results.first else {
            Issue.record("\(runner.name) gave no output")
            continue
        }
        let what: Comment = "\(runner.name), \(program.steps)"
        #expect(results.allSatisfy { $0 == result }, what)
        #expect(zip(result.valid, result.integers).filter(\.0).map(\.1) == expected, what)
        // Where a row is not valid, nothing is told.
        for (isValid, values) in zip(result.valid, result.integers) where !isValid {
            #expect(values.allSatisfy { $0 == 0 }, what)
        }
        if let first { #expect(result == first, what) }
        first = first ?? result
    }
}
