import Algebra
import TestSupport
import Testing

struct SwitchingNetworkTests {
    @Test("The settings of a network give the permutation, and it has as few switches as can be")
    func rearranges() {
        var generator = SeededGenerator(seed: 5)
        for n in Array(0...40) + [64, 100, 257, 1000] {
            let layers = SwitchingNetwork.layers(n)
            let fewest = (0..<n).reduce(0) { $0 + Int.bitWidth - $1.leadingZeroBitCount }
            #expect(layers.reduce(0) { $0 + $1.count } == fewest, "\(n) rows")
            for _ in 0..<5 {
                let permutation = Permutation.random(n, using: &generator)
                #expect(
                    rearranged(SwitchingNetwork(permutation), n) == permutation.indices,
                    "\(n) rows")
            }
        }
    }

    @Test("Every order of five rows is reached")
    func allOrders() {
        for indices in permutations(of: [0, 1, 2, 3, 4]) {
            #expect(rearranged(SwitchingNetwork(Permutation(indices)), 5) == indices)
        }
    }

    /// Runs the switches on the rows 0 ..< n.
    private func rearranged(_ network: SwitchingNetwork, _ n: Int) -> [UInt32] {
        var rows = (0..<UInt32(n)).map { $0 }
        for (layer, settings) in zip(network.layers, network.settings) {
            for (index, place) in layer.places(0..<layer.count).enumerated()
            where settings[row: 0, lane: index] {
                rows.swapAt(Int(place), Int(place) + layer.distance)
            }
        }
        return rows
    }

    private func permutations(of rows: [UInt32]) -> [[UInt32]] {
        guard rows.count > 1 else { return [rows] }
        return rows.indices.flatMap { index in
            var rest = rows
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }
}

struct RowWordsTests {
    @Test("Rows are replaced where they were taken, and selected by bits", arguments: [1, 2, 3, 5])
    func replaces(width: Int) {
        let words = (0..<UInt64(7 * width)).map { $0 * 0x9E37_79B9 }
        var rows = RowWords(words, width: width)
        let taken = rows.gathering([6, 0], count: 3)
        let (first, last) = (Array(words.prefix(width)), Array(words.suffix(width)))
        #expect(taken == last + first + zeros(width))
        rows.replace([0, 6], with: taken)
        var expected = words
        expected.replaceSubrange(0..<width, with: last)
        expected.replaceSubrange(6 * width..<7 * width, with: first)
        #expect(rows.words == expected)
        let lastColumn = (1...7).map { words[$0 * width - 1] }
        #expect(RowWords.columns(width - 1..<width, of: words, width: width) == lastColumn)

        let matrix = BitMatrix(rows: 7, count: 64 * width, words: words)
        let bits = BitMatrix([true, false, true, true, false, false, true])
        let selected = matrix.selectingRows(bits)
        for row in 0..<7 {
            let expected = bits.bools[row] ? matrix.row(row).words : zeros(width)
            #expect(selected.row(row).words == expected)
        }
    }

    private func zeros(_ count: Int) -> [UInt64] { [UInt64](repeating: 0, count: count) }
}
