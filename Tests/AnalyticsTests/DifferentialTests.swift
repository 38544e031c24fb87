import Analytics
import Testing

/// Random programs over all operators: sqlite says what is right, and every engine gives the same.
@Suite struct DifferentialTests {
    @Test(arguments: Array(0..<200 as Range<UInt64>))
    func randomPrograms(_ seed: UInt64) throws {
        var generator = ProgramGenerator(seed: seed)
        let size = seed % 40 == 39 ? 1000 : generator.pick([0, 1, 2, 63, 64, 65])
        try check(generator.program(size: size, steps: size == 1000 ? 2 : 1 + Int(seed % 4)))
    }
}

/// Runs a program on every engine and in sqlite.
func check(_ program: Program) throws {
    let expected = try SQLOracle().run(program)
    var first: PlainTable?
    for runner in engineRunners {
        let result = try runner.run(program)
        #expect(
            zip(result.valid, result.integers).filter(\.0).map(\.1) == expected,
            "\(runner.name), \(program.steps)")
        for (row, values) in result.integers.enumerated() where !result.valid[row] {
            #expect(values.allSatisfy { $0 == 0 })
        }
        if let first { #expect(result == first, "\(runner.name), \(program.steps)") }
        first = first ?? result
    }
}
