import Algebra
import CKernels
import TestSupport
import Testing

struct LeafTableTests {
    @Test("Both shares are the comparison, in both forms of the kernel", arguments: [false, true])
    func compares(less: Bool) {
        var generator = SeededGenerator(seed: 9)
        for words in [1, 3, 9] {
            // All pairs of four bits are among 576 random ones, or nearly.
            let count = 64 * words
            let pads = BitMatrix.random(rows: 32, count: count, using: &generator)
            let (mine, theirs, choice) = (
                BitMatrix.random(rows: 4, count: count, using: &generator),
                BitMatrix.random(rows: 4, count: count, using: &generator),
                BitMatrix.random(rows: 4, count: count, using: &generator)
            )
            let pad = BitMatrix(
                rows: 2, count: count,
                words: BitMatrix.filled(2, count) { row, lane in
                    pads[row: 2 * value(choice, lane) + row, lane: lane]
                })
            var results: [BitMatrix] = []
            for portable in [false, true] {
                ck_use_portable(portable)
                let (table, sender) = BitMatrix.leafTable(
                    pads: pads, places: choice ^ theirs, own: mine, less: less)
                let receiver = BitMatrix.leafChoice(table: table, own: theirs, pad: pad)
                results += [table, sender, receiver]
                let shared = sender ^ receiver
                for lane in 0..<count {
                    let (a, b) = (value(mine, lane), value(theirs, lane))
                    #expect(shared[row: 0, lane: lane] == (less ? a < b : a > b))
                    #expect(shared[row: 1, lane: lane] == (a == b))
                }
            }
            ck_use_portable(false)
            #expect(Array(results[0..<3]) == Array(results[3..<6]))
        }
    }

    private func value(_ bits: BitMatrix, _ lane: Int) -> Int {
        (0..<4).reduce(0) { $0 | (bits[row: $1, lane: lane] ? 1 << $1 : 0) }
    }
}

extension BitMatrix {
    fileprivate static func filled(_ rows: Int, _ count: Int, _ bit: (Int, Int) -> Bool) -> [UInt64]
    {
        var matrix = BitMatrix(rows: rows, count: count)
        for row in 0..<rows {
            for lane in 0..<count { matrix[row: row, lane: lane] = bit(row, lane) }
        }
        return matrix.words
    }
}
