public import Algebra
public import BenchmarkKit
public import HonestMajority
public import MPC
import Networking
import Primitives
import TestSupport

/// An operation of the three-party engine, on operands that `prepare` shares.
public struct ReplicatedOperation<R: Ring, Operands>: Sendable {
    public let name: String
    public let elements: Int
    /// Bytes of one party's shares of operands and results.
    public let shareBytes: Int
    public var limit: Double?
    public let prepare: @Sendable (inout Replicated3<R>) throws -> Operands
    public let run: @Sendable (inout Replicated3<R>, Operands) throws -> Void

    public init(
        name: String, elements: Int, shareBytes: Int, limit: Double? = nil,
        prepare: @escaping @Sendable (inout Replicated3<R>) throws -> Operands,
        run: @escaping @Sendable (inout Replicated3<R>, Operands) throws -> Void
    ) {
        (self.name, self.elements, self.shareBytes) = (name, elements, shareBytes)
        (self.limit, self.prepare, self.run) = (limit, prepare, run)
    }
}

/// Over TLS, all three parties in this process; a repetition takes as long as its slowest party.
public func measure<R: Ring, Operands>(
    _ operation: ReplicatedOperation<R, Operands>, over ring: R, _ benchmarks: inout Benchmarks
) throws {
    let name = "\(operation.name), 3 parties"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    PeakMemory.reset()
    let results = try runParties(connectedMesh(partyCount: 3, dealer: false)) {
        session -> [Repetition] in
        var engine = try Replicated3(ring, session: session)
        let operands = try operation.prepare(&engine)
        let all = try (0...repetitions).map { _ in
            // Nobody begins before all are prepared.
            _ = try engine.reveal(engine.constant(Vector(ring, zeros: 1)))
            let start = engine.costs.report.total
            try operation.run(&engine, operands)
            return Repetition(from: start, to: engine.costs.report.total)
        }
        return Array(all.dropFirst())  // the first warms up
    }
    let perParty = try results.compactMap { try $0.get() }
    let times = (0..<repetitions).map { r in perParty.map { $0[r].nanoseconds }.max() ?? 0 }
    benchmarks.record(
        name, elements: operation.elements, nanoseconds: times,
        traffic: Traffic(
            rounds: perParty[0][0].rounds, bytes: perParty.reduce(0) { $0 + $1[0].bytes }))
    benchmarks.derive(
        "\(name), seconds, median", value: times.sorted()[times.count / 2] / 1e9,
        limit: operation.limit)
    benchmarks.derive(
        "\(name), peak memory / shares",
        value: Double(PeakMemory.bytes ?? 0) / Double(3 * operation.shareBytes))
}

/// What one party measured: its time, and its cost without the time.
public struct Repetition: Sendable {
    public let nanoseconds: Double
    public let rounds, bytes: Int

    public init(from start: Cost, to end: Cost) {
        nanoseconds = (end.seconds - start.seconds) * 1e9
        rounds = end.rounds - start.rounds
        bytes = end.bytesSent - start.bytesSent
    }
}
