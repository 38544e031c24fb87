public import Algebra
public import Primitives

/// One party's part of a share translation of whole rows.
///
/// The permuting party has a uniform permutation π that nobody else knows and the difference
/// Δ = Σⱼ (π(aⱼ) − bⱼ); every other party j has uniform aⱼ and bⱼ.
public enum RowTranslation<Shares: ShareVector, Bits: BitShares>: Sendable {
    case permutes(Permutation, difference: Columns<Shares, Bits>)
    case masks(before: Columns<Shares, Bits>, after: Columns<Shares, Bits>)
}

/// The rows that a translation is for, and who permutes.
public struct TranslationShape: Hashable, Sendable {
    public let rows: Int
    /// Columns of ring elements.
    public let numbers: Int
    public let recordBits: Int
    public let owner: Party

    public init(rows: Int, numbers: Int, recordBits: Int, owner: Party) {
        (self.rows, self.numbers) = (rows, numbers)
        (self.recordBits, self.owner) = (recordBits, owner)
    }

    public init(_ columns: Columns<some ShareVector, some BitShares>, owner: Party) {
        self.init(
            rows: columns.count, numbers: columns.numbers.count,
            recordBits: columns.records.count, owner: owner)
    }
}
