import Algebra
import Applications
public import Foundation
public import MPC
import Networking
import Preprocessing
public import Primitives

/// How much is prepared.
public enum PreparePurpose: Sendable {
    /// What a run with these options takes, as found by a rehearsal.
    case job(RunOptions)
    case amounts(PreparedAmounts)
}

/// Amounts that are named one by one.
public struct PreparedAmounts: Sendable, Hashable {
    public var triples = 0
    public var squares = 0
    public var daBits = 0
    public var bitTriples = 0
    /// Of numbers over the whole declared range.
    public var comparisons = 0

    public init() {}

    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget {
        var budget = Budget.comparisons(comparisons, over: ring, by: comparing)
        budget.triples = triples
        budget.squares = squares
        budget.daBits = daBits
        budget.bitTripleWords += (bitTriples + 63) / 64
        return budget
    }

    /// What all parties compare.
    var terms: [(name: String, value: String)] {
        [
            ("triples", "\(triples)"), ("squares", "\(squares)"), ("daBits", "\(daBits)"),
            ("bit triples", "\(bitTriples)"), ("comparisons", "\(comparisons)"),
        ]
    }
}

/// One party's part of a preparation: correlated randomness made tonight for a run tomorrow.
public struct PrepareRun {
    private let seat: Seat
    private let purpose: PreparePurpose
    private let monitor: RunMonitor
    private let clock: any ParleyClock

    public init(
        _ seat: Seat, for purpose: PreparePurpose, monitor: RunMonitor,
        clock: any ParleyClock = SystemClock()
    ) {
        (self.seat, self.purpose) = (seat, purpose)
        (self.monitor, self.clock) = (monitor, clock)
    }

    /// Blocks this thread until all parties have what they made on their disks.
    public func run() throws(RunFailure) -> PrepareReport {
        LocalThreads.count = seat.threads
        do {
            return try seat.ring.run(
                PrepareSteps(seat: seat, purpose: purpose, monitor: monitor, clock: clock))
        } catch {
            throw RunFailure(error, roster: seat.roster)
        }
    }
}

/// What a preparation made.
public struct PrepareReport: Sendable {
    /// The same at all parties.
    public let preparation: String
    public let folder: URL
    public let costs: CostReport

    /// The last lines of a preparation.
    public var summary: String {
        let total = costs.total
        return """
            prepared \(preparation.prefix(16)) in \(folder.path)
            \(String(format: "%.2f", total.seconds)) s, \(total.bytesSent) bytes sent; use it once, \
            with `parley run --preparation auto`. Never copy it or put an old copy back
            """
    }
}

private struct PrepareSteps: RingProgram {
    let seat: Seat
    let purpose: PreparePurpose
    let monitor: RunMonitor
    let clock: any ParleyClock

    func run<R: Ring>(over ring: R) throws -> PrepareReport {
        guard seat.protocolChoice == .additiveOT else {
            throw RunFailure(
                .usage,
                "\(seat.protocolChoice) needs no preparation; only additive-ot prepares")
        }
        let identity = try seat.directory.tlsIdentity()
        let me = try seat.party(identity)
        let inputs: PartyInputs? =
            if case .job(let options) = purpose { try PartyInputs(options, me: me) } else { nil }

        // 1. All prepare the same.
        let session = try seat.connect(
            me, identity,
            on: AgreementTerms(
                seat.terms(ring) + [("what is done", "a preparation")] + terms(inputs)),
            signer: nil, monitor, clock)
        defer { session.close() }
        let folder = seat.directory.preparations.appending(path: "\(session.id.hex.prefix(16))")
        do {
            // 2. How much, 3. made and kept.
            var tenths = 0
            try seat.protocolChoice.prepare(
                folder, over: ring, session, for: seat.binding(over: ring, me),
                budget: { try budget(over: ring, session, inputs, comparing: $0) },
                progress: { kind, made, all in
                    // A line for each tenth.
                    guard 10 * made / all > tenths || made == all else { return }
                    tenths = made == all ? 0 : 10 * made / all
                    monitor.progress("prepared \(made) of \(all) \(kind)")
                })
        } catch {
            session.abort(error as? MPCError ?? .local(step: session.step))
            throw error
        }
        return PrepareReport(
            preparation: session.id.hex, folder: folder, costs: session.costs.report)
    }

    private func terms(_ inputs: PartyInputs?) -> [(name: String, value: String)] {
        switch purpose {
        case .job: inputs?.purpose ?? []
        case .amounts(let amounts): amounts.terms
        }
    }

    private func budget<R: Ring>(
        over ring: R, _ session: Session, _ inputs: PartyInputs?, comparing: ComparisonMethod
    ) throws -> Budget {
        switch purpose {
        case .amounts(let amounts): return amounts.budget(over: ring, comparing: comparing)
        case .job(let options):
            guard let inputs else { return Budget() }
            let sizes = try publicSizes(inputs, session)
            monitor.progress("rehearsing: how much the run takes")
            return try rehearsed(
                options, inputs, sizes, over: ring, comparing: comparing, session.allParties)
        }
    }

    /// Rows and accounts of each party, which are public in a run too.
    private func publicSizes(_ inputs: PartyInputs, _ session: Session) throws
        -> [ExposureProgram.Sizes]
    {
        let mine = [inputs.inputRows, inputs.accounts.count]
        let all = try session.broadcast(
            mine.flatMap { littleEndian(UInt64($0)) }, atMost: 16)
        try session.verifyBroadcasts()
        return try all.enumerated().map { index, bytes in
            let numbers = stride(from: 0, to: bytes.count, by: 8).map { start in
                bytes[start...].prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            guard bytes.count == 16,
                numbers.allSatisfy({ (1...UInt64(ExposureJob.maxRows)).contains($0) })
            else {
                throw MPCError.cheating(
                    .malformedMessage(step: "sizes of the inputs"), by: Party(index))
            }
            return .init(rows: Int(numbers[0]), accounts: Int(numbers[1]))
        }
    }

    /// What the program takes on invented inputs of these sizes, the same at every party; a fifth
    /// more where that depends on a sort's random order.
    private func rehearsed(
        _ options: RunOptions, _ inputs: PartyInputs, _ sizes: [ExposureProgram.Sizes],
        over ring: some Ring, comparing: ComparisonMethod, _ parties: [Party]
    ) throws -> Budget {
        switch inputs.local {
        case .watchlist:
            let invented = WatchlistJob.LocalInputs(inventedFor: inputs.accounts.count)
            return try ProtocolChoice.rehearsed(
                parties.map {
                    WatchlistProgram(
                        me: $0, inputs: invented, banks: parties.count,
                        thresholdCents: options.thresholdCents, minimumBanks: options.minimumBanks)
                }, over: ring, comparing: comparing)
        case .exposure(_, let publishing):
            return try ProtocolChoice.rehearsed(
                zip(parties, sizes).map { party, size in
                    ExposureProgram(
                        me: party,
                        inputs: ExposureJob.LocalInputs(
                            inventedRows: size.rows, accounts: size.accounts, seed: party.index),
                        sizes: sizes, thresholdCents: options.thresholdCents,
                        minimumBanks: options.minimumBanks, bound: publishing, batch: options.batch)
                }, over: ring, comparing: comparing
            ).enlarged(percent: 20)
        }
    }
}
