package import Algebra
import Primitives

/// The code of a correlation in a request.
package enum DealtKind: UInt16, Sendable {
    case triples = 1
    case squares, daBits, edaBits, bitTriples, forkedBitTriples, truncationMasks
    /// No correlation of elements: rows that one party permutes.
    case translations
    /// No correlation: the parties are done.
    case finish
}

/// Elements or words dealt at a time: bounds a dealer's memory, and both sides cut alike.
package let dealtChunk = 1 << 16

/// A request to the dealer, the same from every party.
package struct DealtRequest: Hashable, Sendable {
    package let kind: DealtKind
    /// Elements; words of 64 gates; or the rows of a translation.
    package let count: Int
    let ring: UInt64
    /// What a truncation cuts off, or the bits of a translation's records; else 0.
    let bits: Int
    /// A translation's columns of ring elements; else 0.
    let columns: Int
    /// The index of the party that permutes; else 0.
    let owner: Int

    package static let byteCount = 28
    /// The most rows of a translation: a dealer holds a whole column at a time.
    package static let maxRows = 1 << 26

    package init(
        kind: DealtKind, count: Int, ring: UInt64, bits: Int = 0, columns: Int = 0, owner: Int = 0
    ) {
        self.init(unchecked: kind, count, ring, bits, columns, owner)
        precondition(isValid, "a request to the dealer for more than it deals at once")
    }

    private init(
        unchecked kind: DealtKind, _ count: Int, _ ring: UInt64, _ bits: Int, _ columns: Int,
        _ owner: Int
    ) {
        (self.kind, self.count, self.ring) = (kind, count, ring)
        (self.bits, self.columns, self.owner) = (bits, columns, owner)
    }

    /// At most 2³² elements; a translation at most ``maxRows`` rows, 2¹² columns and 4 GiB of records.
    private var isValid: Bool {
        switch kind {
        case .translations:
            let recordBytes = (bits + 63) / 64 * 8
            return (1...Self.maxRows).contains(count) && columns <= 1 << 12
                && recordBytes <= (1 << 32) / count
        case .truncationMasks:
            return count <= 1 << 32 && (1...40).contains(bits) && columns == 0 && owner == 0
        default: return count <= 1 << 32 && bits == 0 && columns == 0 && owner == 0
        }
    }

    /// Tells rings apart: the first bytes of the hash of the ring's name.
    package static func code(of ring: some Ring) -> UInt64 {
        SHA256.hash(Array(ring.name.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Nil for anything but a request that the dealer would serve to somebody.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var rest = bytes
        func next(_ count: Int) -> UInt64 {
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard let kind = DealtKind(rawValue: UInt16(next(2))) else { return nil }
        let (owner, bits, columns) = (Int(next(2)), Int(next(4)), Int(next(4)))
        guard let count = Int(exactly: next(8)) else { return nil }
        self.init(unchecked: kind, count, next(8), bits, columns, owner)
        guard isValid else { return nil }
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: kind.rawValue)
        bytes.append(littleEndian: UInt16(owner))
        bytes.append(littleEndian: UInt32(bits))
        bytes.append(littleEndian: UInt32(columns))
        bytes.append(littleEndian: UInt64(count))
        bytes.append(littleEndian: ring)
        return bytes
    }

    /// The counts of consecutive chunks.
    var chunks: [Int] {
        stride(from: 0, to: count, by: dealtChunk).map { min(dealtChunk, count - $0) }
    }
}
