import Foundation

/// What a measured body sent: the other two costs of a protocol.
public struct Traffic: Sendable {
    public var rounds: Int
    public var bytes: Int

    public init(rounds: Int, bytes: Int) {
        self.rounds = rounds
        self.bytes = bytes
    }
}

/// One line of the table: the times of the repetitions of one body.
public struct Measurement: Codable, Sendable {
    public var name: String
    /// What the time is divided by.
    public var elements: Int
    /// Nanoseconds of each repetition, ascending.
    public var nanoseconds: [Double]
    public var rounds: Int?
    public var bytes: Int?
    /// In bytes, inputs included.
    public var peakMemory: Int?

    public var median: Double { nanoseconds[nanoseconds.count / 2] / Double(elements) }
    public var minimum: Double { nanoseconds[0] / Double(elements) }
    /// Maximum over minimum.
    public var spread: Double { nanoseconds[nanoseconds.count - 1] / nanoseconds[0] }
}

/// A number worked out from measurements, and what it must not exceed.
public struct Figure: Codable, Sendable {
    public var name: String
    public var value: Double
    public var limit: Double?
}

/// What a benchmark's time is.
public enum BenchmarkClock: String, Codable, Sendable {
    /// For anything that waits: the network, other threads.
    case wall = "wall"
    /// For computation on one thread: other load on the machine disturbs it less.
    case threadCPU = "thread CPU"

    func now() -> Double {
        var time = timespec()
        let id = self == .wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
        // The clock writes to a local that outlives the call.
        unsafe clock_gettime(id, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// Uses a value, so that the compiler keeps the computation of it.
@inline(never)
public func keep<Value: ~Copyable>(_ value: borrowing Value) {}

/// A run of benchmarks: measures, then prints a table and writes JSON if asked.
///
/// Arguments: `--filter TEXT` (only names that contain it), `--json FILE`, `--quick` (3 repetitions
/// instead of 11, and ``isQuick`` for the caller to choose small sizes).
public struct Benchmarks {
    public let title: String
    public let isQuick: Bool
    private let filter: String?
    private let jsonPath: String?
    private let clock: BenchmarkClock
    private var measurements: [Measurement] = []
    private var figures: [Figure] = []

    public struct InvalidArgument: Error, CustomStringConvertible {
        public let description: String
    }

    /// `arguments` without the program's name.
    public init(
        _ title: String, clock: BenchmarkClock, arguments: [String]
    ) throws(InvalidArgument) {
        var (filter, json, quick) = (String?.none, String?.none, false)
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick": quick = true
            case "--filter" where !rest.isEmpty: filter = rest.popFirst()
            case "--json" where !rest.isEmpty: json = rest.popFirst()
            default:
                throw InvalidArgument(
                    description: "'\(argument)': use --filter TEXT, --json FILE, --quick")
            }
        }
        (self.title, self.clock, isQuick) = (title, clock, quick)
        (self.filter, jsonPath) = (filter, json)
    }

    public var repetitions: Int { isQuick ? 3 : 11 }

    /// Whether the filter lets a benchmark of this name run.
    public func isWanted(_ name: String) -> Bool { filter.map { name.contains($0) } ?? true }

    /// Measures `body`, which works on `elements` elements: once to warm up, then repeatedly.
    public mutating func measure(
        _ name: String, elements: Int, _ body: () throws -> Traffic?
    ) rethrows {
        guard isWanted(name) else { return }
        PeakMemory.reset()
        var times: [Double] = []
        var traffic: Traffic?
        for repetition in 0...repetitions {
            let start = clock.now()
            traffic = try body()
            if repetition > 0 { times.append(clock.now() - start) }
        }
        record(name, elements: elements, nanoseconds: times, traffic: traffic)
    }

    /// Measures ours and the reference in turn, so that other load hits both, and their ratio.
    public mutating func compare(
        _ name: String, elements: Int, limit: Double? = nil,
        with reference: String, _ ours: () -> Void, _ theirs: () -> Void
    ) {
        guard isWanted(name) else { return }
        PeakMemory.reset()
        var times: (ours: [Double], theirs: [Double]) = ([], [])
        for repetition in 0...repetitions {
            let start = clock.now()
            ours()
            let middle = clock.now()
            theirs()
            let end = clock.now()
            guard repetition > 0 else { continue }
            times.ours.append(middle - start)
            times.theirs.append(end - middle)
        }
        record("\(name), beside \(reference)", elements: elements, nanoseconds: times.ours)
        let mine = measurements[measurements.count - 1]
        record("\(name), \(reference)", elements: elements, nanoseconds: times.theirs)
        let value = mine.median / measurements[measurements.count - 1].median
        derive("\(name), n = \(elements), ours / \(reference)", value: value, limit: limit)
    }

    /// Adds repetitions that the caller timed.
    public mutating func record(
        _ name: String, elements: Int, nanoseconds: [Double], traffic: Traffic? = nil
    ) {
        precondition(!nanoseconds.isEmpty, "no repetition of \(name)")
        measurements.append(
            Measurement(
                name: name, elements: elements, nanoseconds: nanoseconds.sorted(),
                rounds: traffic?.rounds, bytes: traffic?.bytes, peakMemory: PeakMemory.bytes))
    }

    /// Adds a figure that follows from measurements, with the limit that it is to keep.
    public mutating func derive(_ name: String, value: Double, limit: Double? = nil) {
        figures.append(Figure(name: name, value: value, limit: limit))
    }

    /// Prints the environment, the table and the figures, and writes the JSON file.
    public func report() throws {
        let environment = Environment.current()
        print("\(title)\n\n\(environment.text)\nclock   \(clock.rawValue)\n")
        print(Report.table(measurements))
        for figure in figures { print(Report.line(figure)) }
        guard let jsonPath else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let report = Report(
            title: title, clock: clock, environment: environment, measurements: measurements,
            figures: figures)
        try encoder.encode(report).write(to: URL(fileURLWithPath: jsonPath))
    }
}
