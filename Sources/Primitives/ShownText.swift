extension String {
    /// The text as a terminal may be given it: what would steer the terminal, or reorder what a person
    /// reads, is written as in JSON, such as `\u001b`.
    ///
    /// Line ends and tabs stay. A JSON text stays the same value, as these characters occur in its
    /// strings alone.
    package var shown: String { shown { $0 == 0x0A || $0 == 0x09 } }

    /// ``shown`` in one line, without tabs.
    package var shownInLine: String { shown { _ in false } }

    private func shown(keeping isKept: (UInt32) -> Bool) -> String {
        guard unicodeScalars.contains(where: { $0.steersTerminal && !isKept($0.value) }) else {
            return self
        }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminal && !isKept(scalar.value) {
                let digits = Swift.String(scalar.value, radix: 16)
                text += "\\u" + Swift.String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character (C0, DEL, C1), ends a line, or changes the direction of text.
    fileprivate var steersTerminal: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
            true
        default: false
        }
    }
}
