public import ArgumentParser
import Foundation
import Networking
public import Runner

/// `parley bench`: protocols next to each other, every party a process of its own.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure protocols on this machine: rounds, bytes, time, memory.",
        discussion: """
            Examples: parley bench
                      parley bench --protocol additive-ot --parties 2 --parties 3 \\
                        --operation compare --operation sort --count 1000 --count 10000
                      parley bench --link wan --count 1000 --svg wan.svg --csv wan.csv

            Each party is a process of its own; they talk over mutual TLS on loopback, or with --link \
            over an emulated network. The time of a repetition is that of its slowest party: making \
            correlated randomness (ahead or on the way, the set-up of oblivious transfers included), \
            and the operation itself. Connecting, the agreement and sharing the operands do not count.
            """)

    @Option(name: .customLong("protocol"), help: "replicated3, additive-ot or additive-dealer.")
    var protocols: [ProtocolChoice] = [.additiveOT, .replicated3]
    @Option(name: .customLong("operation"), help: "Of: \(BenchOperation.names). All if none.")
    var operations: [BenchOperation] = []
    @Option(help: "Numbers of parties; 2 and 3 if none.")
    var parties: [Int] = []
    @Option(name: .customLong("count"), help: "Numbers of elements; 1000 and 10000 if none.")
    var counts: [Int] = []
    @Option(help: "z64, z128, p62, p126 or prime:BITS; each protocol's own if none.")
    var ring: String?
    @Option(help: "none, lan (1 ms, 1 Gbit/s), wan (50 ms, 100 Mbit/s), or MS,MBITS.")
    var link = "none"
    @Option(help: "How often each case is measured, after one that warms up.")
    var repetitions = 3
    @Option(help: "Write the results to this CSV file.")
    var csv: String?
    @Option(help: "Write the results to this JSON file.")
    var json: String?
    @Option(help: "Draw the results into this SVG file.")
    var svg: String?

    func validate() throws {
        guard ring.map({ RingChoice($0) != nil }) ?? true else {
            throw ValidationError("--ring is z64, z128, p62, p126 or prime:BITS")
        }
        guard BenchLink(link) != nil else {
            throw ValidationError("--link is none, lan, wan or MILLISECONDS,MBITS")
        }
        guard parties.allSatisfy((2...10).contains) else {
            throw ValidationError("2 to 10 parties")
        }
        guard counts.allSatisfy((1...10_000_000).contains) else {
            throw ValidationError("--count is 1 to 10000000")
        }
        guard (1...100).contains(repetitions) else {
            throw ValidationError("--repetitions is 1 to 100")
        }
    }

    func run() throws {
        let progress = ProgressPrinter()
        var results: [BenchResult] = []
        for choice in protocols {
            for count in parties.isEmpty ? [2, 3] : parties {
                guard choice != .replicated3 || count == 3 else {
                    progress.report("replicated3 is for 3 parties: not measured with \(count)")
                    continue
                }
                let plan = plan(choice, count)
                results += try BenchProcesses(plan, withDealer: choice.needsDealer).run {
                    progress.report($0)
                }
            }
        }
        progress.finish()
        guard !results.isEmpty else {
            throw RunFailure(.usage, "nothing to measure: no protocol fits the numbers of parties")
        }
        try write(results)
        Console.print(BenchResult.table(results))
    }

    private func plan(_ choice: ProtocolChoice, _ parties: Int) -> BenchPlan {
        let operations = operations.isEmpty ? BenchOperation.allCases : operations
        let counts = counts.isEmpty ? [1000, 10_000] : counts
        return BenchPlan(
            protocolName: choice.rawValue,
            ring: ring ?? "\(choice.defaultRing)", parties: parties,
            cases: operations.flatMap { operation in
                counts.map { BenchPlan.Case(operation: operation, count: $0) }
            },
            repetitions: repetitions, link: BenchLink(link) ?? .none)
    }

    private func write(_ results: [BenchResult]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        for (path, data) in [
            (csv, Data(BenchResult.csv(results).utf8)), (json, try encoder.encode(results)),
            (svg, Data(BenchPlot(results).svg.utf8)),
        ] {
            guard let path else { continue }
            do {
                try data.write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw RunFailure(.cannotCreate, "\(path): \(error.localizedDescription)")
            }
        }
    }
}

extension BenchOperation: ExpressibleByArgument {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// `parley bench-party`: one process of `parley bench`, which starts it.
struct BenchPartyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-party", abstract: "One party of parley bench.", shouldDisplay: false)

    @Option(help: "The roster of the benchmark.")
    var roster: String
    @Option(help: "This member's folder.")
    var directory: String
    @Option(help: "The plan, a JSON file.")
    var plan: String

    func run() throws {
        let plan = try JSONDecoder().decode(
            BenchPlan.self, from: Data(contentsOf: URL(filePath: plan)))
        try BenchParty(
            plan, roster: try RosterCommand.load(roster),
            directory: PartyDirectory(URL(filePath: directory))
        ).run { sample in
            // A line a sample, for the process that started this one.
            guard let line = try? JSONEncoder().encode(sample) else { return }
            Console.print(String(decoding: line, as: UTF8.self))
        }
    }
}
