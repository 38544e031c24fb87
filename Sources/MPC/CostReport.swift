/// What a piece of a computation cost this participant.
///
/// Bytes are whole frames sent, before TLS; seconds are wall-clock.
public struct Cost: Hashable, Sendable, Codable {
    public var calls = 0
    public var rounds = 0
    public var bytesSent = 0
    public var messagesSent = 0
    public var seconds = 0.0
}

/// The costs of one session, by phase and by outermost operator.
public struct CostReport: Sendable, Codable {
    public struct Row: Sendable, Codable {
        public let phase: String
        public let `operator`: String
        public let cost: Cost
    }

    public let rows: [Row]
    public let total: Cost
    /// The part of the total that made correlated randomness, ahead or on the spot.
    public let preprocessing: Cost
    /// The largest resident size of this process so far, in bytes.
    public let peakMemory: Int
}

/// Counts rounds, bytes, messages and time while a session runs.
///
/// An operator inside another (the ANDs of a comparison) counts for the outer one.
public final class CostMeter {
    private let reading: () -> Cost
    private let started: Cost
    private var rounds = 0
    private var costs: [(phase: String, operator: String, cost: Cost)] = []
    private var open: [String] = []
    private var preprocessing = Cost()
    /// The phase that is running.
    public private(set) var phase = "set-up"
    var announce: (String) -> Void = { _ in }

    /// - Parameter reading: bytes and messages sent and seconds passed, since any fixed moment.
    public init(reading: @escaping () -> Cost) {
        self.reading = reading
        started = reading()
    }

    /// What errors call the step: the phase, and the operator that began last.
    public private(set) var step = "set-up"

    func countRound() { rounds += 1 }

    /// An operator that has begun.
    public struct Mark {
        let name: String
        let start: Cost
        let depth: Int
    }

    /// Begins an operator; end it with ``end(_:)``, in a `defer`.
    public func begin(_ name: String) -> Mark {
        open.append(name)
        step = "\(phase): \(name)"
        if open.count == 1 { announce(name) }
        return Mark(name: name, start: now, depth: open.count)
    }

    public func end(_ mark: Mark) {
        open.removeLast()
        guard mark.depth == 1 else { return }
        add(now - mark.start, phase, mark.name)
    }

    /// Begins to make correlated randomness, whose costs are reported apart as well; end it with
    /// ``endPreparing(_:)``, in a `defer`.
    package func beginPreparing() -> Cost { now }

    package func endPreparing(_ start: Cost) { preprocessing = preprocessing + (now - start) }

    func enter(phase name: String) -> String {
        defer {
            phase = name
            step = name
        }
        announce(name)
        return phase
    }

    func leave(to name: String) { phase = name }

    /// The costs so far; what no operator accounts for is in a row of its own.
    public var report: CostReport {
        let total = now - started
        var rows = costs.map {
            CostReport.Row(phase: $0.phase, operator: $0.operator, cost: $0.cost)
        }
        var rest = total
        for row in costs { rest = rest - row.cost }
        rest.calls = 0
        rows.append(CostReport.Row(phase: "all", operator: "(other)", cost: rest))
        return CostReport(
            rows: rows, total: total, preprocessing: preprocessing,
            peakMemory: peakResidentBytes())
    }

    private var now: Cost {
        var cost = reading()
        cost.rounds = rounds
        return cost
    }

    private func add(_ cost: Cost, _ phase: String, _ name: String) {
        let index =
            costs.firstIndex { $0.phase == phase && $0.operator == name }
            ?? {
                costs.append((phase, name, Cost()))
                return costs.count - 1
            }()
        costs[index].cost = costs[index].cost + cost
        costs[index].cost.calls += 1
    }
}

extension Cost {
    static func + (a: Cost, b: Cost) -> Cost {
        Cost(
            calls: a.calls + b.calls, rounds: a.rounds + b.rounds,
            bytesSent: a.bytesSent + b.bytesSent, messagesSent: a.messagesSent + b.messagesSent,
            seconds: a.seconds + b.seconds)
    }

    package static func - (a: Cost, b: Cost) -> Cost {
        Cost(
            calls: a.calls - b.calls, rounds: a.rounds - b.rounds,
            bytesSent: a.bytesSent - b.bytesSent, messagesSent: a.messagesSent - b.messagesSent,
            seconds: a.seconds - b.seconds)
    }
}
