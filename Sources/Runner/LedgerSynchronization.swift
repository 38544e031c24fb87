import Ledger
import MPC
import Networking
public import Primitives

/// Brings the parties' ledgers together once, without a computation: `parley ledger sync`.
public struct LedgerSynchronization {
    private let seat: Seat
    private let absent: [String]
    private let monitor: RunMonitor
    private let clock: any ParleyClock

    /// - Parameter without: the parties that are not there; every one of the others must name the same.
    public init(
        _ seat: Seat, without absent: [String] = [], monitor: RunMonitor,
        clock: any ParleyClock = SystemClock()
    ) {
        (self.seat, self.absent, self.monitor, self.clock) = (seat, absent, monitor, clock)
    }

    /// Blocks this thread until all parties have the same log.
    ///
    /// - Returns: the number of entries.
    public func run() throws(RunFailure) -> Int {
        do {
            let identity = try seat.directory.tlsIdentity()
            let ledger = try SharedLedger(
                file: seat.directory.ledgerFile, parties: LedgerParties(seat.roster),
                me: try seat.party(identity), keys: seat.directory.ledgerKeys(), clock: clock,
                report: monitor.progress)
            var present = seat
            present.roster = try others(of: ledger)
            let session = try present.connect(
                try present.party(identity), identity,
                on: AgreementTerms([("purpose", "synchronize the ledger")]), signer: nil, monitor,
                clock)
            defer { session.close() }
            do {
                try ledger.synchronize(
                    with: SessionPeers(session, names: present.roster.parties.map(\.name)))
            } catch {
                session.abort(error as? MPCError ?? .local(step: session.step))
                throw error
            }
            return try ledger.count
        } catch {
            throw RunFailure(error, roster: seat.roster)
        }
    }

    /// The roster of those who are to meet.
    private func others(of ledger: SharedLedger) throws -> Roster {
        guard !absent.isEmpty else { return seat.roster }
        if let stranger = absent.first(where: { name in
            !seat.roster.parties.contains { $0.name == name }
        }) {
            throw RunFailure(.badInput, "the roster has no party named \(stranger)")
        }
        let parties = try ledger.parties
        let rest = seat.roster.parties.filter { !absent.contains($0.name) }
        guard rest.count >= parties.policy.needed else {
            throw RunFailure(
                .refused,
                "\(parties.policy.needed) of the ledger's \(parties.members.count) parties must "
                    + "cosign, and without \(absent.joined(separator: ", ")) there are "
                    + "\(rest.count): wait, or if a key is lost for good, found a new ledger with a "
                    + "new roster, keep this one's file, and post its last checkpoint into the new "
                    + "one (`parley ledger post`)")
        }
        return try Roster(parties: rest)
    }
}
