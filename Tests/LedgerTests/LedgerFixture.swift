import Foundation
import Ledger
import Primitives
import Synchronization
import TestSupport

/// Three parties with their keys, and a folder with one ledger each.
final class LedgerFixture: Sendable {
    static let count = 3
    let folder: URL
    let keys: [LedgerKeys]
    let parties: LedgerParties

    init() throws {
        // In memory where there is such a folder: thousands of flushes to a disk would take minutes.
        let memory = URL(fileURLWithPath: "/dev/shm")
        let place =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        folder = place.appendingPathComponent("ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        keys = (0..<UInt8(Self.count)).map { Self.keys(seed: $0) }
        parties = try LedgerParties(
            origin: "parley.invalid/0123456789abcdef",
            members: zip(["bank-a", "bank-b", "bank-c"], keys).map { $1.member(name: $0) })
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func keys(seed: UInt8) -> LedgerKeys {
        let master = SigningKey(
            seed: SecretBytes(copying: Array(repeating: seed, count: SigningKey.seedByteCount)))
        return LedgerKeys(
            statement: master.derived(label: "statement"),
            cosigner: master.derived(label: "cosigner"), log: master.derived(label: "log"))
    }

    func file(_ party: Int) -> URL { folder.appendingPathComponent("ledger-\(party).sqlite") }

    func open(_ party: Int) throws -> SharedLedger {
        try SharedLedger(
            file: file(party), parties: parties, me: Party(party), keys: keys[party],
            clock: ManualClock(wallSeconds: 1_790_000_000))
    }

    func verify(_ party: Int, checkpoint: URL? = nil) -> LedgerReport {
        LedgerVerifier.verify(file: file(party), parties: parties, checkpoint: checkpoint)
    }

    /// Runs a session of all parties, each in a thread of its own.
    func session<Value: Sendable>(
        over network: TestNetwork = TestNetwork(),
        _ body: @escaping @Sendable (SharedLedger, TestPeers) throws -> Value
    ) -> [Result<Value, any Error>] {
        let results = Mutex<[Int: Result<Value, any Error>]>([:])
        let group = DispatchGroup()
        for party in 0..<Self.count {
            group.enter()
            Thread.detachNewThread { [self] in
                let result = Result {
                    try body(try open(party), TestPeers(network: network, me: party))
                }
                if case .failure = result { network.stop(party) }
                results.withLock { $0[party] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { found in (0..<Self.count).compactMap { found[$0] } }
    }

    /// Appends `statements` in a session that must succeed.
    func append(_ statements: [Statement]) throws {
        for result in session({ ledger, peers in
            try ledger.synchronize(with: peers)
            for statement in statements { _ = try ledger.append(statement, with: peers) }
        }) { try result.get() }
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

    func intentHash(_ number: Int) throws -> Digest {
        let statement = intent(number)
        let message = try statement.message
        let signatures = keys.enumerated().map { ($0, $1.statement.sign(message)) }
        return try Entry(
            statement, signatures: Dictionary(uniqueKeysWithValues: signatures), parties: parties
        ).leafHash
    }

    func completed(_ number: Int) throws -> Statement {
        .outcome(
            .completed(
                session: Self.digest("session \(number)"), intent: try intentHash(number),
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
            .aborted, session: Self.digest("session \(number)"), intent: try intentHash(number),
            step: "multiply", accuser: parties.names[party], culprit: "bank-c",
            reason: "it closed the connection", time: 1_790_000_005)
    }
}

/// Delivers the messages of one session, until a party is to stop.
final class TestNetwork: Sendable {
    /// A party stops at one of its exchanges.
    struct Crash: Hashable {
        let party, exchange: Int
        /// To how many of the others the message still goes.
        let sentTo: Int
    }

    struct Stopped: Error {}

    private struct State {
        var boxes: [Int: [Int: [Int: [UInt8]]]] = [:]
        var stopped = Set<Int>()
        var cosignatures: [(party: Int, bytes: [UInt8])] = []
    }

    private let crash: Crash?
    private let tamper:
        @Sendable (
            _ from: Int, _ to: Int, _ step: String, _ bytes: [UInt8]
        ) -> [UInt8]
    private let state = Mutex(State())

    init(
        crash: Crash? = nil,
        tamper: @escaping @Sendable (Int, Int, String, [UInt8]) -> [UInt8] = { $3 }
    ) {
        (self.crash, self.tamper) = (crash, tamper)
    }

    /// Every cosignature that left its party.
    var cosignatures: [(party: Int, bytes: [UInt8])] { state.withLock { $0.cosignatures } }

    func stop(_ party: Int) { state.withLock { _ = $0.stopped.insert(party) } }

    func exchange(_ mine: [UInt8], step: String, by me: Int, number: Int) throws -> [[UInt8]] {
        let isLast = crash?.party == me && crash?.exchange == number
        let others = (0..<LedgerFixture.count).filter { $0 != me }
        let receivers = isLast ? Array(others.prefix(crash?.sentTo ?? 0)) : others
        let sent = receivers.map { ($0, tamper(me, $0, step, mine)) }
        state.withLock { state in
            for (receiver, bytes) in sent {
                state.boxes[number, default: [:]][receiver, default: [:]][me] = bytes
            }
            if step == "cosign the checkpoint", !receivers.isEmpty {
                state.cosignatures.append((me, mine))
            }
        }
        if isLast { throw Stopped() }
        while true {
            let received: [[UInt8]]? = try state.withLock { state in
                let box = state.boxes[number]?[me] ?? [:]
                if box.count == others.count {
                    return (0..<LedgerFixture.count).map { box[$0] ?? mine }
                }
                guard others.allSatisfy({ box[$0] != nil || !state.stopped.contains($0) }) else {
                    throw Stopped()
                }
                return nil
            }
            if let received { return received }
            usleep(50)
        }
    }
}

/// One party's end of a ``TestNetwork``.
final class TestPeers: LedgerPeers {
    private let network: TestNetwork
    private let me: Int
    private var number = 0

    init(network: TestNetwork, me: Int) { (self.network, self.me) = (network, me) }

    func exchange(_ mine: [UInt8], step: String) throws -> [[UInt8]] {
        defer { number += 1 }
        return try network.exchange(mine, step: step, by: me, number: number)
    }
}
