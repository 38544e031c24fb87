import Foundation
import Ledger
import Primitives
import TestSupport

// Promises about what is kept beside the log.
extension StoreConformance {
    static func pending(_ open: Opening) throws {
        var store = try open()
        let all = try (0..<5).map(Sample.pending)
        try store.addPending(Array(all[0..<2]))
        try store.addPending(Array(all[1..<5]))
        try store.addPending([])
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            try hold(try store.pending(limit: 9) == all, "their order, or one twice")
            try hold(try store.pending(limit: 2) == Array(all[0..<2]), "the first two")
            try hold(try store.pending(limit: 0).isEmpty, "none")
            try hold(try store.pendingCount() == 5, "their number")
        }
        try store.dropPending(all[1].entry.statementDigest)
        try store.dropPending(Sample.digest("stranger"))
        try hold(try store.pending(limit: 9) == [all[0], all[2], all[3], all[4]], "one dropped")
        try hold(try open().pendingCount() == 4, "their number after that")
    }

    static func contents(_ open: Opening) throws {
        var store = try open()
        for size in 1...6 { try store.grow(to: size) }
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            let note = try Sample.note(4)
            try hold(try store.content(of: note.entry.statementDigest) == note.content, "content")
            try hold(try store.content(of: Sample.digest("stranger")) == nil, "a stranger's")
            // Even numbers are in c0, odd ones in c1.
            func found(_ range: Range<Int>, _ limit: Int, _ newestFirst: Bool) throws -> [Int] {
                try store.positions(
                    inCollection: "c0", range, limit: limit, newestFirst: newestFirst)
            }
            try hold(try found(0..<6, 9, false) == [0, 2, 4], "ascending")
            try hold(try found(0..<6, 2, true) == [4, 2], "descending, two")
            try hold(try found(1..<4, 9, false) == [2], "of a part")
            try hold(try found(0..<6, 0, false).isEmpty && found(2..<2, 9, true).isEmpty, "none")
            try hold(try store.collections(after: nil, limit: 9) == ["c0", "c1"], "collections")
            try hold(try store.collections(after: nil, limit: 1) == ["c0"], "the first")
            try hold(try store.collections(after: "c0", limit: 9) == ["c1"], "those after c0")
            try hold(try store.collections(after: "c1", limit: 9).isEmpty, "those after c1")
        }
    }

    static func erasure(_ open: Opening) throws {
        for way in ["commit", "extend"] {
            var store = try open()
            let size = try store.newest()?.size ?? 0
            let (old, kept, same) = try (
                Sample.note(size), Sample.note(size + 2), Sample.note(size + 1)
            )
            try store.grow(to: size + 1)
            let erased = [old, same].map(\.entry.statementDigest)
            if way == "commit" {
                try store.prepare(
                    Sample.batch(size + 3), first: size + 1, [same, kept], nodes: [], outgoing: [])
                try hold(try store.content(of: erased[0]) != nil, "before its commit")
                try store.commit(size: size + 3, note: [1], absent: [], erasing: erased)
            } else {
                try store.extend(
                    first: size + 1, size: size + 3, note: [1], nodes: [], [same, kept],
                    absent: [], erasing: erased, prepared: nil, isReplacing: false)
            }
            for isReopened in [false, true] {
                if isReopened { store = try open() }
                for statement in erased {
                    try hold(try store.content(of: statement) == nil, "\(way) did not erase")
                }
                try hold(
                    try store.content(of: kept.entry.statementDigest) == kept.content,
                    "\(way) erased another")
                let listed = try ["c0", "c1"].flatMap {
                    try store.positions(
                        inCollection: $0, size..<size + 3, limit: 9, newestFirst: false)
                }
                try hold(listed == [size + 2], "\(way) left it in its collection")
            }
        }
        try sealedErasure(try open())
        // What is refused erases nothing.
        let store = try open()
        let kept = try Sample.note(2).entry.statementDigest
        try refuse("an erasure with a batch that does not continue the log", store) {
            try store.extend(
                first: 1, size: 2, note: [1], nodes: [], [Sample.note(9)], absent: [],
                erasing: [kept], prepared: nil, isReplacing: false)
        }
        try hold(try store.content(of: kept) != nil, "a refused batch erased")
    }

    /// What is sealed for a party that is away goes with the erasure, and nothing else of it.
    private static func sealedErasure(_ store: any LedgerStore) throws {
        let size = try store.newest()?.size ?? 0
        let (erased, kept) = (try Sample.sealed(size), try Sample.sealed(size + 1))
        try store.prepare(
            Sample.batch(size + 2), first: size, [Sample.note(size), Sample.note(size + 1)],
            nodes: [], outgoing: [erased, kept])
        try store.commit(size: size + 2, note: [2], absent: ["bank-b"], erasing: [])
        try hold(try Set(store.outgoing()) == [erased, kept], "sealed for one that is away")
        try store.prepare(
            Sample.batch(size + 3), first: size + 2, [Sample.note(size + 2)], nodes: [],
            outgoing: [])
        try store.commit(
            size: size + 3, note: [3], absent: ["bank-b"], erasing: [erased.statement])
        try hold(try store.outgoing() == [kept], "what is sealed outlives its erasure")
        try store.dropOutgoing(to: "bank-b", below: size + 3)
    }

    static func chunks(_ open: Opening) throws {
        var store = try open()
        let (file, other) = (Sample.digest("file"), Sample.digest("other"))
        try store.addChunk([1, 2, 3], number: 0, of: file)
        try store.addChunk([], number: 1, of: file)
        try store.addChunk([9], number: 0, of: other)
        try store.addChunk([4, 5], number: 0, of: file)
        for isReopened in [false, true] {
            if isReopened { store = try open() }
            try hold(try store.chunk(0, of: file) == [4, 5], "the one that replaced another")
            try hold(try store.chunk(1, of: file) == [], "an empty one")
            try hold(try store.chunk(2, of: file) == nil, "one that is not there")
            try hold(try store.chunk(0, of: other) == [9], "another file's")
        }
        try store.dropChunks(of: file)
        try hold(try store.chunk(0, of: file) == nil && store.chunk(1, of: file) == nil, "dropped")
        try hold(try store.chunk(0, of: other) == [9], "another file's after that")
    }

    static func strays(_ open: Opening) throws {
        let store = try open()
        let (stored, waiting, erased) = try (Sample.file(0), Sample.file(1), Sample.file(2))
        for file in [stored, waiting, erased] {
            try store.addChunk([1], number: 0, of: file.chunks)
        }
        try store.addChunk([1], number: 0, of: Sample.digest("stray"))
        try store.extend(
            first: 0, size: 2, note: [1], nodes: [],
            [stored, erased].map { NewEntry($0.entry, content: $0.content) }, absent: [],
            erasing: [], prepared: nil, isReplacing: false)
        try store.addPending([PendingStatement(waiting.entry, content: waiting.content)])
        try store.dropStrayChunks()
        try hold(try store.chunk(0, of: Sample.digest("stray")) == nil, "a stray one stays")
        for file in [stored, waiting, erased] {
            try hold(try store.chunk(0, of: file.chunks) != nil, "a file's chunk was dropped")
        }
        try store.extend(
            first: 2, size: 3, note: [1], nodes: [], [Sample.note(3)],
            absent: [], erasing: [erased.entry.statementDigest], prepared: nil, isReplacing: false)
        try hold(try store.chunk(0, of: erased.chunks) == nil, "an erased file's chunk stays")
        try hold(try store.chunk(0, of: stored.chunks) != nil, "another file's chunk was erased")
    }

    static func evidence(_ open: Opening) throws {
        let store = try open()
        let all = [("b", [1]), ("b", [2]), ("c", [1]), ("a", [1])].map {
            ForkEvidence(party: $0.0, mine: $0.1, theirs: [0, 255])
        }
        for item in all + [all[1], all[0]] { try store.addEvidence(item) }
        try hold(try store.evidence() == all, "its order, or one twice")
        try hold(try open().evidence() == all, "what is left of it")
    }
}
