import Primitives

/// A party's ledger for those who ask it: its own copy, and notes posted in its name.
public struct LedgerNode: LedgerService {
    private let ledger: SharedLedger
    private let certificates: [String: String]
    private let outOfReach: @Sendable () -> [String]

    /// - Parameters:
    ///   - certificates: the parties' service certificates in PEM by name, as far as known here.
    ///   - outOfReach: the parties whom replication cannot reach at the moment.
    public init(
        _ ledger: SharedLedger, certificates: [String: String] = [:],
        outOfReach: @escaping @Sendable () -> [String] = { [] }
    ) {
        (self.ledger, self.certificates) = (ledger, certificates)
        self.outOfReach = outOfReach
    }

    private var store: any LedgerStore { ledger.replica.store }

    public func post(
        _ contents: String, collection: String, within limit: Duration
    ) async throws -> Int {
        let digest = try ledger.post(contents, collection: collection, to: nil)
        let end = ContinuousClock.now + limit
        while true {
            if let position = try ledger.position(of: digest) { return position.index }
            guard ContinuousClock.now < end else {
                throw WaitingForCosigners(parties: outOfReach())
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    public var count: Int { get throws { try ledger.count } }

    public func note(at index: Int) throws -> LedgerNote? {
        guard try index >= 0 && index < count else { return nil }
        let entry = try Replica.entry(at: index, of: store)
        guard case .note = entry.statement,
            let payload = try store.content(of: entry.statementDigest)?.payload
        else { return nil }
        return LedgerNote(
            index: index, contents: payload.contents, collection: payload.collection,
            secretKey: Array(payload.secretKey))
    }

    public func notes(
        in collection: String, from: Int, to: Int?, limit: Int
    ) throws -> [LedgerNote] {
        let (first, end) = (
            max(0, from), min(to.map { $0 == .max ? $0 : $0 + 1 } ?? .max, try count)
        )
        guard first < end else { return [] }
        return try store.positions(
            inCollection: collection, first..<end, limit: limit, newestFirst: false
        ).compactMap { try note(at: $0) }
    }

    public func newestNote(in collection: String) throws -> LedgerNote? {
        try store.positions(
            inCollection: collection, 0..<count, limit: 1, newestFirst: true
        ).first.flatMap { try note(at: $0) }
    }

    public func collections(after name: String?, limit: Int) throws -> [String] {
        try store.collections(after: name, limit: limit)
    }

    public func receiptWindow(at index: Int) throws -> ReceiptWindow? {
        guard let newest = try store.newest(), (0..<newest.size).contains(index) else { return nil }
        let first = index / ReceiptWindow.maxCount * ReceiptWindow.maxCount
        let entries = try store.entries(first..<min(newest.size, first + ReceiptWindow.maxCount))
        return ReceiptWindow(
            first: first, leafHashes: entries.map(\.leafHash),
            claims: try entries.map { stored in
                if case .note(let note) = try Entry(parsing: stored.bytes).statement {
                    note.claims
                } else {
                    nil
                }
            }, checkpoint: newest.note)
    }

    public func inclusionProof(at index: Int) throws -> TlogProof? {
        guard try (0..<count).contains(index) else { return nil }
        return try ledger.proof(at: index)
    }

    public func checkpoint() throws -> [UInt8]? { try store.newest()?.note }

    public func tile(level: Int, number: Int, width: Int) throws -> [UInt8]? {
        guard let range = try range(level, number, width) else { return nil }
        let hashes =
            level == 0 ? try store.leafHashes(range) : try store.nodes(level: level, range)
        return hashes.flatMap(\.bytes)
    }

    public func entryBundle(number: Int, width: Int) throws -> [UInt8]? {
        guard let range = try range(0, number, width) else { return nil }
        return TilePath.bundle(try store.entries(range).map(\.bytes))
    }

    /// The hashes of a tile that the log has.
    private func range(_ level: Int, _ number: Int, _ width: Int) throws -> Range<Int>? {
        guard (0..<8).contains(level), (1...TiledTree.width).contains(width), number >= 0,
            number < 1 << 48
        else { return nil }
        let start = number * TiledTree.width
        let available = try count >> (level * TiledTree.height)
        guard start + width <= available else { return nil }
        return start..<start + width
    }

    public func members() throws -> [(name: String, certificate: String)] {
        try ledger.parties.names.map { ($0, certificates[$0] ?? "") }
    }

    public func constitution() throws -> String { Governance.rule }
}
