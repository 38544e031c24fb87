import Foundation
import Ledger
import LedgerFixture
import Primitives
import Testing

/// The promises of stores hold for ours, and breaking any of them is noticed.
@Suite struct StoreConformanceTests {
    @Test("SQLite keeps every promise of a store")
    func sqlite() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("stores-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let conformance = StoreConformance {
            let file = folder.appendingPathComponent("\(UUID().uuidString).sqlite")
            return { try SQLiteLedgerStore(file: file) }
        }
        #expect(conformance.broken() == [])
    }

    @Test("So does the store in memory")
    func memory() {
        let conformance = StoreConformance {
            let store = MemoryStore()
            return { store }
        }
        #expect(conformance.broken() == [])
    }

    @Test("A store that breaks one promise is noticed, whichever it is", arguments: Fault.allCases)
    func broken(fault: Fault) {
        let conformance = StoreConformance {
            let store = BrokenStore(MemoryStore(), fault)
            return { store }
        }
        #expect(!conformance.broken().isEmpty)
    }

    @Test("A store that forgets is noticed by all that must last")
    func forgetful() {
        let conformance = StoreConformance { { MemoryStore() } }
        #expect(conformance.broken().count >= 8)
    }
}

/// What a store can do wrong.
enum Fault: CaseIterable {
    case losesNodes, showsPrepared, takesGaps, takesTwoBatches, tellsLosersWrong, leavesTraces
    case keepsOutgoing, losesOutgoing, commitsAnything, takesShortBatches, comparesNothing
    case losesPending, reversesPending, repeatsPending, unboundedPending, keepsDropped
    case losesContents, keepsErased, listsErased, erasesBeforeRefusing
    case ignoresOrder, ignoresLimit, ignoresAfter, ignoresRange
    case keepsChunks, dropsFiles, keepsStrays, keepsDroppedChunks, keepsErasedChunks
    case repeatsEvidence, reversesKinds, losesPositions, unboundedCheckpoints, shortHashes
}

private final class BrokenStore: ForwardingStore, @unchecked Sendable {
    private let fault: Fault

    init(_ base: any LedgerStore, _ fault: Fault) {
        self.fault = fault
        super.init(base)
    }

    override func newest() throws(LedgerError) -> (size: Int, note: [UInt8])? {
        if fault == .showsPrepared, let prepared = try base.prepared() {
            return (prepared.size, prepared.note)
        }
        return try base.newest()
    }

    override func leafHashes(_ positions: Range<Int>) throws(LedgerError) -> [Digest] {
        fault == .shortHashes
            ? try base.entries(positions).map(\.leafHash) : try base.leafHashes(positions)
    }

    override func positions(of kinds: [Statement.Kind]) throws(LedgerError) -> [Int] {
        let found = try base.positions(of: kinds)
        return fault == .reversesKinds ? found.reversed() : found
    }

    override func positions(
        of statements: [Digest]
    ) throws(LedgerError) -> [Digest: Int] {
        fault == .losesPositions ? [:] : try base.positions(of: statements)
    }

    override func checkpoints(
        from size: Int, limit: Int
    ) throws(LedgerError) -> [(size: Int, note: [UInt8])] {
        try base.checkpoints(from: size, limit: fault == .unboundedCheckpoints ? .max : limit)
    }

    override func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        let size = try base.newest()?.size ?? 0
        if fault == .takesTwoBatches, try base.prepared() != nil { return }
        do {
            try base.prepare(
                batch, first: fault == .takesGaps ? size : first, entries,
                nodes: fault == .losesNodes ? [] : nodes,
                outgoing: fault == .losesOutgoing ? [] : outgoing)
        } catch {
            if fault == .leavesTraces, let new = entries.first {
                try base.addPending([PendingStatement(new.entry)])
            }
            if fault == .tellsLosersWrong { throw .storage("\(error)") }
            throw error
        }
    }

    override func outgoing() throws(LedgerError) -> [Outgoing] {
        let found = try base.outgoing()
        guard fault == .keepsOutgoing, found.isEmpty, try base.newest() != nil else { return found }
        return [Outgoing(statement: .zero, recipient: "bank-b", sealed: [])]
    }

    override func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError) {
        let size = fault == .commitsAnything ? try base.prepared()?.size ?? size : size
        try base.commit(
            size: size, note: note, absent: absent, erasing: fault == .keepsErased ? [] : erasing)
    }

    override func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        if fault == .takesShortBatches, let prepared = try base.prepared(), prepared.size > size {
            return try base.commit(
                size: prepared.size, note: note, absent: absent, erasing: erasing)
        }
        if fault == .erasesBeforeRefusing, let newest = try base.newest(), newest.size != first {
            try base.extend(
                first: newest.size, size: newest.size, note: newest.note, nodes: [], [],
                absent: absent, erasing: erasing, prepared: prepared, isReplacing: isReplacing)
        }
        var chunk: (Digest, [UInt8])?
        if fault == .keepsErasedChunks, let erased = erasing.first,
            let content = try base.content(of: erased),
            let file = try? FileDescription(content.payload).chunks,
            let bytes = try base.chunk(0, of: file)
        {
            chunk = (file, bytes)
        }
        try base.extend(
            first: fault == .takesGaps ? try base.newest()?.size ?? 0 : first, size: size,
            note: note, nodes: nodes,
            fault == .losesContents ? entries.map { NewEntry($0.entry, content: nil) } : entries,
            absent: absent, erasing: fault == .keepsErased ? [] : erasing,
            prepared: fault == .comparesNothing ? try base.prepared()?.note : prepared,
            isReplacing: isReplacing)
        if let chunk { try base.addChunk(chunk.1, number: 0, of: chunk.0) }
    }

    override func pending(limit: Int) throws(LedgerError) -> [PendingStatement] {
        let found = try base.pending(limit: fault == .unboundedPending ? .max : limit)
        switch fault {
        case .reversesPending: return found.reversed()
        case .repeatsPending: return found + found.prefix(1)
        default: return found
        }
    }

    override func addPending(_ statements: [PendingStatement]) throws(LedgerError) {
        try base.addPending(
            fault == .losesPending ? Array(statements.dropLast()) : statements)
    }

    override func dropPending(_ statement: Digest) throws(LedgerError) {
        if fault != .keepsDropped { try base.dropPending(statement) }
    }

    override func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) throws(LedgerError) -> [Int] {
        let found = try base.positions(
            inCollection: name, fault == .ignoresRange ? 0..<Int.max : positions,
            limit: fault == .ignoresLimit ? .max : limit,
            newestFirst: fault == .ignoresOrder ? false : newestFirst)
        return fault == .listsErased && found.isEmpty && !positions.isEmpty && limit > 0
            ? [positions.lowerBound] : found
    }

    override func collections(after name: String?, limit: Int) throws(LedgerError) -> [String] {
        try base.collections(after: fault == .ignoresAfter ? nil : name, limit: limit)
    }

    override func addChunk(_ bytes: [UInt8], number: Int, of file: Digest) throws(LedgerError) {
        if fault == .keepsChunks, try base.chunk(number, of: file) != nil { return }
        try base.addChunk(bytes, number: number, of: file)
    }

    override func dropChunks(of file: Digest) throws(LedgerError) {
        if fault != .keepsDroppedChunks { try base.dropChunks(of: file) }
    }

    override func dropStrayChunks() throws(LedgerError) {
        if fault == .keepsStrays { return }
        try base.dropStrayChunks()
        guard fault == .dropsFiles, let waiting = try base.pending(limit: 1).first,
            let file = try? waiting.content.map({ try FileDescription($0.payload).chunks })
        else { return }
        try base.dropChunks(of: file)
    }

    override func evidence() throws(LedgerError) -> [ForkEvidence] {
        let found = try base.evidence()
        return fault == .repeatsEvidence ? found + found.prefix(1) : found
    }
}
