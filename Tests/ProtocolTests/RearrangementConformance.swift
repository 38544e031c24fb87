import Algebra
import Gadgets
import MPC
import Primitives

/// Truncation, comparisons of keys, shuffles and permutations on any engine.
///
/// A shuffle's order is random; what is compared is what does not depend on it.
struct Rearrangements: ConformanceProgram {
    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
    {
        let ring = engine.ring
        let n = inputs.numbers[0].count
        let x = try engine.input(inputs.of(Party(0), ring), count: n, from: Party(0))
        let y = try engine.input(inputs.of(Party(1), ring), count: n, from: Party(1))
        var results: [String] = []
        for bits in [1, 13, 32] {
            results.append(
                try AllOperations.text(engine.output(engine.truncate(x, by: bits), to: .all)))
        }
        for width in [1, 2, 3, 4, 5, 16, 17, min(63, ring.bitWidth)] {
            let a = try engine.bits(of: x, count: width)
            let b = try engine.bits(of: y, count: width)
            for bits in [a, try engine.isLess(a, than: b), try engine.isEqual(a, to: b)] {
                results.append(try AllOperations.text(engine.output(bits: bits, to: .all)))
            }
        }
        // The row's number travels as a number and in the record.
        let width = 11
        let indices = (0..<Int64(n)).map { $0 }
        let numbers = engine.constant(Vector(ring, indices))
        let records = engine.constant(
            bits: BitMatrix(
                integers: indices.map(UInt64.init), limbsPerInteger: 1, bits: width)
        ).transposed()
        let columns = Columns(numbers: [numbers, x], records: records)
        let reversal = Permutation(checking: (0..<UInt32(n)).reversed())
        func known(_ owners: Party...) -> Permutation? {
            inputs.me.map(owners.contains) ?? true ? reversal : nil
        }
        for party in [Party(0), Party(1)] {
            let permuted = try engine.permute(columns, by: known(party), knownTo: party)
            results += try texts(permuted, &engine)
        }
        for pair in [(Party(0), Party(1)), (Party(1), Party(0))] {
            let permuted = try engine.permute(
                columns, by: known(pair.0, pair.1), knownTo: pair)
            results += try texts(permuted, &engine)
        }
        let shuffled = try engine.shuffle(columns)
        let rows = try engine.reveal(bits: shuffled.records.transposed()).value
            .integers(limbsPerInteger: 1)
        guard let permutation = Permutation(checking: rows.map { UInt32(clamping: $0) }) else {
            return results + ["the shuffle lost a row"]
        }
        results += try texts(shuffled.gathering(permutation.inverse.indices), &engine)
        return results
    }

    private func texts<E: Engine & ~Copyable>(
        _ columns: Columns<E.Shares, E.Bits>, _ engine: inout E
    ) throws(MPCError) -> [String] {
        var results: [String] = []
        for numbers in columns.numbers {
            results.append(try AllOperations.text(engine.output(numbers, to: .all)))
        }
        results.append(
            try AllOperations.text(
                engine.output(bits: columns.records.transposed(), to: .all)))
        return results
    }
}
