import CKernels
import Glibc

/// Bit vectors of equal length, bit-sliced: row r is one vector of `count` lanes, 64 lanes a word.
///
/// A gate on two matrices acts on every lane of every row at once. Invariant: the bits above the
/// last lane of each row are zero; every operation keeps it. Shapes that differ are a precondition
/// failure. `==` is for public values; it stops at the first difference.
public struct BitMatrix: Equatable, Sendable {
    /// The number of bit vectors.
    public let rows: Int
    /// The lanes of each row.
    public let count: Int
    /// Row-major, `wordsPerRow` words a row; lane i is bit i mod 64 of word i / 64.
    public private(set) var words: [UInt64]

    public var wordsPerRow: Int { Self.wordsPerRow(count) }

    static func wordsPerRow(_ count: Int) -> Int { (count + 63) / 64 }

    /// The valid bits of a row's last word.
    private static func tailMask(_ count: Int) -> UInt64 {
        count.isMultiple(of: 64) ? .max : (1 << UInt64(count % 64)) - 1
    }

    /// Trusts the caller that the bits above each row's last lane are zero.
    package init(rows: Int, count: Int, words: [UInt64]) {
        precondition(rows >= 0 && count >= 0, "a bit matrix of \(rows) rows, \(count) lanes")
        precondition(
            words.count == rows * Self.wordsPerRow(count),
            "\(words.count) words for \(rows) rows of \(count) lanes")
        self.rows = rows
        self.count = count
        self.words = words
    }

    /// All bits zero, or all one.
    public init(rows: Int, count: Int, repeating bit: Bool = false) {
        let size = rows * Self.wordsPerRow(count)
        self.init(rows: rows, count: count, words: [UInt64](repeating: bit ? .max : 0, count: size))
        if bit { clearTails() }
    }

    /// One row of the given lanes.
    public init(_ lanes: [Bool]) {
        self.init(rows: 1, count: lanes.count)
        for (i, lane) in lanes.enumerated() {
            words[i / 64] |= UInt64(lane) &<< UInt64(i % 64)
        }
    }

    /// Uniform bits, from rows · ``wordsPerRow`` words of the stream.
    public static func random(
        rows: Int, count: Int, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        var result = Self(rows: rows, count: count)
        var span = result.words.mutableSpan
        generator.fill(&span)
        result.clearTails()
        return result
    }

    /// Lets `body` change the words; bits above the last lane of a row are cleared again.
    package mutating func update(_ body: (inout MutableSpan<UInt64>) -> Void) {
        var span = words.mutableSpan
        body(&span)
        clearTails()
    }

    private mutating func clearTails() {
        guard !count.isMultiple(of: 64) else { return }
        let mask = Self.tailMask(count)
        for last in stride(from: wordsPerRow - 1, to: words.count, by: wordsPerRow) {
            words[last] &= mask
        }
    }

    /// Overwrites the bits with zeros, in a way that the compiler does not remove.
    ///
    /// Copies of the matrix made before keep their bits.
    public mutating func wipe() {
        // The buffer's own length bounds the write.
        unsafe words.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
        }
    }
}

/// Printing shows the shape only: bits may be secret.
extension BitMatrix: CustomStringConvertible, CustomReflectable {
    public var description: String { "BitMatrix(rows: \(rows), count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: ["rows": rows, "count": count]) }
}

// MARK: - Gates

extension BitMatrix {
    private func checkShape(_ other: Self) {
        precondition(
            rows == other.rows && count == other.count,
            "bit matrices of \(rows) × \(count) and \(other.rows) × \(other.count)")
    }

    @inline(__always)
    private func combined(with other: Self, _ gate: (UInt64, UInt64) -> UInt64) -> Self {
        checkShape(other)
        let (a, b) = (words, other.words)
        return Self(
            rows: rows, count: count,
            words: Array(capacity: a.count) { mapWords(a.span, b.span, into: &$0, gate) })
    }

    public static func ^ (a: Self, b: Self) -> Self { a.combined(with: b) { $0 ^ $1 } }
    public static func & (a: Self, b: Self) -> Self { a.combined(with: b) { $0 & $1 } }
    public static func | (a: Self, b: Self) -> Self { a.combined(with: b) { $0 | $1 } }

    public static prefix func ~ (a: Self) -> Self {
        let words = a.words
        var result = Self(
            rows: a.rows, count: a.count,
            words: Array(capacity: words.count) { mapWords(words.span, into: &$0) { ~$0 } })
        result.clearTails()
        return result
    }

    public static func ^= (a: inout Self, b: Self) {
        a.checkShape(b)
        var span = a.words.mutableSpan
        updateWords(&span, b.words.span) { $0 ^ $1 }
    }
}

// MARK: - Parts

extension BitMatrix {
    public subscript(range: Range<Int>) -> Self {
        guard range != 0..<rows else { return self }
        let width = wordsPerRow
        return Self(
            rows: range.count, count: count,
            words: Array(words[range.lowerBound * width..<range.upperBound * width]))
    }

    public func row(_ index: Int) -> Self { self[index..<index + 1] }

    public subscript(row row: Int, lane lane: Int) -> Bool {
        get {
            precondition((0..<rows).contains(row) && (0..<count).contains(lane))
            return words[row * wordsPerRow + lane / 64] >> UInt64(lane % 64) & 1 == 1
        }
        set {
            precondition((0..<rows).contains(row) && (0..<count).contains(lane))
            let word = row * wordsPerRow + lane / 64
            words[word] &= ~(1 << UInt64(lane % 64))
            words[word] |= UInt64(newValue) << UInt64(lane % 64)
        }
    }

    /// The rows of `other` below these: shapes r × n and s × n give (r + s) × n.
    public func appendingRows(_ other: Self) -> Self { Self.concatenating(rows: [self, other]) }

    /// The matrices one below the other.
    ///
    /// - Precondition: there is at least one; all have the same count.
    public static func concatenating(rows parts: [Self]) -> Self {
        precondition(!parts.isEmpty, "no bit matrices to stack")
        let count = parts[0].count
        precondition(parts.allSatisfy { $0.count == count }, "rows of different lengths")
        return Self(
            rows: parts.reduce(0) { $0 + $1.rows }, count: count, words: parts.flatMap(\.words))
    }

    /// The lanes in `range` of every row.
    ///
    /// - Precondition: the range's lower bound is a multiple of 64.
    public func lanes(_ range: Range<Int>) -> Self {
        precondition(range.lowerBound.isMultiple(of: 64), "lanes from \(range.lowerBound)")
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "lanes outside the matrix")
        var result = Self(rows: rows, count: range.count)
        copyRows(
            words.span, from: range.lowerBound / 64, stride: wordsPerRow,
            width: result.wordsPerRow, rows: rows, into: &result.words, at: 0,
            stride: result.wordsPerRow)
        result.clearTails()
        return result
    }

    /// The matrices side by side, in order of lanes.
    ///
    /// - Precondition: there is at least one; all have the same rows; the counts of all but the
    ///   last are multiples of 64.
    public static func concatenating(lanes parts: [Self]) -> Self {
        precondition(!parts.isEmpty, "no bit matrices to put side by side")
        let rows = parts[0].rows
        precondition(parts.allSatisfy { $0.rows == rows }, "matrices of different rows")
        precondition(
            parts.dropLast().allSatisfy { $0.count.isMultiple(of: 64) },
            "a part that does not end at a whole word")
        var result = Self(rows: rows, count: parts.reduce(0) { $0 + $1.count })
        var first = 0
        for part in parts {
            copyRows(
                part.words.span, from: 0, stride: part.wordsPerRow, width: part.wordsPerRow,
                rows: rows, into: &result.words, at: first, stride: result.wordsPerRow)
            first += part.wordsPerRow
        }
        return result
    }

    /// The lanes of the first row.
    public var bools: [Bool] { (0..<count).map { self[row: 0, lane: $0] } }
}

// MARK: - Wire

extension BitMatrix {
    /// The bytes of the wire form: 8 a word.
    public var wireByteCount: Int { words.count * 8 }

    /// Appends the wire form: row by row, each word little-endian.
    public func appendWire(to output: inout OutputSpan<UInt8>) {
        appendLittleEndian(words, to: &output)
    }

    /// Reads the wire form; `nil` for another length, or a bit set above a row's last lane.
    public init?(rows: Int, count: Int, received bytes: ArraySlice<UInt8>) {
        guard let words = littleEndianWords(bytes) else { return nil }
        self.init(rows: rows, count: count, wireWords: words)
    }

    /// Takes the words of the wire form; `nil` as ``init(rows:count:received:)``.
    package init?(rows: Int, count: Int, wireWords words: [UInt64]) {
        let size = rows.multipliedReportingOverflow(by: Self.wordsPerRow(count))
        guard !size.overflow, words.count == size.partialValue else { return nil }
        self.init(rows: rows, count: count, words: words)
        var beyond: UInt64 = 0
        if words.count > 0 {
            for last in stride(from: wordsPerRow - 1, to: words.count, by: wordsPerRow) {
                beyond |= words[last] & ~Self.tailMask(count)
            }
        }
        guard beyond == 0 else { return nil }
    }
}

/// Copies pieces of rows: `width` words from each of `rows` rows to each of as many others.
private func copyRows(
    _ source: Span<UInt64>, from first: Int, stride: Int, width: Int, rows: Int,
    into target: inout [UInt64], at place: Int, stride targetStride: Int
) {
    guard rows > 0, width > 0 else { return }
    precondition(first + (rows - 1) * stride + width <= source.count, "words beyond the source")
    precondition(place + (rows - 1) * targetStride + width <= target.count, "words beyond the rows")
    // The preconditions keep every piece inside both buffers.
    unsafe source.withPointer { source in
        unsafe target.withUnsafeMutableBufferPointer { target in
            guard let source = unsafe source, let target = target.baseAddress else { return }
            unsafe ck_copy_rows(
                source + first, stride, width, rows, target + place, targetStride)
        }
    }
}
