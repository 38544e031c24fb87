/// Secret keys, one a row, in the form in which an engine compares them cheapest.
public protocol SortKeys: Sendable {
    /// Row i of the result is row `indices[i]`: a public rearrangement or choice, local.
    func gatheringRows(_ indices: [UInt32]) -> Self
}

/// Keys that are bits of records, compared as they are.
public struct RecordKeys<Bits: BitShares>: SortKeys {
    /// One row a key.
    public let records: Bits
    /// The bits that make the key, lowest first.
    public let bits: [UInt32]

    public init(records: Bits, bits: [UInt32]) { (self.records, self.bits) = (records, bits) }

    public func gatheringRows(_ indices: [UInt32]) -> Self {
        Self(records: records.gatheringRows(indices), bits: bits)
    }
}

extension Engine where Self: ~Copyable, Keys == RecordKeys<Bits> {
    public mutating func sortKeys(_ records: Bits, bits: [UInt32]) -> RecordKeys<Bits> {
        RecordKeys(records: records, bits: bits)
    }

    public mutating func isLess(_ x: RecordKeys<Bits>, than y: RecordKeys<Bits>) throws(MPCError)
        -> Bits
    {
        try isLess(x.records.transposed(), than: y.records.transposed(), rows: x.bits)
    }
}
