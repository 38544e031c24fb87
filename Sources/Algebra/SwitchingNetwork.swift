/// A network of switches that can rearrange n rows in every order, and its settings for one.
///
/// A switch passes two rows on, straight or exchanged. A. Waksman, *A Permutation Network*, JACM
/// 1968; for any n, B. Beauquier and É. Darrot, *On Arbitrary Size Waksman Networks*, 2002: as many
/// switches as Σ ⌈log₂ i⌉ for i = 1 … n, which is n log₂ n − n + 1 for a power of two, in
/// 2⌈log₂ n⌉ − 1 layers.
///
/// The network works in place: layer d of the first half pairs rows 2ᵈ apart, after which the rows
/// with equal d + 1 low bits of their places are a smaller network; the second half goes back.
package struct SwitchingNetwork: Sendable {
    /// One layer: switch k acts on rows `places[k]` and `places[k] + distance`.
    package struct Layer: Hashable, Sendable {
        package let distance: Int
        /// How many switches there are.
        package let count: Int

        /// The upper rows of some switches, ascending: those whose bit of weight `distance` is 0.
        package func places(_ switches: Range<Int>) -> [UInt32] {
            let distance = distance
            return switches.map { UInt32(truncatingIfNeeded: $0 + ($0 & ~(distance - 1))) }
        }
    }

    /// The layers for n rows: a function of n alone.
    package static func layers(_ n: Int) -> [Layer] {
        let depths = n > 1 ? Int.bitWidth - (n - 1).leadingZeroBitCount : 0
        let first = (0..<depths).map { Layer(distance: 1 << $0, count: pairs(n, 1 << $0)) }
        // A smaller network of even size needs no last switch at its end.
        let second = (0..<depths).map {
            Layer(distance: 1 << $0, count: pairs(n - 1 << $0, 1 << $0))
        }
        return first + second.dropLast().reversed()
    }

    /// How many places below n − distance have their bit of weight `distance` 0.
    private static func pairs(_ n: Int, _ distance: Int) -> Int {
        let end = max(0, n - distance)
        return end / (2 * distance) * distance + min(end % (2 * distance), distance)
    }

    package let layers: [Layer]
    /// The settings of each layer, a lane a switch: 1 row, filled up with straight switches to whole
    /// words.
    package let settings: [BitMatrix]

    /// The settings with which row i of the result is row `permutation.indices[i]`.
    ///
    /// Memory is indexed by the permutation: who sees this party's caches may learn it.
    package init(_ permutation: Permutation) {
        let n = permutation.count
        let layers = Self.layers(n)
        var words = layers.map { [UInt64](repeating: 0, count: ($0.count + 63) / 64) }
        var router = Router(permutation)
        let depths = (layers.count + 1) / 2
        for depth in 0..<depths {
            let back = layers.count - 1 - depth
            router.route(depth) { index, input, output in
                if let input { words[depth][index >> 6] |= input << UInt64(index & 63) }
                // The last layer of the first half has no counterpart.
                if back > depth, let output, index < layers[back].count {
                    words[back][index >> 6] |= output << UInt64(index & 63)
                }
            }
        }
        self.layers = layers
        settings = words.map { BitMatrix(rows: 1, count: 64 * $0.count, words: $0) }
    }
}

/// The looping algorithm on all smaller networks of one depth, one after the other.
private struct Router {
    private let n: Int
    /// Of the networks of the present depth, in order of their lowest place: output o of a network
    /// is its input `inputs[start + o]`.
    private var inputs: [UInt32]
    private var outputs: [UInt32]
    /// By which half an output comes: 0 the even places, 1 the odd ones, 2 not yet known.
    private var halves: [UInt8]

    init(_ permutation: Permutation) {
        n = permutation.count
        inputs = permutation.indices
        outputs = [UInt32](repeating: 0, count: n)
        halves = [UInt8](repeating: 2, count: n)
    }

    /// Sets the switches of depth d and makes the networks of depth d + 1.
    ///
    /// - Parameter set: takes a switch's number in its layer, and its settings in the layer of the
    ///   first half and in that of the second.
    mutating func route(_ depth: Int, set: (Int, UInt64?, UInt64?) -> Void) {
        let networks = 1 << depth
        func size(_ place: Int, _ depth: Int) -> Int {
            place < n ? (n - place + (1 << depth) - 1) >> depth : 0
        }
        // Where the networks of the next depth begin: the same order of lowest places.
        var starts = [Int](repeating: 0, count: 2 * networks)
        for place in 1..<2 * networks {
            starts[place] = starts[place - 1] + size(place - 1, depth + 1)
        }
        var next = [UInt32](repeating: 0, count: n)
        var start = 0
        for place in 0..<networks {
            let count = size(place, depth)
            choose(start, count)
            for output in 0..<count {
                let (input, half) = (Int(inputs[start + output]), halves[start + output])
                let (even, odd) = (starts[place], starts[place + networks])
                next[(half == 0 ? even : odd) + output / 2] = UInt32(truncatingIfNeeded: input / 2)
                if input & 1 == 0, input + 1 < count {
                    set((input / 2) << depth | place, UInt64(half), nil)
                }
                if output & 1 == 0, output + 1 < count {
                    set((output / 2) << depth | place, nil, UInt64(half))
                }
            }
            start += count
        }
        inputs = next
        for index in halves.indices { halves[index] = 2 }
    }

    /// Chooses a half for every output of one network: neighbours among the outputs and among the
    /// inputs come by different ones.
    private mutating func choose(_ start: Int, _ count: Int) {
        guard count > 1 else {
            if count == 1 { halves[start] = 0 }
            return
        }
        for output in 0..<count { outputs[start + Int(inputs[start + output])] = UInt32(output) }
        // The last output of an odd number, and the last but one of an even number, come by the
        // even places: there is no switch.
        follow(count & 1 == 1 ? count - 1 : count - 2, start, count)
        for output in stride(from: 0, to: count, by: 2) { follow(output, start, count) }
    }

    /// Gives `first` the even half, and to all others what follows from it.
    private mutating func follow(_ first: Int, _ start: Int, _ count: Int) {
        var output = first
        while halves[start + output] == 2 {
            halves[start + output] = 0
            let neighbour = Int(inputs[start + output]) ^ 1
            guard neighbour < count else { return }
            let other = Int(outputs[start + neighbour])
            halves[start + other] = 1
            output = other ^ 1
        }
    }
}
