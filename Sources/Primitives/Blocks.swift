/// Blocks of 128 bits, two words each, the lower first: keys, pads and rows of an OT extension.
package struct Blocks: Sendable {
    package var words: [UInt64]

    package var count: Int { words.count / 2 }

    /// - Precondition: an even number of words.
    package init(words: [UInt64]) {
        precondition(words.count.isMultiple(of: 2), "a block has two words")
        self.words = words
    }
}

/// A block in a log or a failing test shows its shape, never its value.
extension Blocks: CustomStringConvertible, CustomReflectable {
    package var description: String { "Blocks(count: \(count))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
