import Foundation
package import Ledger
import Primitives
import TestSupport

/// Every promise of ``LedgerStore``, each as a short program that tries to see it broken.
///
/// It is generic over what opens a store: each program begins with a new, empty one and may open as many
/// handles on it as it wants, as processes do, or one process after the other.
package struct StoreConformance {
    /// Opens one more handle on the same store.
    package typealias Opening = () throws -> any LedgerStore

    struct Broken: Error { let what: String }

    private let make: () throws -> Opening

    /// - Parameter make: makes a new store.
    package init(_ make: @escaping () throws -> Opening) { self.make = make }

    /// The promises that the store breaks, and how; none for a store that can be used.
    package func broken() -> [String] {
        Self.promises.compactMap { name, check in
            do {
                try check(try make())
                return nil
            } catch let broken as Broken {
                return "\(name): \(broken.what)"
            } catch {
                return "\(name): \(error)"
            }
        }
    }

    static func hold(_ condition: Bool, _ what: String) throws {
        guard condition else { throw Broken(what: what) }
    }

    /// Runs what the store must refuse with an error of its own, and leave no trace of.
    static func refuse(
        _ what: String, _ store: any LedgerStore, _ body: () throws -> Void
    ) throws {
        let before = try Snapshot(store)
        do {
            try body()
        } catch is LedgerError {
            try hold(try Snapshot(store) == before, "\(what) left something behind")
            return
        }
        throw Broken(what: "\(what) was not refused")
    }

    /// All of a small store that can be read.
    struct Snapshot: Equatable {
        let entries: [StoredEntry]
        let notes: [[UInt8]]
        let prepared: PreparedBatch?
        let outgoing: Set<Outgoing>
        let pending: [PendingStatement]
        let texts: [String]

        init(_ store: any LedgerStore) throws {
            entries = try store.entries(0..<10_000)
            notes = try store.checkpoints(from: 0, limit: 10_000).map(\.note)
            prepared = try store.prepared()
            outgoing = Set(try store.outgoing())
            pending = try store.pending(limit: 10_000)
            texts = try store.collections(after: nil, limit: 100).flatMap { name in
                try store.positions(
                    inCollection: name, 0..<10_000, limit: 10_000, newestFirst: false
                ).map { "\(name) \($0)" }
            }
        }
    }

    private static var promises: [(name: String, check: (Opening) throws -> Void)] {
        [
            ("an empty store has nothing", empty),
            ("a prepared batch is kept, and is not yet the log", prepare),
            ("a batch is prepared after the log's end alone, one at a time", prepareRefused),
            ("a commit makes the prepared batch the log", commit),
            ("a commit is of what is prepared", commitRefused),
            ("others' batches are added, what is prepared of them once", extend),
            ("others' batches continue the log and contain what is prepared", extendRefused),
            ("entries, hashes, nodes and checkpoints are found by their numbers", ranges),
            ("statements are found by digest and kind", statements),
            ("pending statements wait in order, each once", pending),
            ("contents are kept, and found by collection", contents),
            ("an erasure deletes in its transaction, and for ever", erasure),
            ("chunks are kept, replaced and dropped", chunks),
            ("stray chunks are those of no statement", strays),
            ("evidence is kept in order, each once", evidence),
            ("a prepared batch gives way to others' entries if it was compared", giveWay),
            ("two handles see one store, and one of two that race is refused", handles),
            ("any argument is answered", hostile),
        ]
    }

    // MARK: The log

    static func empty(_ open: Opening) throws {
        let store = try open()
        try hold(try store.newest() == nil, "it has a checkpoint")
        try hold(try store.prepared() == nil, "it has a prepared batch")
        let snapshot = try Snapshot(store)
        try hold(snapshot.entries.isEmpty && snapshot.notes.isEmpty, "it has entries")
        try hold(snapshot.outgoing.isEmpty && snapshot.pending.isEmpty, "it has more")
        try hold(try store.pendingCount() == 0 && store.evidence().isEmpty, "it has more")
        try hold(
            try store.leafHashes(0..<0).isEmpty && store.nodes(level: 1, 0..<0).isEmpty, "hash")
    }

    static func prepare(_ open: Opening) throws {
        var store = try open()
        try store.grow(to: 2)
        let entries = try [Sample.note(2), Sample.note(3)]
        try store.prepare(
            Sample.batch(4), first: 2, entries, nodes: [Sample.node(0)],
            outgoing: [Sample.sealed(2)])
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            try hold(try store.prepared() == Sample.batch(4), "the batch is another")
            try hold(
                try store.entries(2..<4).map(\.bytes) == entries.map(\.entry.bytes), "its entries")
            try hold(
                try store.leafHashes(2..<4) == entries.map(\.entry.leafHash), "their hashes")
            try hold(try store.nodes(level: 1, 0..<1) == [Sample.node(0).hash], "its node")
            try hold(try store.outgoing() == [Sample.sealed(2)], "what goes out")
            try hold(try store.newest()?.size == 2, "it is in the log before it is committed")
            try hold(try store.content(of: entries[0].entry.statementDigest) != nil, "a content")
        }
    }

    static func prepareRefused(_ open: Opening) throws {
        let store = try open()
        try store.grow(to: 2)
        for first in [0, 1, 3] {
            try refuse("a batch after \(first) of 2 entries", store) {
                try store.prepare(
                    Sample.batch(first + 1), first: first, [Sample.note(first)], nodes: [],
                    outgoing: [Sample.sealed(2)])
            }
        }
        try refuse("a batch whose second entry is in the log already", store) {
            try store.prepare(
                Sample.batch(4), first: 2, [Sample.note(2), Sample.note(0)], nodes: [],
                outgoing: [Sample.sealed(2)])
        }
        try store.prepare(Sample.batch(3), first: 2, [Sample.note(2)], nodes: [], outgoing: [])
        try refuse("a second batch", store) {
            try store.prepare(Sample.batch(3), first: 2, [Sample.note(3)], nodes: [], outgoing: [])
        }
    }

    static func commit(_ open: Opening) throws {
        var store = try open()
        try store.addPending([Sample.pending(0), Sample.pending(7), Sample.pending(8)])
        try store.prepare(
            Sample.batch(1), first: 0, [Sample.note(0)], nodes: [], outgoing: [Sample.sealed(0)])
        try store.commit(size: 1, note: Sample.bytes(1), absent: [], erasing: [])
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            let newest = try store.newest()
            try hold(newest?.size == 1 && newest?.note == Sample.bytes(1), "the checkpoint")
            try hold(try store.prepared() == nil, "the batch is still prepared")
            try hold(try store.outgoing().isEmpty, "sealed contents are still there")
            try hold(
                try store.pending(limit: 9) == [Sample.pending(7), Sample.pending(8)],
                "what waits is not what is not in the log")
            try hold(
                try store.entries(0..<9).map(\.bytes) == [Sample.note(0).entry.bytes], "the entry")
        }
    }

    static func commitRefused(_ open: Opening) throws {
        let store = try open()
        try refuse("a commit of nothing", store) {
            try store.commit(size: 1, note: [1], absent: [], erasing: [])
        }
        try store.prepare(
            Sample.batch(2), first: 0, [Sample.note(0), Sample.note(1)], nodes: [], outgoing: [])
        for size in [0, 1, 3] {
            try refuse("a commit of \(size) of 2 entries", store) {
                try store.commit(size: size, note: [1], absent: [], erasing: [])
            }
        }
        try store.commit(size: 2, note: [1], absent: [], erasing: [])
        try refuse("a second commit", store) {
            try store.commit(size: 2, note: [2], absent: [], erasing: [])
        }
    }

    static func extend(_ open: Opening) throws {
        var store = try open()
        try store.grow(to: 1)
        try store.addPending([Sample.pending(1), Sample.pending(7)])
        // Prepared here: entry 1. Committed by the others: it and entry 2.
        try store.prepare(
            Sample.batch(2), first: 1, [Sample.note(1)], nodes: [Sample.node(0)],
            outgoing: [Sample.sealed(1)])
        try store.extend(
            first: 1, size: 3, note: Sample.bytes(3), nodes: [Sample.node(0), Sample.node(1)],
            [Sample.note(1), Sample.note(2)], absent: [], erasing: [],
            prepared: Sample.batch(2).note, isReplacing: false)
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            try hold(
                try store.entries(0..<9).map(\.bytes)
                    == (0...2).map { try Sample.note($0).entry.bytes },
                "the entries")
            try hold(try store.newest()?.size == 3, "the checkpoint")
            try hold(
                try store.prepared() == nil && store.outgoing().isEmpty, "it is still prepared")
            try hold(
                try store.nodes(level: 1, 0..<2) == [Sample.node(0).hash, Sample.node(1).hash],
                "the nodes")
            try hold(try store.pending(limit: 9) == [Sample.pending(7)], "what waits")
            try hold(
                try store.content(of: Sample.note(2).entry.statementDigest) != nil, "a content")
        }
    }

    static func extendRefused(_ open: Opening) throws {
        let store = try open()
        try store.grow(to: 1)
        for first in [0, 2] {
            try refuse("entries after \(first) of 1", store) {
                try store.extend(
                    first: first, size: first + 1, note: [1], nodes: [], [Sample.note(first + 1)],
                    absent: [], erasing: [], prepared: nil, isReplacing: false)
            }
        }
        try refuse("entries of which the second is in the log already", store) {
            try store.extend(
                first: 1, size: 3, note: [1], nodes: [], [Sample.note(1), Sample.note(0)],
                absent: [], erasing: [], prepared: nil, isReplacing: false)
        }
        try store.prepare(
            Sample.batch(3), first: 1, [Sample.note(1), Sample.note(2)], nodes: [], outgoing: [])
        try refuse("fewer entries than are prepared", store) {
            try store.extend(
                first: 1, size: 2, note: [1], nodes: [], [Sample.note(1)], absent: [], erasing: [],
                prepared: Sample.batch(3).note, isReplacing: false)
        }
    }

    static func ranges(_ open: Opening) throws {
        let store = try open()
        for size in 1...6 { try store.grow(to: size) }
        let all = try (0..<6).map { try Sample.note($0).entry }
        for range in [0..<6, 2..<4, 5..<6, 3..<3] {
            try hold(try store.entries(range).map(\.bytes) == all[range].map(\.bytes), "\(range)")
            try hold(try store.leafHashes(range) == all[range].map(\.leafHash), "\(range)")
        }
        try hold(try store.entries(4..<100).count == 2 && store.entries(6..<7).isEmpty, "the end")
        try refuse("leaf hashes that are not there", store) { _ = try store.leafHashes(5..<7) }
        try refuse("nodes that are not there", store) { _ = try store.nodes(level: 1, 0..<1) }
        try hold(try store.checkpoints(from: 3, limit: 2).map(\.size) == [3, 4], "checkpoints")
        try hold(try store.checkpoints(from: 5, limit: 9).map(\.size) == [5, 6], "checkpoints")
        try hold(
            try store.checkpoints(from: 1, limit: 9).map(\.note) == (1...6).map(Sample.bytes),
            "notes")
        try hold(try store.checkpoints(from: 7, limit: 9).isEmpty, "checkpoints after the end")
    }

    static func statements(_ open: Opening) throws {
        let store = try open()
        let ruling = try Sample.entries([.proposal(0), .note, .ballot(0), .proposal(1), .retention])
        try store.extend(
            first: 0, size: 5, note: [1], nodes: [], ruling.map { NewEntry($0, content: nil) },
            absent: [], erasing: [], prepared: nil, isReplacing: false)
        for (position, entry) in ruling.enumerated() {
            try hold(try store.position(of: entry.statementDigest) == position, "by digest")
        }
        try hold(try store.position(of: Sample.digest("stranger")) == nil, "a stranger")
        let many = (0..<600).map { Sample.digest("\($0)") }
        try hold(try store.positions(of: many).isEmpty, "many strangers")
        try hold(try store.positions(of: []).isEmpty, "nobody")
        try hold(try store.positions(of: [.proposal]) == [0, 3], "one kind")
        try hold(
            try store.positions(of: [.retention, .ballot, .proposal]) == [0, 2, 3, 4], "kinds")
        try hold(try store.positions(of: [.genesis]).isEmpty, "a kind that is not there")
        try hold(try store.positions(of: []).isEmpty, "no kind")
    }
}
