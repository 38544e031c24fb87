public import Algebra

/// This party's shares of n secret ring elements, with the operations that need no message.
///
/// If there is an operator, there is no communication.
public protocol ShareVector: Sendable {
    associatedtype R: Ring
    /// n.
    var count: Int { get }
    static func + (x: Self, y: Self) -> Self
    static func - (x: Self, y: Self) -> Self
    /// Multiplication by public values, element by element.
    static func * (c: Vector<R>, x: Self) -> Self
    /// Multiplication of every element by one public value (a vector of one element).
    func scaled(by c: Vector<R>) -> Self
    /// `self += c · x`, element by element, for public c.
    mutating func accumulate(_ c: Vector<R>, times x: Self)
    /// Shape n → n / length: sums of consecutive runs.
    func sums(ofEvery length: Int) -> Self
    subscript(range: Range<Int>) -> Self { get }
    /// Element i of the result is element `indices[i]`.
    func gathering(_ indices: [UInt32]) -> Self
    /// Element i of the result is the sum of elements 0 ... i.
    func prefixSums() -> Self
    /// The sharings laid end to end.
    static func concatenating(_ parts: [Self]) -> Self
}

/// This party's shares of secret bits: `rows` wires of `count` lanes each, 64 lanes a word.
///
/// A wire is one bit position of `count` independent values. Transposed, a matrix holds *records*:
/// one row for each value, which is how the rows of a table travel.
public protocol BitShares: Sendable {
    var rows: Int { get }
    var count: Int { get }
    static func ^ (x: Self, y: Self) -> Self
    /// Conjunction with public bits of the same shape.
    static func & (c: BitMatrix, x: Self) -> Self
    subscript(rows: Range<Int>) -> Self { get }
    /// Shape Σ sizes → sizes.count rows: each row is the XOR of the next `size` rows.
    func xorRows(inGroups sizes: [Int]) -> Self
    /// Row g is added to row `targets[g]` of the result, whose last row is the largest target.
    func xoringRows(into targets: [Int]) -> Self
    /// The lanes of a range whose lower bound is a multiple of 64.
    func lanes(_ range: Range<Int>) -> Self
    /// Row i of the result is row `indices[i]`.
    func gatheringRows(_ indices: [UInt32]) -> Self
    /// Row i of the result is the XOR of rows 0 ... i.
    func prefixXORs() -> Self
    /// Lane j of the result is lane j − distance; a sharing of zero where there is none.
    func shiftedLanes(by distance: Int) -> Self
    /// Shape r × n → n × r: between wires and records.
    func transposed() -> Self
    static func concatenating(rows parts: [Self]) -> Self
    /// Side by side; every count but the last is a multiple of 64.
    static func concatenating(lanes parts: [Self]) -> Self
}

/// Secret columns of n rows each that travel together through shuffles and sorts.
public struct Columns<Shares: ShareVector, Bits: BitShares>: Sendable {
    /// Each of n elements.
    public var numbers: [Shares]
    /// n rows: all bit columns of a row side by side, lowest bit first.
    public var records: Bits

    public init(numbers: [Shares], records: Bits) {
        precondition(
            numbers.allSatisfy { $0.count == records.rows }, "columns of different lengths")
        (self.numbers, self.records) = (numbers, records)
    }

    /// n.
    public var count: Int { records.rows }

    /// Hands the columns over and keeps none: whoever takes them decides how long their memory lasts.
    public mutating func take() -> Self {
        let all = self
        self = Self(numbers: [], records: records[0..<0])
        return all
    }

    /// Row i of the result is row `indices[i]`: a public rearrangement or choice, local.
    public func gathering(_ indices: [UInt32]) -> Self {
        Self(
            numbers: numbers.map { $0.gathering(indices) },
            records: records.gatheringRows(indices))
    }
}
