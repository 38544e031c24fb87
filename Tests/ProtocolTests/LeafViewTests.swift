import Algebra
import TestSupport
import Testing

/// The leaf of a two-party comparison, exactly: all values, and all pads by linear algebra.
@Suite struct LeafViewTests {
    /// Every (a, b, choice) of four bits each is a lane.
    private let lanes = 1 << 12
    private func values(_ shift: Int) -> BitMatrix {
        let integers = (0..<UInt64(lanes)).map { $0 >> UInt64(shift) & 15 }
        return BitMatrix(integers: integers, limbsPerInteger: 1, bits: 4)
    }

    /// What the receiver sees: the table and the pad of its choice, a row each bit.
    private func view(pads: BitMatrix, less: Bool) -> BitMatrix {
        let (a, b, choice) = (values(0), values(4), values(8))
        let (table, _) = BitMatrix.leafTable(pads: pads, places: choice ^ b, own: a, less: less)
        var pad = BitMatrix(rows: 2, count: lanes)
        for lane in 0..<lanes {
            for row in 0..<2 {
                pad[row: row, lane: lane] = pads[row: 2 * (lane >> 8 & 15) + row, lane: lane]
            }
        }
        return table.appendingRows(pad)
    }

    @Test(
        "The receiver's view is exactly uniform, whatever the sender's value is",
        arguments: [false, true])
    func receiver(less: Bool) {
        // The view is affine in the 32 bits of the pads: if that map is a bijection in every lane,
        // uniform pads make every view equally likely, for each a, b and choice.
        let origin = view(pads: BitMatrix(rows: 32, count: lanes), less: less)
        var columns: [[UInt64]] = []
        for bit in 0..<32 {
            var pads = BitMatrix(rows: 32, count: lanes)
            for lane in 0..<lanes { pads[row: bit, lane: lane] = true }
            columns.append((view(pads: pads, less: less) ^ origin).integers(limbsPerInteger: 1))
        }
        for lane in 0..<lanes {
            #expect(rank(columns.map { $0[lane] }) == 32, "lane \(lane)")
        }
        // Affine it is: the image of a random sum is the sum of the images.
        var generator = SeededGenerator(seed: 3)
        let pads = BitMatrix.random(rows: 32, count: lanes, using: &generator)
        let image = (view(pads: pads, less: less) ^ origin).integers(limbsPerInteger: 1)
        for lane in 0..<lanes {
            let sum = (0..<32).filter { pads[row: $0, lane: lane] }
                .reduce(0) { $0 ^ columns[$1][lane] }
            #expect(image[lane] == sum)
        }
    }

    @Test("A table of which the receiver opens two messages would not be uniform")
    func negative() {
        // The rank test fails where it must: without the pad of one value there are two bits less.
        let columns = (0..<32).map { $0 < 30 ? UInt64(1) << UInt64($0) : 0 }
        #expect(rank(columns) == 30)
    }

    private func rank(_ vectors: [UInt64]) -> Int {
        var basis: [UInt64] = []
        for vector in vectors {
            let rest = basis.reduce(vector) { min($0, $0 ^ $1) }
            if rest != 0 { basis.append(rest) }
        }
        return basis.count
    }
}
