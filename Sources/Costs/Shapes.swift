public import Algebra
public import MPC

/// The shape of n secret ring elements: no values, only how many and what memory they take.
public struct NumberShape<R: Ring>: ShareVector {
    public let count: Int
    /// Bytes of an element at a party.
    private let size: Int
    /// Nil for nothing that an engine made.
    private let memory: Allocation?

    init(_ count: Int, size: Int, in memory: LiveMemory) {
        (self.count, self.size) = (count, size)
        self.memory = Allocation(count * size, in: memory)
    }

    /// No elements.
    private init() { (count, size, memory) = (0, 0, nil) }

    /// Another vector of the same engine.
    private func like(_ count: Int) -> Self {
        guard let memory else { return self }
        return Self(count, size: size, in: memory.memory)
    }

    public static func + (x: Self, y: Self) -> Self {
        precondition(x.count == y.count, "vectors of different lengths")
        return x.like(x.count)
    }
    public static func - (x: Self, y: Self) -> Self { x + y }
    public static func * (c: Vector<R>, x: Self) -> Self { x.like(x.count) }
    public func scaled(by c: Vector<R>) -> Self { like(count) }
    public mutating func accumulate(_ c: Vector<R>, times x: Self) {}
    public func sums(ofEvery length: Int) -> Self { like(count / length) }
    public subscript(range: Range<Int>) -> Self { like(range.count) }
    public func gathering(_ indices: [UInt32]) -> Self { like(indices.count) }
    public func prefixSums() -> Self { like(count) }
    public static func concatenating(_ parts: [Self]) -> Self {
        let whole = parts.first { $0.memory != nil } ?? Self()
        return whole.like(parts.reduce(0) { $0 + $1.count })
    }
}

/// The shape of secret bits: rows and lanes.
public struct BitsShape: BitShares {
    public let rows: Int
    public let count: Int
    /// Copies of each bit at a party: components of a sharing.
    private let copies: Int
    /// Nil for nothing that an engine made.
    private let memory: Allocation?

    init(rows: Int, count: Int, copies: Int, in memory: LiveMemory) {
        (self.rows, self.count, self.copies) = (rows, count, copies)
        self.memory = Allocation(
            copies * Self.byteCount(rows: rows, count: count), in: memory)
    }

    private init() { (rows, count, copies, memory) = (0, 0, 0, nil) }

    /// Bytes of a matrix: each row fills whole words.
    static func byteCount(rows: Int, count: Int) -> Int { rows * ((count + 63) / 64) * 8 }

    private func like(_ rows: Int, _ count: Int) -> Self {
        guard let memory else { return self }
        return Self(rows: rows, count: count, copies: copies, in: memory.memory)
    }

    public static func ^ (x: Self, y: Self) -> Self {
        precondition(x.rows == y.rows && x.count == y.count, "matrices of different shapes")
        return x.like(x.rows, x.count)
    }
    public static func & (c: BitMatrix, x: Self) -> Self { x.like(x.rows, x.count) }
    public subscript(rows: Range<Int>) -> Self { like(rows.count, count) }
    public func xorRows(inGroups sizes: [Int]) -> Self { like(sizes.count, count) }
    public func xoringRows(into targets: [Int]) -> Self {
        like((targets.max() ?? -1) + 1, count)
    }
    public func lanes(_ range: Range<Int>) -> Self { like(rows, range.count) }
    public func gatheringRows(_ indices: [UInt32]) -> Self { like(indices.count, count) }
    public func prefixXORs() -> Self { like(rows, count) }
    public func shiftedLanes(by distance: Int) -> Self { like(rows, count) }
    public func transposed() -> Self { like(count, rows) }
    public static func concatenating(rows parts: [Self]) -> Self {
        let whole = parts.first { $0.memory != nil } ?? Self()
        return whole.like(parts.reduce(0) { $0 + $1.rows }, whole.count)
    }
    public static func concatenating(lanes parts: [Self]) -> Self {
        let whole = parts.first { $0.memory != nil } ?? Self()
        return whole.like(whole.rows, parts.reduce(0) { $0 + $1.count })
    }
}

/// The shape of the keys of a sort: n of so many bits, each in a record.
public struct KeysShape: SortKeys {
    let records: BitsShape
    let bits: Int

    var count: Int { records.rows }

    public func gatheringRows(_ indices: [UInt32]) -> Self {
        Self(records: records.gatheringRows(indices), bits: bits)
    }
}
