import Algebra
import Circuits
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// What budgets say beforehand is what a rehearsal takes.
@Suite struct RehearsalTests {
    /// What one program takes, and whether its results are right on randomness that is zero.
    private func rehearse<R: Ring>(
        _ ring: R, parties: Int, comparing: ComparisonMethod, count: Int
    ) throws -> Budget {
        let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(20))
        let results = runParties(mesh) { session -> Budget in
            let tally = RandomnessTally()
            var engine = SemiHonestAdditive(
                ring, session: session,
                source: PreparedRandomness(
                    RehearsedRandomness(
                        ring, session: session, comparing: comparing, counting: tally)))
            let numbers = (0..<count).map { Int64($0 - count / 2) }
            let mine = session.party.index == 0 ? Vector(ring, numbers) : nil
            let x = try engine.input(mine, count: count, from: Party(0))
            #expect(
                try engine.reveal(bits: engine.isNegative(x)).value.bools == numbers.map { $0 < 0 })
            #expect(
                try engine.reveal(engine.multiply(x, x)).value.integers
                    == numbers.map { BigInteger($0 * $0) })
            let rows = try engine.shuffle(
                Columns(
                    numbers: [x], records: engine.constant(bits: BitMatrix(rows: count, count: 2))))
            #expect(Set(try engine.reveal(rows.numbers[0]).value.signedIntegers).count == count)
            return tally.budget
        }
        let budgets = try results.compactMap { try $0.get() }
        #expect(Set(budgets).count == 1)
        return budgets[0]
    }

    @Test(
        "Comparison by leaf OTs and by masks, products and shuffles", arguments: [1, 64, 65, 1000])
    func budgets(count: Int) throws {
        func check<R: Ring>(_ ring: R, _ parties: Int, _ comparing: ComparisonMethod) throws {
            let expected =
                Budget.comparisons(count, over: ring, by: comparing) + .multiplications(count)
                + .shuffle(rows: count, numbers: 1, recordBits: 2, parties: parties)
            let taken = try rehearse(ring, parties: parties, comparing: comparing, count: count)
            let amounts = taken.amounts.map { "\($0.kind.name): \($0.count)" }
            #expect(amounts == expected.amounts.map { "\($0.kind.name): \($0.count)" })
        }
        for comparing in [ComparisonMethod.leafOTs(blockBits: 2), .masked(blockBits: 4)] {
            try check(Z64(), 2, comparing)
            try check(Prime62(), 2, comparing)
        }
        try check(Z128(), 2, .leafOTs(blockBits: 2))
        try check(Z64(), 3, .masked(blockBits: 2))
    }
}
