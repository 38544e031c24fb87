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
    /// The sharings laid end to end.
    static func concatenating(_ parts: [Self]) -> Self
}

/// This party's shares of secret bits: `rows` wires of `count` lanes each, 64 lanes a word.
///
/// A wire is one bit position of `count` independent values.
public protocol BitShares: Sendable {
    var rows: Int { get }
    var count: Int { get }
    static func ^ (x: Self, y: Self) -> Self
    /// Conjunction with public bits of the same shape.
    static func & (c: BitMatrix, x: Self) -> Self
    subscript(rows: Range<Int>) -> Self { get }
    /// Shape Σ sizes → sizes.count rows: each row is the XOR of the next `size` rows.
    func xorRows(inGroups sizes: [Int]) -> Self
    /// The lanes of a range whose lower bound is a multiple of 64.
    func lanes(_ range: Range<Int>) -> Self
    static func concatenating(rows parts: [Self]) -> Self
    /// Side by side; every count but the last is a multiple of 64.
    static func concatenating(lanes parts: [Self]) -> Self
}
