package import Ledger
package import Primitives
import Synchronization

/// A store in memory; every handle on it is the store itself.
package final class MemoryStore: LedgerStore {
    private struct TilePlace: Hashable { let level, number: Int }

    private struct State {
        var entries: [StoredEntry] = []
        var kinds: [Statement.Kind] = []
        var places: [Digest: Int] = [:]
        var nodes: [TilePlace: Digest] = [:]
        var checkpoints: [(size: Int, note: [UInt8])] = []
        var prepared: PreparedBatch?
        var outgoing: [Outgoing] = []
        var pending: [PendingStatement] = []
        /// Nil once it is erased.
        var contents: [Digest: (position: Int, content: Content?)] = [:]
        var chunks: [Digest: [Int: [UInt8]]] = [:]
        var evidence: [ForkEvidence] = []

        var size: Int { checkpoints.last?.size ?? 0 }

        mutating func append(_ entries: [NewEntry], _ nodes: [TileNode]) throws(LedgerError) {
            for new in entries {
                let digest = new.entry.statementDigest
                guard places.updateValue(self.entries.count, forKey: digest) == nil else {
                    throw .storage("a statement is in the store already")
                }
                if let content = new.content, contents[content.statement] == nil {
                    contents[content.statement] = (self.entries.count, content)
                }
                self.entries.append(
                    StoredEntry(leafHash: new.entry.leafHash, bytes: new.entry.bytes))
                kinds.append(new.entry.statement.kind)
            }
            for node in nodes {
                self.nodes[TilePlace(level: node.level, number: node.number)] = node.hash
            }
        }

        mutating func dropPrepared(after first: Int) {
            entries.removeSubrange(first...)
            kinds.removeSubrange(first...)
            places = places.filter { $0.value < first }
            nodes = nodes.filter { ($0.key.number + 1) << (8 * $0.key.level) <= first }
            contents = contents.filter { $0.value.position < first }
            let known = places
            outgoing.removeAll { known[$0.statement] == nil }
        }

        mutating func close(
            _ size: Int, _ note: [UInt8], absent: [String], erasing: [Digest]
        ) {
            checkpoints.append((size, note))
            prepared = nil
            outgoing.removeAll { !absent.contains($0.recipient) }
            pending.removeAll { places[$0.entry.statementDigest] != nil }
            outgoing.removeAll { erasing.contains($0.statement) }
            for statement in erasing {
                guard let (position, content) = contents[statement] else { continue }
                if let file = content.flatMap({ try? FileDescription($0.payload) }) {
                    chunks[file.chunks] = nil
                }
                contents[statement] = (position, nil)
            }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// One transaction: what throws changes nothing.
    private func change(
        _ body: (inout State) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            var changed = state
            try body(&changed)
            state = changed
        }
    }

    // MARK: The log

    package func newest() -> (size: Int, note: [UInt8])? { state.withLock { $0.checkpoints.last } }
    package func prepared() -> PreparedBatch? { state.withLock { $0.prepared } }

    package func entries(_ positions: Range<Int>) -> [StoredEntry] {
        state.withLock { Array($0.entries[positions.clamped(to: $0.entries.indices)]) }
    }

    package func leafHashes(_ positions: Range<Int>) throws(LedgerError) -> [Digest] {
        let hashes = entries(positions).map(\.leafHash)
        guard hashes.count == positions.count else { throw .storage("an entry is missing") }
        return hashes
    }

    package func nodes(level: Int, _ numbers: Range<Int>) throws(LedgerError) -> [Digest] {
        let found = state.withLock { state in
            state.nodes.filter { $0.key.level == level && numbers.contains($0.key.number) }
        }
        guard found.count == numbers.count else { throw .storage("a tile's hash is missing") }
        return found.sorted { $0.key.number < $1.key.number }.map(\.value)
    }

    package func positions(of kinds: [Statement.Kind]) -> [Int] {
        state.withLock { state in
            state.kinds.indices.filter { kinds.contains(state.kinds[$0]) }
        }
    }

    package func positions(of statements: [Digest]) -> [Digest: Int] {
        state.withLock { state in state.places.filter { statements.contains($0.key) } }
    }

    package func checkpoints(from size: Int, limit: Int) -> [(size: Int, note: [UInt8])] {
        Array(state.withLock { $0.checkpoints }.filter { $0.size >= size }.prefix(limit))
    }

    package func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        try change { (state) throws(LedgerError) in
            guard state.size == first, state.prepared == nil else {
                throw .busy("the store was changed by another session at the same time")
            }
            try state.append(entries, nodes)
            state.prepared = batch
            state.outgoing += outgoing
        }
    }

    package func outgoing() -> [Outgoing] { state.withLock { $0.outgoing } }

    package func dropOutgoing(to recipient: String, below size: Int) {
        state.withLock { state in
            let places = state.places
            state.outgoing.removeAll {
                $0.recipient == recipient && places[$0.statement].map { $0 < size } ?? false
            }
        }
    }

    package func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError) {
        try change { (state) throws(LedgerError) in
            guard state.prepared?.size == size else {
                throw .busy("no batch of this size is prepared")
            }
            state.close(size, note, absent: absent, erasing: erasing)
        }
    }

    package func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        try change { (state) throws(LedgerError) in
            guard state.size == first, state.prepared?.note == prepared else {
                throw .busy("the store was changed by another session at the same time")
            }
            if isReplacing { state.dropPrepared(after: first) }
            let known = state.entries.count - first
            guard known <= entries.count else {
                throw .storage("a prepared batch is longer than what others committed")
            }
            try state.append(Array(entries[known...]), nodes)
            state.close(size, note, absent: absent, erasing: erasing)
        }
    }

    // MARK: Beside the log

    package func pending(limit: Int) -> [PendingStatement] {
        let state = state.withLock(\.self)
        return Array(
            state.pending.filter { state.places[$0.entry.statementDigest] == nil }.prefix(limit))
    }
    package func pendingCount() -> Int { state.withLock { $0.pending.count } }

    package func addPending(_ statements: [PendingStatement]) {
        state.withLock { state in
            for statement in statements
            where !state.pending.contains(where: {
                $0.entry.statementDigest == statement.entry.statementDigest
            }) {
                state.pending.append(statement)
            }
        }
    }

    package func dropPending(_ statement: Digest) {
        state.withLock { $0.pending.removeAll { $0.entry.statementDigest == statement } }
    }

    package func content(of statement: Digest) -> Content? {
        state.withLock { $0.contents[statement]?.content }
    }

    private var notes: [(position: Int, collection: String)] {
        state.withLock { state in
            state.contents.values.compactMap { position, content in
                content.map { (position, $0.payload.collection) }
            }
        }
    }

    package func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) -> [Int] {
        let found = notes.filter { $0.collection == name && positions.contains($0.position) }
            .map(\.position).sorted()
        return Array((newestFirst ? found.reversed() : found).prefix(limit))
    }

    package func collections(after name: String?, limit: Int) -> [String] {
        let names = Set(notes.map { Array($0.collection.utf8) }).filter {
            Array((name ?? "").utf8).lexicographicallyPrecedes($0)
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    package func addChunk(_ bytes: [UInt8], number: Int, of file: Digest) {
        state.withLock { $0.chunks[file, default: [:]][number] = bytes }
    }
    package func chunk(_ number: Int, of file: Digest) -> [UInt8]? {
        state.withLock { $0.chunks[file]?[number] }
    }
    package func dropChunks(of file: Digest) { state.withLock { $0.chunks[file] = nil } }

    package func dropStrayChunks() {
        state.withLock { state in
            let contents =
                state.contents.values.compactMap(\.content)
                + state.pending.compactMap(\.content)
            let known = Set(contents.compactMap { try? FileDescription($0.payload).chunks })
            state.chunks = state.chunks.filter { known.contains($0.key) }
        }
    }

    package func addEvidence(_ evidence: ForkEvidence) {
        state.withLock { if !$0.evidence.contains(evidence) { $0.evidence.append(evidence) } }
    }
    package func evidence() -> [ForkEvidence] { state.withLock { $0.evidence } }
}
