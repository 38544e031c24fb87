import Algebra
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// Runs a program on the three-party engine and on the plaintext engine.
func replicatedConformance<R: Ring>(
    _ ring: R, numbers: [[Int64]], program: some ConformanceProgram = AllOperations()
) throws -> (engine: [[String]], plain: [String]) {
    let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(20))
    let results = runParties(mesh) { session -> [String] in
        var engine = try Replicated3(ring, session: session)
        return try program.run(&engine, Inputs(numbers: numbers, me: session.party))
    }
    var plain = PlainEngine(ring)
    return (
        try results.compactMap { try $0.get() },
        try program.run(&plain, Inputs(numbers: numbers, me: nil))
    )
}

@Suite struct Replicated3Tests {
    static func numbers(_ count: Int, bound: Int64) -> [[Int64]] {
        let edges: [Int64] = [0, 1, -1, 7, 6, 8, bound, -bound, bound - 1, 1 - bound]
        return (0..<3).map { party in
            (0..<count).map { i in
                i < edges.count * edges.count
                    ? edges[(party == 0 ? i : i / edges.count) % edges.count]
                    : Int64(truncatingIfNeeded: (i &* 0x1E37_79B9_7F4A_7C15) >> (party + 1))
                        % bound
            }
        }
    }

    @Test("Equal to the plaintext engine, bit for bit", arguments: [0, 1, 63, 64, 65, 1000])
    func conformance(count: Int) throws {
        func check<R: Ring>(_ ring: R, _ bound: Int64) throws {
            let (engine, plain) = try replicatedConformance(
                ring, numbers: Self.numbers(count, bound: bound))
            for result in engine { #expect(result == plain, "\(ring.name), \(count)") }
        }
        try check(Z64(), 1 << 60 - 1 << 32)
        try check(Prime62(), 1 << 59)
        try check(Prime126(), 1 << 61)
        try check(Z128(), 1 << 61)
        try check(PrimeField.largest(bits: 128), 1 << 61)
    }
}
