import Foundation
import Ledger
import Primitives
import Synchronization

/// Three parties in threads of this process, their ledgers on one disk, messages by memory.
final class Consortium: Sendable {
    static let names = ["bank-a", "bank-b", "bank-c"]
    let folder: URL
    private let keys: [LedgerKeys]
    let parties: LedgerParties

    init() throws {
        folder = URL(filePath: ".build/ledger-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        keys = Self.names.map { _ in
            let root = SigningKey(using: SystemRandomness())
            return LedgerKeys(
                statement: root.derived(label: "statement"),
                cosigner: root.derived(label: "cosigner"), log: root.derived(label: "log"),
                delivery: DeliverySecret(root.derivedSecret(label: "delivery")))
        }
        parties = try LedgerParties(
            origin: "benchmark.invalid/ledger",
            members: zip(Self.names, keys).map { $1.member(name: $0) })
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ party: Int) -> URL { folder.appending(path: "\(Self.names[party]).sqlite") }

    func ledger(_ party: Int) throws -> SharedLedger {
        try SharedLedger(
            file: file(party), parties: parties, me: Party(party), keys: keys[party])
    }

    /// The first party works while the two others follow it.
    func lead<Value>(_ work: (SharedLedger, MemoryPeers) throws -> Value) throws -> Value {
        let hub = Hub()
        let group = DispatchGroup()
        for party in 1..<3 {
            let ledger = try ledger(party)
            group.enter()
            Thread.detachNewThread {
                let peers = MemoryPeers(hub: hub, me: Self.names[party], reachable: ["bank-a"])
                do { try ledger.follow("bank-a", peers) } catch { hub.fail("\(error)") }
                group.leave()
            }
        }
        let peers = MemoryPeers(hub: hub, me: "bank-a", reachable: ["bank-b", "bank-c"])
        let first = try ledger(0)
        let value = try work(first, peers)
        try first.stopLeading(peers)
        group.wait()
        return value
    }
}

extension Consortium {
    /// Works while another thread posts batches of 256 notes, at most two of them ahead.
    ///
    /// - Parameter work: may ask whether the posting has failed.
    func posting(
        _ batches: Int, _ contents: String, to ledger: SharedLedger,
        _ work: (_ check: () throws -> Void) throws -> Void
    ) throws {
        let group = DispatchGroup()
        let failure = Mutex<String?>(nil)
        let isOver = Atomic(false)
        group.enter()
        Thread.detachNewThread {
            do {
                for _ in 0..<batches {
                    while try ledger.replica.store.pendingCount() > 512,
                        !isOver.load(ordering: .relaxed)
                    {
                        usleep(200)
                    }
                    try ledger.post(
                        Array(repeating: contents, count: 256), collection: "batch", to: nil)
                }
            } catch { failure.withLock { $0 = "\(error)" } }
            group.leave()
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            group.wait()
        }
        try work {
            if let reason = failure.withLock(\.self) { throw Hub.Failure(description: reason) }
        }
    }
}

/// Messages between threads.
final class Hub: Sendable {
    private let condition = NSCondition()
    private let boxes = Mutex([String: [[UInt8]]]())
    private let failure = Mutex<String?>(nil)

    struct Failure: Error, CustomStringConvertible { let description: String }

    func fail(_ reason: String) {
        failure.withLock { $0 = reason }
        condition.withLock { condition.broadcast() }
    }

    func send(_ message: [UInt8], _ key: String) {
        condition.withLock {
            boxes.withLock { $0[key, default: []].append(message) }
            condition.broadcast()
        }
    }

    func receive(_ key: String) throws -> [UInt8] {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let message = boxes.withLock { boxes -> [UInt8]? in
                guard let first = boxes[key]?.first else { return nil }
                boxes[key]?.removeFirst()
                return first
            }
            if let message { return message }
            if let reason = failure.withLock({ $0 }) { throw Failure(description: reason) }
            condition.wait()
        }
    }
}

struct MemoryPeers: LedgerPeers {
    let hub: Hub
    let me: String
    let reachable: [String]

    func send(_ message: [UInt8], to party: String) { hub.send(message, "\(me) \(party)") }
    func receive(from party: String) throws -> [UInt8] { try hub.receive("\(party) \(me)") }
}
