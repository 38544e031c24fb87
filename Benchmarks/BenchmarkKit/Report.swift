import Foundation

/// A run as JSON, and its parts as text.
struct Report: Codable {
    var title: String
    var clock: BenchmarkClock
    var environment: Environment
    var measurements: [Measurement]
    var figures: [Figure]

    static func table(_ measurements: [Measurement]) -> String {
        let heads = [
            "benchmark", "n", "median ns", "min ns", "max/min", "rounds", "bytes", "peak MiB",
        ]
        let rows = measurements.map { row in
            [
                row.name, String(row.elements), text(row.median), text(row.minimum),
                text(row.spread), row.rounds.map(String.init) ?? "-",
                row.bytes.map(String.init) ?? "-", row.peakMemory.map { String($0 >> 20) } ?? "-",
            ]
        }
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([heads] + rows).map { cells in
            zip(cells, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    static func line(_ figure: Figure) -> String {
        let verdict = figure.limit.map { limit in
            " (at most \(text(limit)): \(figure.value <= limit ? "reached" : "MISSED"))"
        }
        return "\(figure.name): \(text(figure.value))\(verdict ?? "")"
    }

    private static func text(_ value: Double) -> String { String(format: "%.2f", value) }
}
