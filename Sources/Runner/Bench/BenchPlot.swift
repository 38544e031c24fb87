import Foundation

/// Results as a drawing: a panel for each operation, seconds over elements, both logarithmic, a line
/// for each protocol, ring and number of parties.
public struct BenchPlot {
    private let results: [BenchResult]
    private let series: [String]

    private static let panel = (width: 320.0, height: 240.0)
    private static let margin = (left: 56.0, right: 16.0, top: 34.0, bottom: 40.0)
    private static let columns = 3
    /// Told apart in grey as well, by their dashes.
    private static let colours = [
        "#0b61a4", "#c1440e", "#2e7d32", "#7b1fa2", "#8d6e00", "#00838f", "#ad1457", "#455a64",
    ]
    private static let dashes = ["", "6 3", "2 3", "8 3 2 3"]

    public init(_ results: [BenchResult]) {
        self.results = results
        var seen = Set<String>()
        series = results.map(Self.name).filter { seen.insert($0).inserted }
    }

    private static func name(_ result: BenchResult) -> String {
        "\(result.protocolName), \(result.ring), \(result.parties) parties, \(result.link)"
    }

    public var svg: String {
        let operations = BenchOperation.allCases.filter { operation in
            results.contains { $0.operation == operation }
        }
        let columns = max(1, min(Self.columns, operations.count))
        let rows = (operations.count + columns - 1) / columns
        let (width, top) = (Self.panel.width * Double(columns), 46 + 16 * Double(series.count))
        let height = top + Self.panel.height * Double(rows)
        let panels = operations.enumerated().map { index, operation in
            let x = Self.panel.width * Double(index % columns)
            let y = top + Self.panel.height * Double(index / columns)
            return "<g transform=\"translate(\(x),\(y))\">\n\(panel(operation))</g>\n"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
            width="\(width)" height="\(height)" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            <text x="16" y="24" font-size="15">Seconds by number of elements, preparation included\
            </text>
            \(legend)
            \(panels.joined())</svg>

            """
    }

    private var legend: String {
        series.enumerated().map { index, name in
            let y = 42 + 16 * Double(index)
            return """
                <line x1="16" y1="\(y)" x2="48" y2="\(y)" \(style(index))/>
                <text x="54" y="\(y + 4)">\(name)</text>

                """
        }.joined()
    }

    private func style(_ index: Int) -> String {
        let colour = Self.colours[index % Self.colours.count]
        let dash = Self.dashes[index / Self.colours.count % Self.dashes.count]
        return "stroke=\"\(colour)\" stroke-width=\"2\" stroke-dasharray=\"\(dash)\" fill=\"none\""
    }

    private func panel(_ operation: BenchOperation) -> String {
        let own = results.filter { $0.operation == operation }
        let x = LogarithmicAxis(
            own.map { Double($0.count) }, from: Self.margin.left,
            to: Self.panel.width - Self.margin.right)
        let y = LogarithmicAxis(
            own.map(\.total), from: Self.panel.height - Self.margin.bottom, to: Self.margin.top)
        var parts = [
            "<text x=\"\(Self.margin.left)\" y=\"16\" font-size=\"13\">\(operation)</text>"
        ]
        parts.append(
            "<text x=\"\(Self.margin.left)\" y=\"28\" fill=\"#555\">each \(operation.unit)</text>")
        for decade in x.decades {
            let at = x.place(decade.value)
            parts.append(
                line(at, y.low, at, y.high)
                    + text(at, y.low + 14, decade.label, anchor: "middle"))
        }
        for decade in y.decades {
            let at = y.place(decade.value)
            parts.append(
                line(x.low, at, x.high, at) + text(x.low - 5, at + 4, decade.label, anchor: "end"))
        }
        for (index, name) in series.enumerated() {
            let points = own.filter { Self.name($0) == name }.sorted { $0.count < $1.count }
                .map { (x.place(Double($0.count)), y.place($0.total)) }
            guard !points.isEmpty else { continue }
            let path = points.map { "\($0.0),\($0.1)" }.joined(separator: " ")
            parts.append("<polyline points=\"\(path)\" \(style(index))/>")
            let colour = Self.colours[index % Self.colours.count]
            parts += points.map {
                "<circle cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"3\" fill=\"\(colour)\"/>"
            }
        }
        return parts.joined(separator: "\n") + "\n"
    }

    private func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> String {
        "<line x1=\"\(x0)\" y1=\"\(y0)\" x2=\"\(x1)\" y2=\"\(y1)\" stroke=\"#ddd\"/>"
    }

    private func text(_ x: Double, _ y: Double, _ label: String, anchor: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" fill=\"#333\">\(label)</text>"
    }
}

/// Whole decades around some values, on a stretch of the drawing.
private struct LogarithmicAxis {
    let low, high: Double
    private let first, last: Double

    /// - Parameter values: above 0.
    init(_ values: [Double], from low: Double, to high: Double) {
        (self.low, self.high) = (low, high)
        let logarithms = values.map(log10)
        let first = (logarithms.min() ?? 0).rounded(.down)
        self.first = first
        last = max(first + 1, (logarithms.max() ?? 1).rounded(.up))
    }

    func place(_ value: Double) -> Double {
        let part = (log10(value) - first) / (last - first)
        return ((low + part * (high - low)) * 10).rounded() / 10
    }

    var decades: [(value: Double, label: String)] {
        stride(from: first, through: last, by: 1).map { exponent in
            let value = pow(10, exponent)
            return (value, exponent < 0 ? "\(value)" : "\(Int(value))")
        }
    }
}
