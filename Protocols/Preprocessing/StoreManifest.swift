import Algebra
import MPC
import Primitives

/// For whom and over what correlated randomness was prepared: it serves no other run.
public struct StoreBinding: Codable, Hashable, Sendable {
    /// The roster's digest.
    public let roster: String
    public let ring: String
    /// The protocol that made it.
    public let protocolName: String
    /// This party's index; its name is in the roster.
    public let party: Int
    public let partyCount: Int

    public init(
        roster: String, ring: String, protocolName: String, party: Int, partyCount: Int
    ) {
        (self.roster, self.ring, self.protocolName) = (roster, ring, protocolName)
        (self.party, self.partyCount) = (party, partyCount)
    }

    /// What differs, for people; nil if nothing does.
    func difference(from expected: StoreBinding) -> String? {
        let fields = [
            ("roster", roster, expected.roster), ("ring", ring, expected.ring),
            ("protocol", protocolName, expected.protocolName),
            ("party", "\(party)", "\(expected.party)"),
            ("number of parties", "\(partyCount)", "\(expected.partyCount)"),
        ]
        return fields.first { $1 != $2 }.map { name, mine, other in
            "it was prepared for the \(name) \(mine), and this run's is \(other)"
        }
    }
}

/// What a store is for and holds: it never changes, and the cursor says what is left.
struct StoreManifest: Codable, Hashable, Sendable {
    static let currentVersion = 1
    var version = Self.currentVersion
    /// The identifier of the session that made it, the same at all parties.
    let preparation: String
    let binding: StoreBinding
    /// Bits in a block of a mask.
    let blockBits: Int
    /// By the kinds' names.
    var amounts: [String: Amount] = [:]

    struct Amount: Codable, Hashable, Sendable {
        /// Lanes or items, and how many of them a file holds.
        let count, chunk: Int
    }

    /// What every file of the store is authenticated with.
    var digest: Digest {
        var bytes: [UInt8] = []
        for text in [preparation, binding.roster, binding.ring, binding.protocolName] {
            bytes.append(lengthPrefixed: text)
        }
        for number in [version, binding.party, binding.partyCount, blockBits] {
            bytes.append(littleEndian: UInt64(number))
        }
        return SHA256.hash(bytes)
    }
}

extension CorrelationKind {
    /// Names files and is read by people; different kinds have different names.
    package var name: String {
        switch self {
        case .triples: "triples"
        case .squares: "squares"
        case .daBits: "daBits"
        case .edaBits: "edaBits"
        case .bitProducts: "bit-products"
        case .bitTriples: "bit-triples"
        case .forkedBitTriples: "forked-bit-triples"
        case .truncationMasks(let bits): "truncation-masks-\(bits)"
        case .leafOTs(let sender): "leaf-ots-from-\(sender.index)"
        case .translations(let shape):
            "translations-\(shape.rows)x\(shape.numbers)x\(shape.recordBits)"
                + "-by-\(shape.owner.index)"
        case .matrixTriples(let shape):
            "matrix-triples-\(shape.rows)x\(shape.inner)x\(shape.columns)"
        }
    }

    /// Lanes in one file, about a mebibyte and the same at all parties; 1 for items.
    func chunk(over ring: some Ring, blockBits: Int) -> Int {
        // The sender of leaf OTs has the larger part.
        let party: Party = if case .leafOTs(let sender) = self { sender } else { Party(0) }
        switch self {
        case .translations, .matrixTriples: return 1
        default:
            let word = CorrelationLayout(
                self, count: 64, over: ring, blockBits: blockBits, party: party)
            return 64 * max(1, (1 << 20) / word.plainByteCount(over: ring))
        }
    }
}
