import Foundation
public import Ledger
import MPC
import Networking
public import Primitives
import Synchronization

/// Keeps a party's ledger together with the others' for as long as it runs, without a computation.
///
/// The sequencer dials the nodes of all others and leads rounds: it brings everybody to one log and
/// has everybody's pending statements cosigned. The others listen and answer. While too few are within
/// reach, statements wait, and `progress` says for whom. A connection that fails is made again.
public final class LedgerReplication: Sendable {
    private let seat: Seat
    private let ledger: SharedLedger
    private let monitor: RunMonitor
    private let clock: any ParleyClock
    /// How long an idle sequencer waits before it asks again.
    private static let pause: TimeInterval = 0.02
    /// How long to wait for a connection; a quarter of it for one to somebody who does not lead as far
    /// as this copy knows.
    private let patience: Duration

    public convenience init(
        _ seat: Seat, ledger: SharedLedger, monitor: RunMonitor,
        clock: any ParleyClock = SystemClock()
    ) {
        self.init(seat, ledger: ledger, monitor: monitor, clock: clock, patience: .seconds(10))
    }

    package init(
        _ seat: Seat, ledger: SharedLedger, monitor: RunMonitor,
        clock: any ParleyClock = SystemClock(), patience: Duration
    ) {
        (self.seat, self.ledger, self.monitor, self.clock) = (seat, ledger, monitor, clock)
        self.patience = patience
    }

    /// Blocks this thread until the monitor's cancellation.
    ///
    /// - Throws: ``RunFailure`` if the ledger itself cannot go on: a fork, a damaged file.
    public func run() throws(RunFailure) {
        do {
            let me = try seat.party(try seat.directory.tlsIdentity())
            let name = seat.roster.parties[me.index].name
            var silent = 0
            while !monitor.cancellation.isCancelled {
                let leader = try leader(for: name, after: silent)
                let isHeard = try leader == name ? lead(name) : follow(leader, name)
                silent = isHeard ? 0 : silent + 1
            }
        } catch {
            throw RunFailure(error, roster: seat.roster)
        }
    }

    /// The sequencer, or after so many attempts in vain the others in turn.
    private func leader(for me: String, after silent: Int) throws -> String {
        let parties = try ledger.parties
        let others = parties.names.filter { $0 != parties.sequencer && $0 != me }
        let turns = [parties.sequencer] + others
        return turns[silent % turns.count]
    }

    // MARK: Following

    /// Whether there was a connection.
    private func follow(_ sequencer: String, _ me: String) throws -> Bool {
        let expected = try ledger.parties.sequencer
        missing.withLock { $0 = [expected] }
        var isHeard = false
        do {
            let session = try connect(
                me, sequencer, isDialling: false,
                within: sequencer == expected ? patience : patience / 4)
            defer { session.close() }
            isHeard = true
            monitor.progress("following \(sequencer)")
            missing.withLock { $0 = [] }
            try ledger.follow(sequencer, SessionPeers(session, names: [me, sequencer]))
        } catch let error as LedgerError where error.endsReplication {
            throw error
        } catch {
            // That somebody else does not lead either is nothing new.
            if isHeard || sequencer == expected {
                report("\(sequencer): \(RunFailure(error, roster: seat.roster))")
            }
            Thread.sleep(forTimeInterval: 0.25)
        }
        return isHeard
    }

    /// A session of two: the one that listens comes first, as the last of a roster never listens.
    private func connect(
        _ first: String, _ second: String, isDialling: Bool, within patience: Duration
    ) throws -> Session {
        let members = try [first, second].map { name in
            guard let member = seat.roster.parties.first(where: { $0.name == name })?.node else {
                throw RunFailure(
                    .badInput,
                    "the roster names no ledgerPort for \(name); make its card with "
                        + "`parley init --ledger-port`")
            }
            return member
        }
        var connector = MeshConnector(
            roster: try Roster(parties: members), me: .party(Party(isDialling ? 1 : 0)),
            identity: try seat.directory.tlsIdentity())
        connector.deadline = .seconds(10)
        connector.connectDeadline = patience
        connector.cancellation = monitor.cancellation
        return try Session.agree(
            on: AgreementTerms([("purpose", "ledger replication")]),
            over: try connector.connect(), clock: clock)
    }

    // MARK: Leading

    /// Leads for as long as this party is the sequencer; false if nobody was within reach for a while.
    private func lead(_ me: String) throws -> Bool {
        let links = Links()
        defer { links.close() }
        var reached = clock.monotonicNanoseconds
        let alone = UInt64(patience / .nanoseconds(1))
        while !monitor.cancellation.isCancelled {
            for other in try ledger.parties.names where other != me { dial(other, me, links) }
            let peers = links.peers()
            let names = try ledger.parties.names
            missing.withLock { missing in
                missing = names.filter { $0 != me && !peers.reachable.contains($0) }
            }
            let now = clock.monotonicNanoseconds
            if !peers.reachable.isEmpty { reached = now }
            guard now - reached < alone else { return false }
            do {
                for (party, error) in try ledger.lead(peers) {
                    let cause = (error as? LinkFailure)?.cause ?? error
                    report("\(party): \(RunFailure(cause, roster: seat.roster))")
                    links.drop(party)
                }
                if try ledger.parties.sequencer != me {
                    try ledger.stopLeading(peers)
                    return true
                }
            } catch let error as LedgerError {
                if error.endsReplication { throw error }
                report("\(error)")
                if case .misbehaved(let party, _, _) = error { links.drop(party) }
            } catch let failure as LinkFailure {
                report("\(failure.party): \(RunFailure(failure.cause, roster: seat.roster))")
                links.drop(failure.party)
            }
            Thread.sleep(forTimeInterval: Self.pause)
        }
        return true
    }

    /// Makes the connection in a thread of its own, unless there is one or one is being made.
    private func dial(_ other: String, _ me: String, _ links: Links) {
        guard links.begin(other) else { return }
        Thread.detachNewThread { [self] in
            do {
                let session = try connect(
                    other, me, isDialling: true, within: patience)
                links.add(other, SessionPeers(session, names: [other, me]), session)
            } catch {
                report("\(other): \(RunFailure(error, roster: seat.roster))")
                Thread.sleep(forTimeInterval: 0.25)
                links.drop(other)
            }
        }
    }

    /// The same line at most every ten seconds.
    private func report(_ line: String) {
        let now = clock.monotonicNanoseconds
        let isNew = said.withLock { said in
            guard said.line != line || now - said.time > 10_000_000_000 else { return false }
            said = (line, now)
            return true
        }
        if isNew { monitor.progress(line) }
    }

    private let said = Mutex((line: "", time: UInt64(0)))
    private let missing = Mutex([String]())

    /// The parties that cannot be reached at the moment, as far as this party must reach them.
    public var outOfReach: [String] { missing.withLock { $0 } }
}

/// An error of one connection.
private struct LinkFailure: Error {
    let party: String
    let cause: any Error
}

/// The sequencer's connections; sessions are used by the leading thread only.
private final class Links: @unchecked Sendable {
    // Invariant: the dictionaries are touched only while `lock` is held.
    private let lock = NSLock()
    private var open: [String: (peers: SessionPeers, session: Session)] = [:]
    private var dialling = Set<String>()
    private var isClosed = false

    func begin(_ party: String) -> Bool {
        lock.withLock { open[party] == nil && dialling.insert(party).inserted }
    }

    /// Takes a session, or closes it if nobody leads any longer.
    func add(_ party: String, _ peers: SessionPeers, _ session: Session) {
        lock.withLock {
            dialling.remove(party)
            if isClosed { session.close() } else { open[party] = (peers, session) }
        }
    }

    func drop(_ party: String) {
        lock.withLock {
            dialling.remove(party)
            open.removeValue(forKey: party)?.session.close()
        }
    }

    func close() {
        lock.withLock {
            for link in open.values { link.session.close() }
            open = [:]
            isClosed = true
        }
    }

    func peers() -> LinkPeers { lock.withLock { LinkPeers(links: open.mapValues(\.peers)) } }
}

/// Several sessions of two as the ledger's peers.
private struct LinkPeers: LedgerPeers {
    let links: [String: SessionPeers]

    var reachable: [String] { links.keys.sorted() }

    func send(_ message: [UInt8], to party: String) throws {
        do { try link(party).send(message, to: party) } catch {
            throw LinkFailure(party: party, cause: error)
        }
    }

    func receive(from party: String) throws -> [UInt8] {
        do { return try link(party).receive(from: party) } catch {
            throw LinkFailure(party: party, cause: error)
        }
    }

    private func link(_ party: String) throws(LedgerError) -> SessionPeers {
        guard let link = links[party] else { throw .waiting(for: [party]) }
        return link
    }
}

extension LedgerError {
    /// Whether no later attempt can succeed without somebody looking into it.
    fileprivate var endsReplication: Bool {
        switch self {
        case .forked, .storage: true
        case .malformed, .misbehaved, .diverged, .waiting, .clock, .busy: false
        }
    }
}
