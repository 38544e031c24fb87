import Foundation
import Ledger
import Primitives
import Synchronization
import TestSupport

/// Three parties with their keys, and a folder with one ledger each.
final class LedgerFixture: Sendable {
    let folder: URL
    let keys: [LedgerKeys]
    let parties: LedgerParties

    /// - Parameters:
    ///   - seed: other keys for another seed.
    ///   - needed: how many cosign, against one cheat; all if nil.
    init(seed: UInt8 = 0, count: Int = 3, needed: Int? = nil) throws {
        // In memory where there is such a folder: thousands of flushes to a disk would take minutes.
        let memory = URL(fileURLWithPath: "/dev/shm")
        let place =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        folder = place.appendingPathComponent("ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        keys = (0..<UInt8(count)).map { Self.keys(seed: seed + $0) }
        parties = try LedgerParties(
            origin: "parley.invalid/0123456789abcdef",
            members: zip(["bank-a", "bank-b", "bank-c", "bank-d"], keys).map {
                $1.member(name: $0)
            }, policy: needed.map { try LedgerPolicy(needed: $0, faulty: 1, of: count) })
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func keys(seed: UInt8) -> LedgerKeys {
        let master = SigningKey(
            seed: SecretBytes(copying: Array(repeating: seed, count: SigningKey.seedByteCount)))
        return LedgerKeys(
            statement: master.derived(label: "statement"),
            cosigner: master.derived(label: "cosigner"), log: master.derived(label: "log"),
            delivery: DeliverySecret(master.derivedSecret(label: "delivery")))
    }

    func file(_ party: Int) -> URL { folder.appendingPathComponent("ledger-\(party).sqlite") }

    static let now: Int64 = 1_790_000_000

    func open(
        _ party: Int, clock: any ParleyClock = ManualClock(wallSeconds: now),
        store: ((SQLiteLedgerStore) -> any LedgerStore)? = nil
    ) throws -> SharedLedger {
        let sqlite = try SQLiteLedgerStore(file: file(party))
        return try SharedLedger(
            store?(sqlite) ?? sqlite, parties: parties, me: Party(party), keys: keys[party],
            clock: clock)
    }

    func audit(_ party: Int, checkpoints: [URL] = []) -> LedgerReport {
        LedgerAuditor(.parties(parties)).audit(file(party), checkpoints: checkpoints)
    }

    func records(_ party: Int) throws -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        try LedgerRecord.read(file: file(party)) { records.append($0) }
        return records
    }

    /// A party's file as it is, complete by itself.
    func copy(_ party: Int) throws -> Data {
        try SQLiteLedgerStore(file: file(party)).close()
        return try Data(contentsOf: file(party))
    }

    /// Puts a file in a party's place, with nothing beside it.
    func put(_ data: Data, _ party: Int) throws {
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file(party).path + suffix)
        }
        try data.write(to: file(party))
    }

    /// Runs a session of all parties, each in a thread of its own.
    func session<Value: Sendable>(
        over network: TestNetwork = TestNetwork(),
        stores: [Int: @Sendable (SQLiteLedgerStore) -> any LedgerStore] = [:],
        clocks: [Int: ManualClock] = [:], parties chosen: [Int]? = nil,
        _ body: @escaping @Sendable (SharedLedger, TestPeers) throws -> Value
    ) -> [Result<Value, any Error>] {
        let results = Mutex<[Int: Result<Value, any Error>]>([:])
        let group = DispatchGroup()
        for party in chosen ?? Array(keys.indices) {
            group.enter()
            Thread.detachNewThread { [self] in
                let result = Result {
                    let ledger = try open(
                        party, clock: clocks[party] ?? ManualClock(wallSeconds: Self.now),
                        store: stores[party])
                    return try body(
                        ledger, TestPeers(network: network, me: party, names: parties.names))
                }
                if case .failure = result { network.stop(party) }
                results.withLock { $0[party] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { found in keys.indices.compactMap { found[$0] } }
    }

    /// Appends `statements` in a session that must succeed.
    func append(_ statements: [Statement]) throws {
        for result in session({ ledger, peers in
            try ledger.synchronize(with: peers)
            for statement in statements { _ = try ledger.append(statement, with: peers) }
        }) { try result.get() }
    }

    /// A session that only synchronizes, and must succeed.
    func synchronize() throws {
        for result in session({ try $0.synchronize(with: $1) }) { try result.get() }
    }

    /// A session in which one party stops before it cosigns: the batch then waits at the others.
    func synchronize(interruptedBy party: Int, over network: TestNetwork = TestNetwork()) {
        _ = session(
            over: network,
            stores: [
                party: {
                    StoppingStore($0, .init(write: 0, isAfter: false)) { network.stop(party) }
                }
            ]
        ) { try $0.synchronize(with: $1) }
    }

    // MARK: Statements

    static func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

    func intent(_ number: Int) -> Statement {
        .intent(
            Intent(
                session: Self.digest("session \(number)"),
                program: .init(name: "watchlist", hash: Self.digest("program")),
                parameters: .init(
                    ring: "prime:128", protocol: "additive", preprocessing: "dealer",
                    thresholds: [.init(name: "total", value: "3000000")]),
                participants: .init(parties: parties.names, dealer: "dealer"),
                inputs: parties.names.map {
                    .init(
                        party: $0, table: "transfers", rows: 100_000,
                        commitment: Self.digest("input of \($0)"))
                }, period: nil, time: 1_790_000_000))
    }

    func intentDigest(_ number: Int) throws -> Digest { try intent(number).digest }

    func completed(_ number: Int) throws -> Statement {
        .outcome(
            .completed(
                session: Self.digest("session \(number)"), intent: try intentDigest(number),
                releases: [
                    .init(
                        recipients: parties.names,
                        commitments: parties.names.map {
                            .init(party: $0, digest: Self.digest("share of \($0)"))
                        })
                ],
                receipts: parties.names.map { .init(party: $0, digest: Self.digest("result")) },
                time: 1_790_000_010))
    }

    func aborted(_ number: Int, by party: Int) throws -> Outcome {
        .ended(
            .aborted, session: Self.digest("session \(number)"), intent: try intentDigest(number),
            step: "multiply", accuser: parties.names[party], culprit: "bank-c",
            reason: "it closed the connection", time: 1_790_000_005)
    }
}

/// Delivers the messages of one session, until a party is to stop.
final class TestNetwork: Sendable {
    /// A party stops instead of sending its message of this number.
    struct Crash: Hashable {
        let party, message: Int
    }

    struct Stopped: Error {}

    private struct State {
        var boxes: [String: [[UInt8]]] = [:]
        var stopped = Set<Int>()
        var counts: [Int: Int] = [:]
        var cosignatures: [(party: Int, bytes: [UInt8])] = []
    }

    private let crash: Crash?
    private let present: [Int]?
    private let tamper: @Sendable (_ from: Int, _ to: Int, _ bytes: [UInt8]) -> [UInt8]
    private let state = Mutex(State())

    init(
        crash: Crash? = nil, reachable present: [Int]? = nil,
        tamper: @escaping @Sendable (Int, Int, [UInt8]) -> [UInt8] = { $2 }
    ) {
        (self.crash, self.present, self.tamper) = (crash, present, tamper)
    }

    /// Every cosignature that left a party that follows.
    var cosignatures: [(party: Int, bytes: [UInt8])] { state.withLock { $0.cosignatures } }

    /// How many messages each party sent.
    var counts: [Int: Int] { state.withLock { $0.counts } }

    func isReachable(_ party: Int) -> Bool { present?.contains(party) ?? true }

    func stop(_ party: Int) { state.withLock { _ = $0.stopped.insert(party) } }

    func send(_ message: [UInt8], from me: Int, to party: Int) throws {
        let changed = tamper(me, party, message)
        try state.withLock { state in
            let number = state.counts[me, default: 0]
            state.counts[me] = number + 1
            if let crash, crash.party == me, crash.message == number {
                state.stopped.insert(me)
            }
            guard !state.stopped.contains(me) else { throw Stopped() }
            state.boxes["\(me) \(party)", default: []].append(changed)
            if case .cosignature(let bytes)? = try? CanonicalJSON.read(
                ReplicaResponse.self, from: message, as: "")
            {
                state.cosignatures.append((me, Array(bytes)))
            }
        }
    }

    func receive(by me: Int, from party: Int) throws -> [UInt8] {
        while true {
            let received: [UInt8]? = try state.withLock { state in
                let key = "\(party) \(me)"
                if let first = state.boxes[key]?.first {
                    state.boxes[key]?.removeFirst()
                    return first
                }
                guard !state.stopped.contains(party), !state.stopped.contains(me) else {
                    throw Stopped()
                }
                return nil
            }
            if let received { return received }
            usleep(20)
        }
    }
}

/// One party's end of a ``TestNetwork``.
struct TestPeers: LedgerPeers {
    let network: TestNetwork
    let me: Int
    let names: [String]

    var reachable: [String] {
        names.indices.filter { $0 != me && network.isReachable($0) }.map { names[$0] }
    }

    func send(_ message: [UInt8], to party: String) throws {
        try network.send(message, from: me, to: names.firstIndex(of: party) ?? 0)
    }

    func receive(from party: String) throws -> [UInt8] {
        try network.receive(by: me, from: names.firstIndex(of: party) ?? 0)
    }
}

/// A store that stops its party before or after one of its writes.
final class StoppingStore: ForwardingStore, @unchecked Sendable {
    struct Stop: Hashable {
        let write: Int
        let isAfter: Bool
    }

    private let stop: Stop
    private let onStop: @Sendable () -> Void
    private let count = Mutex(0)

    init(_ base: SQLiteLedgerStore, _ stop: Stop, onStop: @escaping @Sendable () -> Void) {
        (self.stop, self.onStop) = (stop, onStop)
        super.init(base)
    }

    private func write(_ body: () throws(LedgerError) -> Void) throws(LedgerError) {
        let isNow = count.withLock { count in
            defer { count += 1 }
            return count == stop.write
        }
        if !isNow || stop.isAfter { try body() }
        guard isNow else { return }
        onStop()
        throw .storage("stopped")
    }

    override func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        try write { () throws(LedgerError) in
            try base.prepare(batch, first: first, entries, nodes: nodes, outgoing: outgoing)
        }
    }
    override func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError) {
        try write { () throws(LedgerError) in
            try base.commit(size: size, note: note, absent: absent, erasing: erasing)
        }
    }
    override func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        try write { () throws(LedgerError) in
            try base.extend(
                first: first, size: size, note: note, nodes: nodes, entries, absent: absent,
                erasing: erasing, prepared: prepared, isReplacing: isReplacing)
        }
    }
    override func addPending(_ statements: [PendingStatement]) throws(LedgerError) {
        try write { () throws(LedgerError) in try base.addPending(statements) }
    }
    override func dropPending(_ statement: Digest) throws(LedgerError) {
        try write { () throws(LedgerError) in try base.dropPending(statement) }
    }
}
