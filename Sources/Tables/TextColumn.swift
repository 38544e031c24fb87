/// A column of texts in two flat arrays: all bytes one after another, and where each text ends.
///
/// At most 4 GiB of text.
public struct TextColumn: Hashable, Sendable {
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []

    public init() {}

    public init(_ texts: some Sequence<String>) {
        for text in texts { append(Array(text.utf8).span, 0..<text.utf8.count) }
    }

    public var count: Int { ends.count }

    /// The number of bytes of all texts together.
    public var byteCount: Int { bytes.count }

    /// The bytes of text `index`.
    public subscript(bytes index: Int) -> ArraySlice<UInt8> {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return bytes[start..<Int(ends[index])]
    }

    /// Text `index`; bytes that are not UTF-8 (a reader refuses them) become U+FFFD.
    public subscript(index: Int) -> String {
        String(decoding: self[bytes: index], as: UTF8.self)
    }

    mutating func reserveCapacity(texts: Int, bytes byteCount: Int) {
        ends.reserveCapacity(texts)
        bytes.reserveCapacity(byteCount)
    }

    mutating func append(_ source: Span<UInt8>, _ range: Range<Int>) {
        for index in range { bytes.append(source[index]) }
        ends.append(UInt32(bytes.count))
    }

    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(UInt32(bytes.count))
    }
}
