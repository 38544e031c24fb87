/// What a piece of a computation will cost, at every participant.
///
/// Bytes are whole frames sent, before TLS. Participants are the parties in order, those that do not
/// compute last, then the dealer if there is one.
public struct PlannedCost: Hashable, Sendable, Codable {
    /// Of each party that computes: how often it waits for messages.
    public var rounds = 0
    public var bytesSent: [Int]
    public var messagesSent: [Int]
    /// What the processors do, in units of each kind.
    public var work: [Work: Int] = [:]

    init(participants: Int) {
        bytesSent = Array(repeating: 0, count: participants)
        messagesSent = bytesSent
    }

    var isNothing: Bool { rounds == 0 && totalBytesSent == 0 && work.isEmpty }

    /// What the busiest participant sends.
    public var largestBytesSent: Int { bytesSent.max() ?? 0 }
    public var totalBytesSent: Int { bytesSent.reduce(0, +) }

    static func + (a: Self, b: Self) -> Self { combined(a, b, +) }
    static func - (a: Self, b: Self) -> Self { combined(a, b, -) }

    static func * (count: Int, cost: Self) -> Self {
        var result = cost
        result.rounds *= count
        result.bytesSent = cost.bytesSent.map { count * $0 }
        result.messagesSent = cost.messagesSent.map { count * $0 }
        result.work = cost.work.mapValues { count * $0 }
        return result
    }

    private static func combined(_ a: Self, _ b: Self, _ operation: (Int, Int) -> Int) -> Self {
        var result = a
        result.rounds = operation(a.rounds, b.rounds)
        for i in a.bytesSent.indices {
            result.bytesSent[i] = operation(a.bytesSent[i], b.bytesSent[i])
            result.messagesSent[i] = operation(a.messagesSent[i], b.messagesSent[i])
        }
        for (kind, units) in b.work {
            let sum = operation(result.work[kind, default: 0], units)
            result.work[kind] = sum == 0 ? nil : sum
        }
        return result
    }
}

/// A kind of work of the processors and what it is counted in.
///
/// The raw values of the operations are the names by which engines report them.
public enum Work: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    // By elements.
    case multiply, square, compare, equal, bits, truncate
    case multiplyByBits = "multiply by bits"
    case fromBits = "from bits"
    /// By products of two elements.
    case innerProducts = "inner products"
    case matrixProduct = "matrix product"
    /// By words of 64 gates.
    case and
    /// By keys compared, and their bits.
    case compareKeys = "compare keys"
    case sortKeys = "sort keys"
    // By bytes of the shares.
    case input, reveal, output, shuffle, permute
    /// Operations without a message: by bytes written.
    case local
    // Correlated randomness: by elements or lanes; bit triples by words of 64.
    case triples, squares, daBits, edaBits, bitProducts, bitTriples, forkedBitTriples
    case truncationMasks, leafOTs
    /// Base transfers with every peer, once a session.
    case transferSetUp
    /// By bytes of rows times layers of the network of switches.
    case translations
    /// By products of two elements.
    case matrixTriples
}
