import Tables

/// Whether keys are spelled so that equal ones may not be found equal.
///
/// Parties match keys byte by byte. Spaces, and capitals used once so and once so, hide matches.
enum KeySpelling {
    /// What is odd about the keys of a column without a canonical form; nil if nothing is.
    static func warning(_ texts: TextColumn, _ table: Table) -> String? {
        var hasSmall = false
        for row in 0..<texts.count {
            for byte in texts[bytes: row] {
                if byte == UInt8(ascii: " ") {
                    return "the key at \(table.place(ofRow: row)) has spaces, so that it equals "
                        + "only keys with the same spaces; \(advice)"
                }
                hasSmall = hasSmall || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
        }
        // Without small letters no two keys differ by capitals alone.
        guard hasSmall else { return nil }
        var first: [Int: Int] = [:]
        for row in 0..<texts.count {
            let text = texts[bytes: row]
            guard let other = first.updateValue(row, forKey: hash(inCapitals: text)),
                texts[bytes: other] != text
            else { continue }
            // Two hashes may be equal by chance.
            guard texts[other].uppercased() == texts[row].uppercased() else { continue }
            return "the keys at \(table.place(ofRow: other)) and "
                + "\(table.place(ofRow: row)) differ only by capitals, and count as different; "
                + advice
        }
        return nil
    }

    private static let advice =
        "declare how they are written, as `canonical iban`, `canonical upper` or "
        + "`canonical exact`"

    private static func hash(inCapitals text: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        for byte in text {
            let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            hasher.combine(isSmall ? byte - 32 : byte)
        }
        return hasher.finalize()
    }
}
