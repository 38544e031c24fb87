import MPC

/// A case of a benchmark, all parties and repetitions together.
public struct BenchResult: Sendable, Codable {
    public let protocolName, ring, link: String
    public let parties: Int
    public let operation: BenchOperation
    public let count: Int
    /// Of every repetition, ascending: of its slowest party, in seconds.
    public let seconds: [Double]
    /// Medians of the two phases' times.
    public let preparationSeconds, onlineSeconds: Double
    /// Of one party.
    public let preparationRounds, onlineRounds: Int
    /// Of all parties together, frames' headers included, TLS not.
    public let preparationBytes, onlineBytes: Int
    /// Of the largest party.
    public let peakMemory: Int

    /// The median.
    public var total: Double { seconds[seconds.count / 2] }

    /// - Parameter samples: those of one case, at least one.
    init(_ plan: BenchPlan, _ one: BenchPlan.Case, _ samples: [BenchSample]) {
        (protocolName, ring, link) = (plan.protocolName, plan.ring, "\(plan.link)")
        (parties, operation, count) = (plan.parties, one.operation, one.count)
        let repetitions = Dictionary(grouping: samples, by: \.repetition).values
        func times(_ seconds: (BenchSample) -> Double) -> [Double] {
            repetitions.map { $0.map(seconds).max() ?? 0 }.sorted()
        }
        func median(_ times: [Double]) -> Double { times[times.count / 2] }
        seconds = times { $0.preparation.seconds + $0.online.seconds }
        preparationSeconds = median(times(\.preparation.seconds))
        onlineSeconds = median(times(\.online.seconds))
        let last = samples.filter { $0.repetition == plan.repetitions }
        preparationRounds = last.map(\.preparation.rounds).max() ?? 0
        onlineRounds = last.map(\.online.rounds).max() ?? 0
        preparationBytes = last.reduce(0) { $0 + $1.preparation.bytesSent }
        onlineBytes = last.reduce(0) { $0 + $1.online.bytesSent }
        peakMemory = samples.map(\.peakMemory).max() ?? 0
    }
}

extension BenchResult {
    /// The results of a plan, from what its parties reported.
    public static func results(of plan: BenchPlan, _ samples: [BenchSample]) -> [BenchResult] {
        plan.cases.enumerated().compactMap { index, one in
            let own = samples.filter { $0.caseIndex == index }
            return own.isEmpty ? nil : BenchResult(plan, one, own)
        }
    }

    public static let columns = [
        "protocol", "ring", "parties", "link", "operation", "count", "seconds",
        "preparation_seconds", "online_seconds", "per_second", "preparation_rounds",
        "online_rounds", "preparation_bytes", "online_bytes", "peak_memory_bytes",
    ]

    private var fields: [String] {
        [
            protocolName, ring, "\(parties)", link, "\(operation)", "\(count)", seconds(total),
            seconds(preparationSeconds), seconds(onlineSeconds), perSecond,
            "\(preparationRounds)", "\(onlineRounds)", "\(preparationBytes)", "\(onlineBytes)",
            "\(peakMemory)",
        ]
    }

    private func seconds(_ value: Double) -> String {
        "\((value * 1e6).rounded() / 1e6)"
    }

    private var perSecond: String { "\(Int(Double(count) / total))" }

    /// Comma-separated, a line a result, the columns' names first.
    public static func csv(_ results: [BenchResult]) -> String {
        func line(_ fields: [String]) -> String {
            fields.map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",") + "\n"
        }
        return results.reduce(line(columns)) { $0 + line($1.fields) }
    }

    /// A table for people: the preparation and the online phase apart.
    public static func table(_ results: [BenchResult]) -> String {
        let head = [
            "protocol", "ring", "n", "operation", "count", "total s", "prepare s", "online s",
            "per s", "rounds", "MB", "MB online", "MiB peak",
        ]
        let rows = results.map { one in
            [
                one.protocolName, one.ring, "\(one.parties)", "\(one.operation)", "\(one.count)",
                one.seconds(one.total), one.seconds(one.preparationSeconds),
                one.seconds(one.onlineSeconds), one.perSecond,
                "\(one.preparationRounds + one.onlineRounds)",
                megabytes(one.preparationBytes + one.onlineBytes), megabytes(one.onlineBytes),
                "\(one.peakMemory >> 20)",
            ]
        }
        let widths = head.indices.map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([head] + rows).map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return [0, 1, 3].contains(column) ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func megabytes(_ bytes: Int) -> String {
        "\((Double(bytes) / 1e4).rounded() / 100)"
    }
}
