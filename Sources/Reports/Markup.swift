/// A piece of HTML or SVG.
///
/// It is made of elements and texts alone, and every text and attribute is escaped as it comes in: no
/// data can become markup.
public struct Markup: Sendable {
    /// What is written.
    public let source: String

    private init(source: String) { self.source = source }

    /// Text for people; what could be taken for markup, or changes the order of letters, is shown.
    public static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

    /// One element.
    ///
    /// - Parameters:
    ///   - attributes: in the order given; values are escaped.
    ///   - children: nothing for an element that is empty by its nature.
    public static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ children: [Markup] = []
    ) -> Markup {
        var tag = "<\(name)"
        for (key, value) in attributes { tag += " \(key)=\"\(escaped(value))\"" }
        if isEmpty.contains("\(name)") { return Markup(source: tag + "/>") }
        return Markup(source: tag + ">" + children.map(\.source).joined() + "</\(name)>")
    }

    /// One after the other.
    static func all(_ parts: [Markup]) -> Markup {
        Markup(source: parts.map(\.source).joined(separator: "\n"))
    }

    /// A style sheet of this module's own, which is not escaped.
    static func style(_ css: String) -> Markup { Markup(source: "<style>\(css)</style>") }

    /// A whole document.
    static func document(_ root: Markup) -> String { "<!DOCTYPE html>\n\(root.source)\n" }

    /// Elements that never have content: those of HTML, and shapes.
    private static let isEmpty: Set<String> = [
        "meta", "br", "rect", "line", "path", "circle", "polygon",
    ]

    private static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                switch scalar.properties.generalCategory {
                // Controls, marks that turn the writing around, and what has no character.
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse:
                    result += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
