import Primitives

/// Cuts a script into tokens; comments are kept aside.
///
/// Only printable ASCII and line ends are let through, in comments and texts as well: what a person
/// reads is what the parser reads.
struct Lexer {
    private let source: SourceText
    private var index = 0
    private(set) var tokens: [Token] = []
    private(set) var comments: [(text: String, range: SourceRange)] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var startsLine = true

    init(_ source: SourceText) { self.source = source }

    private var bytes: [UInt8] { source.bytes }
    private func byte(_ offset: Int = 0) -> UInt8 {
        index + offset < bytes.count ? bytes[index + offset] : 0
    }

    mutating func run() {
        guard bytes.count <= SourceText.largestByteCount else {
            diagnostics.append(
                Diagnostic(
                    "syntax",
                    "the script has \(bytes.count) bytes; at most "
                        + "\(SourceText.largestByteCount) are read", at: SourceRange(0, 0)))
            tokens = [
                Token(kind: .end, range: SourceRange(0, 0), startsLine: true, isAdjacent: false)
            ]
            return
        }
        var end = 0
        while index < bytes.count {
            skipSpace()
            guard index < bytes.count else { break }
            let start = index
            if let kind = next() {
                tokens.append(
                    Token(
                        kind: kind, range: SourceRange(start, index), startsLine: startsLine,
                        isAdjacent: start == end && start > 0))
                startsLine = false
                end = index
            }
        }
        tokens.append(
            Token(
                kind: .end, range: SourceRange(bytes.count, bytes.count), startsLine: true,
                isAdjacent: false))
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch byte() {
            case UInt8(ascii: "\n"):
                startsLine = true
                index += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"): comment()
            default: return
            }
        }
    }

    private mutating func comment() {
        let start = index
        while index < bytes.count, byte() != UInt8(ascii: "\n") {
            checkPrintable()
            index += 1
        }
        var text = bytes[(start + 2)..<index]
        while let last = text.last, last <= 0x20 { text.removeLast() }
        while let first = text.first, first <= 0x20 { text.removeFirst() }
        comments.append((String(decoding: text, as: UTF8.self), SourceRange(start, index)))
    }

    /// One token; nil if there is none here, which has been said.
    private mutating func next() -> Token.Kind? {
        let first = byte()
        switch first {
        case _ where isLetter(first): return .word(word())
        case _ where isDigit(first): return number()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return quoted(by: first)
        default: break
        }
        let pair = String(decoding: [first, byte(1)], as: UTF8.self)
        if ["<>", "<=", ">=", ".."].contains(pair) {
            index += 2
            return .symbol(pair)
        }
        if "(){}[],;.:=<>+-*/%".utf8.contains(first) {
            index += 1
            return .symbol(String(decoding: [first], as: UTF8.self))
        }
        let start = index
        // A run of strange bytes is one mistake.
        while index < bytes.count, byte() >= 0x80 || byte() < 0x20 || isStrange(byte()) {
            if byte() == UInt8(ascii: "\n") { break }
            index += 1
        }
        index = max(index, start + 1)
        let shown =
            bytes[start] < 0x80 && bytes[start] > 0x20
            ? "\"\(String(decoding: [bytes[start]], as: UTF8.self))\"" : "this character"
        complain(
            "\(shown) has no meaning here; scripts are printable ASCII", from: start)
        return nil
    }

    private func isStrange(_ byte: UInt8) -> Bool {
        !isLetter(byte) && !isDigit(byte) && byte > 0x20
            && !"(){}[],;.:=<>+-*/%'\"".utf8.contains(byte)
    }

    private mutating func word() -> String {
        let start = index
        while isLetter(byte()) || isDigit(byte()) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func number() -> Token.Kind? {
        let start = index
        // 2026-01-31
        if index + 10 <= bytes.count, bytes[index + 4] == UInt8(ascii: "-"),
            bytes[index + 7] == UInt8(ascii: "-")
        {
            let text = String(decoding: bytes[index..<index + 10], as: UTF8.self)
            let parts = text.split(separator: "-").compactMap { Int($0) }
            if parts.count == 3 {
                index += 10
                guard let day = Day.number(year: parts[0], month: parts[1], day: parts[2]) else {
                    complain("\(text) is no date", from: start)
                    return .date(0)
                }
                return .date(day)
            }
        }
        var (mantissa, scale, isFraction, isTooLong): (Int128, Int, Bool, Bool) = (
            0, 0, false, false
        )
        while true {
            let next = byte()
            if isDigit(next) {
                let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
                if overflow || mantissa > Int128(1) << 100 {
                    isTooLong = true
                } else {
                    mantissa = product + Int128(next - 0x30)
                    if isFraction { scale += 1 }
                }
            } else if next == UInt8(ascii: "."), !isFraction, isDigit(byte(1)) {
                isFraction = true
            } else if next != UInt8(ascii: "_") || !isDigit(byte(1)) {
                break
            }
            index += 1
        }
        if isTooLong || scale > 12 { complain("the number has too many digits", from: start) }
        if isLetter(byte()) {
            _ = word()
            complain("a number ends in letters; write a space or `*` between", from: start)
        }
        return .number(DecimalLiteral(isTooLong ? 0 : mantissa, scale: min(scale, 12)))
    }

    private mutating func quoted(by quote: UInt8) -> Token.Kind {
        let start = index
        index += 1
        while index < bytes.count, byte() != quote, byte() != UInt8(ascii: "\n") {
            checkPrintable()
            index += 1
        }
        let text = String(decoding: bytes[(start + 1)..<index], as: UTF8.self)
        if byte() == quote {
            index += 1
        } else {
            complain(
                "the text does not end on its line; close it with \(quote == 0x27 ? "'" : "\"")",
                from: start)
        }
        return quote == UInt8(ascii: "'") ? .label(text) : .text(text)
    }

    private mutating func checkPrintable() {
        let byte = byte()
        guard !(0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\t"), byte != UInt8(ascii: "\r")
        else { return }
        // One message for neighbours.
        if let last = diagnostics.last, last.range.end == index {
            diagnostics[diagnostics.count - 1] = Diagnostic(
                last.rule, last.message, at: SourceRange(last.range.start, index + 1))
            return
        }
        diagnostics.append(
            Diagnostic(
                "syntax", "this character is not printable ASCII; scripts have no others",
                at: SourceRange(index, index + 1)))
    }

    private mutating func complain(_ message: String, from start: Int) {
        diagnostics.append(Diagnostic("syntax", message, at: SourceRange(start, index)))
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
