/// One word of a script.
struct Token: Hashable {
    enum Kind: Hashable {
        /// A keyword, a name or a unit; always lower-case letters, digits and `_` or a name as written.
        case word(String)
        case number(DecimalLiteral)
        /// Days since 2000-01-01.
        case date(Int)
        /// `'label'`
        case label(String)
        /// `"text"`
        case text(String)
        /// `( ) { } [ ] , ; . : = <> < <= > >= + - * / %`
        case symbol(String)
        case end
    }

    let kind: Kind
    let range: SourceRange
    /// Whether it is the first of its line.
    let startsLine: Bool
    /// Whether nothing lies between it and the token before.
    let isAdjacent: Bool
}
