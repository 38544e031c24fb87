/// Words as bytes, each word little-endian: one copy, since every supported machine stores words so.

func appendLittleEndian(_ words: [UInt64], to output: inout OutputSpan<UInt8>) {
    appendLittleEndian(words[...], to: &output)
}

/// Into a frame's own memory; the output has room for all words.
package func appendLittleEndian(_ words: ArraySlice<UInt64>, to output: inout OutputSpan<UInt8>) {
    assert(1.littleEndian == 1)
    // The copy initialises exactly the bytes that it counts.
    unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
        unsafe words.withUnsafeBytes { words in
            unsafe UnsafeMutableRawBufferPointer(buffer)[filled...].copyBytes(from: words)
            filled += words.count
        }
    }
}

/// `nil` where the bytes are not whole words.
package func littleEndianWords(_ bytes: ArraySlice<UInt8>) -> [UInt64]? {
    assert(1.littleEndian == 1)
    guard bytes.count.isMultiple(of: 8) else { return nil }
    let count = bytes.count / 8
    // Both sides are count · 8 bytes; the bytes need not be aligned.
    return unsafe [UInt64](unsafeUninitializedCapacity: count) { words, filled in
        unsafe UnsafeMutableRawBufferPointer(words).copyBytes(from: bytes)
        filled = count
    }
}
