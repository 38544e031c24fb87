/// A place in a script: UTF-8 offsets.
public struct SourceRange: Hashable, Sendable {
    public let start: Int
    public let end: Int

    public init(_ start: Int, _ end: Int) { (self.start, self.end) = (start, max(start, end)) }

    func to(_ other: Self) -> Self { Self(start, other.end) }
}

/// The text of a script, and where its lines are.
public struct SourceText: Sendable {
    /// Longer texts are refused before they are read.
    public static let largestByteCount = 1 << 20

    /// What errors call it: a file's name.
    public let name: String
    public let bytes: [UInt8]
    private let lineStarts: [Int]

    public init(name: String, _ text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    public init(name: String, bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(index + 1)
        }
        lineStarts = starts
    }

    /// Line and column of an offset, both counted from 1.
    public func position(_ offset: Int) -> (line: Int, column: Int) {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return (low + 1, offset - lineStarts[low] + 1)
    }

    /// A line without its end, counted from 1; what is not printable ASCII as a question mark.
    func line(_ number: Int) -> String {
        let start = lineStarts[number - 1]
        let end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        return String(
            decoding: bytes[start..<end].map { (0x20..<0x7F).contains($0) ? $0 : 0x3F },
            as: UTF8.self)
    }

    func text(_ range: SourceRange) -> String {
        String(decoding: bytes[range.start..<min(range.end, bytes.count)], as: UTF8.self)
    }
}
