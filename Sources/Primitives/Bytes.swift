extension [UInt8] {
    /// Appends the bytes of `value`, least significant first.
    package mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
        for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }

    /// Appends the text's UTF-8 bytes after their number as a 32-bit integer.
    ///
    /// What follows can then not be mistaken for a part of the text.
    package mutating func append(lengthPrefixed text: String) {
        append(littleEndian: UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Two lower-case hexadecimal digits a byte.
    package var hex: String {
        var digits = [UInt8](repeating: 0, count: 2 * count)
        for index in indices {
            digits[2 * index] = Self.hexDigit(self[index] >> 4)
            digits[2 * index + 1] = Self.hexDigit(self[index] & 15)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }

    /// The bytes that `hex`, of either case, spells; nil unless it is pairs of digits.
    package init?(hex: String) {
        self.init(
            smallHex: Array(hex.utf8.map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 })[...])
    }

    /// The bytes that ``hex`` spells so; nil for any other text, capitals too.
    package init?(smallHex digits: ArraySlice<UInt8>) {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
            guard let high = Self.value(ofDigit: digits[index]),
                let low = Self.value(ofDigit: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
package func constantTimeEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
