package import Algebra
import DishonestMajority
import Foundation
import HonestMajority
import MPC
package import Networking
import Preprocessing
import Primitives

/// Times every operation of one engine over one ring, and what makes its correlated randomness.
///
/// All parties run in this process, each on its own thread, and share its cores: what is measured
/// is a run of all of them on this machine. A few seconds in all.
package struct Calibration<R: Ring>: Sendable {
    private let ring: R
    private let engine: PlannedEngine
    /// Elements of an operation.
    private let count: Int
    /// Of work without messages: so many that they do not stay in the processor's caches, as in runs.
    private let localCount: Int

    /// - Parameter count: a multiple of 64; nil for so many that rounds are a small part.
    package init(_ ring: R, of engine: PlannedEngine, count: Int? = nil) {
        precondition(count.map { $0 > 0 && $0.isMultiple(of: 64) } ?? true, "whole words")
        (self.ring, self.engine) = (ring, engine)
        localCount = count ?? 1 << 18
        if case .additiveOT = engine {
            self.count = count ?? 1 << 12
        } else {
            self.count = count ?? 1 << 18
        }
    }

    /// - Parameter transports: connected, of the parties in order and then of the dealer if there is
    ///   one; nil for memory. They are closed.
    /// - Throws: whatever goes wrong at the first party.
    package func run(over transports: [any Transport]? = nil) throws -> MachineSpeed {
        let transports =
            transports
            ?? InMemoryTransport.mesh(
                partyCount: engine.parties, dealer: engine.hasDealer, deadline: .seconds(600))
        let ends = transports.map { CalibratedParty($0, self) }
        for end in ends { end.start() }
        let results = ends.map { $0.result() }
        return try results[0].get() ?? MachineSpeed(secondsPerRound: 0, secondsPerUnit: [:])
    }

    /// One participant's part; nil at the dealer.
    fileprivate func take(part transport: any Transport) throws -> MachineSpeed? {
        let session = try Session.agree(
            on: AgreementTerms([("program", "calibration")]), over: transport)
        defer { session.close() }
        guard session.me != .dealer else {
            try TrustedDealer(ring, session: session).serve()
            return nil
        }
        switch engine {
        case .replicated3:
            var engine = try Replicated3(ring, session: session)
            return try speed(&engine, session.party) { (_, _) throws(MPCError) in }
        case .additiveDealer: return try additive(DealtRandomness(ring, session: session))
        case .additiveOT: return try additive(ObliviousRandomness(ring, session: session))
        }
    }

    private func additive<G: CorrelationGenerator & ~Copyable>(_ generator: consuming G) throws
        -> MachineSpeed where G.R == R
    {
        let session = generator.session
        var engine = SemiHonestAdditive(
            ring, session: session, source: PreparedRandomness(generator))
        let speed = try speed(&engine, session.party) { (engine, budget) throws(MPCError) in
            try engine.prepare(budget)
        }
        try engine.finish()
        return speed
    }

    // MARK: Steps

    private func speed<E: Engine & ~Copyable>(
        _ engine: inout E, _ me: Party, prepare: (inout E, Budget) throws(MPCError) -> Void
    ) throws(MPCError) -> MachineSpeed where E.R == R {
        var speed = MachineSpeed(secondsPerRound: 0, secondsPerUnit: [:])
        let one = engine.constant(Vector(ring, zeros: 1))

        // 1. What is done once, then rounds.
        let setUp = try seconds(&engine, one, times: 1) { (engine) throws(MPCError) in
            try prepare(&engine, .ands(1, count: 64))
        }
        if case .additiveOT = self.engine { speed.secondsPerUnit[.transferSetUp] = setUp }
        let rounds = 100
        let passes = try seconds(&engine, one) { (engine) throws(MPCError) in
            for _ in 0..<rounds { _ = try engine.open([one]) }
        }
        speed.secondsPerRound = passes / Double(rounds)

        // 2. Each operation, after what it takes has been made. What is known already comes off.
        for work in Work.calibrated {
            var plan = CostEngine(ring, for: self.engine, signs: false)
            plan.hasTransfers = true
            let count = work == .local ? localCount : count
            let operands = Operands(count, of: engine)
            let (planned, spent) = (Operands(count, of: plan), plan.meter)
            let start = spent()
            try work.perform(planned, on: &plan, me: nil)
            let cost = spent() - start
            for (kind, amount) in plan.budget.amounts {
                let (before, needed) = (spent(), Budget(kind, amount))
                plan.make(kind, amount)
                let seconds = try seconds(&engine, one) { (engine) throws(MPCError) in
                    try prepare(&engine, needed)
                }
                speed.learn(plan.work(kind, amount).0, seconds, spent() - before)
            }
            let seconds = try seconds(&engine, one) { (engine) throws(MPCError) in
                try work.perform(operands, on: &engine, me: me)
            }
            speed.learn(work, seconds, cost)
        }
        return speed
    }

    /// The median of some times, each from an opening that all have reached to one that all reach
    /// when they are done.
    private func seconds<E: Engine & ~Copyable>(
        _ engine: inout E, _ one: E.Shares, times count: Int = 3,
        _ body: (inout E) throws(MPCError) -> Void
    ) throws(MPCError) -> Double {
        let clock = SystemClock()
        var times: [UInt64] = []
        for _ in 0..<count {
            _ = try engine.open([one])
            let start = clock.monotonicNanoseconds
            try body(&engine)
            _ = try engine.open([one])
            times.append(clock.monotonicNanoseconds - start)
        }
        return Double(times.sorted()[count / 2]) / 1e9
    }
}

extension MachineSpeed {
    /// Takes what is known off the seconds of something that cost so much: the rest is one kind of
    /// work, unless that is known.
    fileprivate mutating func learn(_ work: Work, _ seconds: Double, _ cost: PlannedCost) {
        guard secondsPerUnit[work] == nil, let units = cost.work[work] else { return }
        // With the opening at the end.
        let known = cost.seconds(on: .local, speed: self) + secondsPerRound
        // What is known may be more than it was here: something is left in any case.
        secondsPerUnit[work] = max(seconds / 8, seconds - known) / Double(units)
    }
}

/// What operations are timed on.
private struct Operands<E: Engine & ~Copyable> {
    let count: Int
    let numbers: E.Shares
    /// 64 wires, and the same as records.
    let wires, records: E.Bits
    /// The rows far from where they were.
    let order: [UInt32]

    init(_ count: Int, of engine: borrowing E) {
        self.count = count
        numbers = engine.constant(Vector(engine.ring, zeros: count))
        wires = engine.constant(bits: BitMatrix(rows: 64, count: count))
        records = wires.transposed()
        order = (0..<UInt32(count)).map { $0 &* 4097 % UInt32(count) }
    }
}

extension Work {
    /// The operations of engines, in an order in which each takes the ones before it as known.
    fileprivate static let calibrated: [Work] = [
        .local, .input, .reveal, .output, .multiply, .square, .innerProducts, .matrixProduct, .and,
        .fromBits, .multiplyByBits, .compare, .equal, .bits, .truncate, .sortKeys, .compareKeys,
        .shuffle, .permute,
    ]

    /// Does some work of this kind.
    ///
    /// - Parameter me: nil in a plan.
    fileprivate func perform<E: Engine & ~Copyable>(
        _ operands: Operands<E>, on engine: inout E, me: Party?
    ) throws(MPCError) {
        let (n, x, b) = (operands.count, operands.numbers, operands.wires)
        switch self {
        case .local:
            // About the mixture of operators on tables.
            let moved = Columns(numbers: [x, x], records: operands.records).gathering(
                operands.order)
            _ = moved.records.transposed() ^ b
            _ = (moved.numbers[0] - x).prefixSums() + .concatenating([x[0..<n / 2], x[n / 2..<n]])
        case .input:
            let values = me?.index == 0 ? Vector(engine.ring, zeros: n) : nil
            _ = try engine.input(values, count: n, from: Party(0))
        case .reveal: _ = try engine.reveal(x)
        case .output: _ = try engine.output(x, to: .all)
        case .multiply: _ = try engine.multiply(x, x)
        case .square: _ = try engine.square(x)
        case .innerProducts: _ = try engine.innerProducts(x, x, length: n / 64)
        case .matrixProduct:
            _ = try engine.matrixProduct(x, x[0..<64], rows: n / 64, inner: 64, columns: 1)
        case .and: _ = try engine.and(b, b)
        case .fromBits: _ = try engine.fromBits(b[0..<1])
        case .multiplyByBits: _ = try engine.multiply(bits: b[0..<1], x)
        case .compare: _ = try engine.isNegative(x)
        case .equal: _ = try engine.isZero(x)
        case .bits: _ = try engine.bits(of: x)
        case .truncate: _ = try engine.truncate(x, by: 16)
        case .sortKeys: _ = try engine.sortKeys(operands.records, bits: (0..<64).map { $0 })
        case .compareKeys:
            let keys = try engine.sortKeys(operands.records, bits: (0..<64).map { $0 })
            _ = try engine.isLess(keys, than: keys)
        case .shuffle: _ = try engine.shuffle(Columns(numbers: [x], records: operands.records))
        case .permute:
            _ = try engine.permute(
                Columns(numbers: [x], records: operands.records),
                by: me?.index == 0 ? .identity(n) : nil, knownTo: Party(0))
        default: break
        }
    }
}

/// One participant on a thread of its own.
private final class CalibratedParty<R: Ring>: @unchecked Sendable {
    // Invariant: `outcome` is touched only while `condition` is locked; the transport belongs to
    // the thread.
    private let condition = NSCondition()
    private var outcome: Result<MachineSpeed?, any Error>?
    private let transport: any Transport
    private let calibration: Calibration<R>

    init(_ transport: any Transport, _ calibration: Calibration<R>) {
        (self.transport, self.calibration) = (transport, calibration)
    }

    func start() {
        let thread = Thread { [self] in
            let outcome = Result { try calibration.take(part: transport) }
            condition.withLock {
                self.outcome = outcome
                condition.broadcast()
            }
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    func result() -> Result<MachineSpeed?, any Error> {
        condition.withLock {
            while true {
                if let outcome { return outcome }
                condition.wait()
            }
        }
    }
}
