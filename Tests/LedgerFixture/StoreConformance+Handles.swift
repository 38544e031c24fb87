import Foundation
import Ledger
import Primitives
import TestSupport

// Promises about everybody who calls at once, and with anything.
extension StoreConformance {
    static func handles(_ open: Opening) throws {
        let (one, other) = (try open(), try open())
        try one.grow(to: 1)
        try hold(try other.newest()?.size == 1, "the other handle's log")
        try other.prepare(Sample.batch(2), first: 1, [Sample.note(1)], nodes: [], outgoing: [])
        try hold(try one.prepared() == Sample.batch(2), "the other handle's batch")
        do {
            try one.prepare(Sample.batch(2), first: 1, [Sample.note(5)], nodes: [], outgoing: [])
            throw Broken(what: "both of two that race went on")
        } catch let error as LedgerError {
            guard case .busy = error else { throw Broken(what: "the loser is told: \(error)") }
        }
        try one.commit(size: 2, note: [2], absent: [], erasing: [])
        try refuse("a commit of what the other has committed", other) {
            try other.commit(size: 2, note: [2], absent: [], erasing: [])
        }
        // Many at a time: each sees all or nothing of the others.
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            failures.collect {
                let store = number % 2 == 0 ? one : other
                for index in 0..<10 {
                    try store.addPending([Sample.pending(100 + number * 10 + index)])
                    try hold(try store.newest()?.size == 2, "the log under load")
                }
            }
        }
        if let failure = failures.first { throw failure }
        try hold(try one.pendingCount() == 80, "80 statements of 8 threads")
    }

    static func giveWay(_ open: Opening) throws {
        let (store, other) = (try open(), try open())
        try store.grow(to: 1)
        func extend(over prepared: [UInt8]?, isReplacing: Bool) throws {
            try store.extend(
                first: 1, size: 2, note: Sample.bytes(2), nodes: [], [Sample.note(5)], absent: [],
                erasing: [], prepared: prepared, isReplacing: isReplacing)
        }
        func raced(_ what: String, over prepared: [UInt8]?, isReplacing: Bool) throws {
            try refuse(what, store) {
                do { try extend(over: prepared, isReplacing: isReplacing) } catch {
                    guard case .busy? = error as? LedgerError else {
                        throw Broken(what: "\(what): the loser is told: \(error)")
                    }
                    throw error
                }
            }
        }
        try raced("entries over a batch that is gone", over: Sample.bytes(2), isReplacing: false)
        // As another process prepares one, after this one has compared.
        try other.prepare(
            Sample.batch(2), first: 1, [Sample.note(1)], nodes: [], outgoing: [Sample.sealed(1)])
        for compared in [nil, Sample.bytes(3)] {
            for isReplacing in [false, true] {
                try raced(
                    "entries over a batch that nobody compared", over: compared,
                    isReplacing: isReplacing)
            }
        }
        try extend(over: Sample.bytes(2), isReplacing: true)
        for store in [store, other] {
            try hold(
                try store.entries(0..<9).map(\.bytes)
                    == [0, 5].map { try Sample.note($0).entry.bytes }, "the entries")
            try hold(try store.prepared() == nil && store.outgoing().isEmpty, "what gave way")
            let gone = try Sample.note(1).entry.statementDigest
            try hold(try store.content(of: gone) == nil, "its content")
            let content = try Sample.note(5).content
            try hold(
                try store.content(of: Sample.note(5).entry.statementDigest) == content, "a content")
        }
    }

    static func hostile(_ open: Opening) throws {
        let store = try open()
        try store.grow(to: 2, erasing: [Sample.digest("stranger")])
        for range in [Int.min..<Int.min, Int.max..<Int.max, Int.max - 1..<Int.max] {
            try hold(try store.entries(range).isEmpty, "entries \(range)")
        }
        try hold(try store.entries(Int.min..<Int.max).count == 2, "all entries")
        for range in [Int.max - 1..<Int.max, -1..<0, Int.min..<Int.min + 1] {
            try refuse("hashes \(range)", store) { _ = try store.leafHashes(range) }
            try refuse("nodes \(range)", store) { _ = try store.nodes(level: .max, range) }
        }
        try hold(try store.checkpoints(from: .min, limit: .max).map(\.size) == [2], "checkpoints")
        try hold(try store.checkpoints(from: .max, limit: .max).isEmpty, "checkpoints")
        let file = Sample.digest("file")
        for number in [Int.min, -1, Int.max] {
            try store.addChunk([7], number: number, of: file)
            try hold(try store.chunk(number, of: file) == [7], "chunk \(number)")
        }
        for name in ["", "'; DROP TABLE entries; --", "%", "c0\u{0}", "c0 ", "C0", "\u{10FFFF}"] {
            try hold(
                try store.positions(
                    inCollection: name, Int.min..<Int.max, limit: .max, newestFirst: true
                ).isEmpty, "the collection \(name)")
            let after = try store.collections(after: name, limit: .max)
            try hold(
                after
                    == (name.utf8.lexicographicallyPrecedes("c0".utf8)
                        ? ["c0", "c1"]
                        : name.utf8.lexicographicallyPrecedes("c1".utf8) ? ["c1"] : []),
                "collections after \(name)")
        }
        let odd = try Payload(
            collection: "'\"; --\u{1}é", contents: "\u{0}", using: SeededRandomness(seed: 3))
        let entry = try Sample.entry(.note(claims: odd.claims))
        try store.extend(
            first: 2, size: 3, note: [], nodes: [],
            [NewEntry(entry, content: Content(statement: entry.statementDigest, payload: odd))],
            absent: [], erasing: [], prepared: nil, isReplacing: false)
        try hold(try store.content(of: entry.statementDigest)?.payload == odd, "an odd text")
        try hold(
            try store.positions(
                inCollection: odd.collection, 0..<9, limit: 9, newestFirst: false) == [2],
            "an odd collection")
    }
}
