import Algebra

extension RingChoice {
    /// The largest magnitude that is compared exactly.
    public var numberLimit: Int128 { get throws { try run(NumberLimit()) } }
}

private struct NumberLimit: RingProgram {
    func run<R: Ring>(over ring: R) -> Int128 { ring.numberLimit }
}
