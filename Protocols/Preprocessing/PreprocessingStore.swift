public import Algebra
public import Foundation
public import MPC
public import Primitives

/// Correlated randomness that was made in an earlier session and is on disk until it is used, once.
///
/// Files, encrypted and authenticated: `manifest`, what the store is for and holds; `KIND.NUMBER`,
/// the randomness; `cursor`, how much of each kind is spent. *Burn before use*: the cursor is
/// advanced and on the disk before the first byte is read, so that a process that is killed at any
/// point has lost what it had reserved, and never uses it twice. Spent files are erased.
///
/// What this cannot see: a restored backup of the whole folder is a valid older state. It is
/// harmless as long as one other party kept its own cursor, since all advance to the largest; if
/// every party restores, the same masks are used again. Never restore preparations: make new ones.
public final class PreprocessingStore<R: Ring> {
    private let ring: R
    private let folder: StoreFolder
    private let manifest: StoreManifest
    private let party: Party
    private let owner: [UInt8]
    /// Lanes or items that are spent, by the kinds' names.
    private var spent: [String: Int]
    /// The file of each kind that was read last.
    private var chunks: [String: (number: Int, batch: CorrelationBatch<R>)] = [:]
    /// Told of each step; a test ends the process there.
    private let reached: (StoreStep) -> Void

    /// Opens a store for this process alone.
    ///
    /// - Throws: ``StoreError`` if there is none, if it is for another roster, ring, protocol or
    ///   party, in use, damaged, or spent beyond what its files say.
    public convenience init(
        opening url: URL, over ring: R, for binding: StoreBinding,
        randomness: any RandomSource = SystemRandomness()
    ) throws(StoreError) {
        try self.init(opening: url, over: ring, for: binding, randomness: randomness) { _ in }
    }

    package init(
        opening url: URL, over ring: R, for binding: StoreBinding,
        randomness: any RandomSource = SystemRandomness(), reached: @escaping (StoreStep) -> Void
    ) throws(StoreError) {
        let folder = try StoreFolder.open(url, randomness: randomness)
        guard folder.holds(StoreFile.manifest) else {
            throw StoreError("the preparation in \(url.path) was not finished; prepare anew")
        }
        let text = try folder.read(StoreFile.manifest, of: [])
        guard let manifest = try? JSONDecoder().decode(StoreManifest.self, from: Data(text)),
            manifest.version == StoreManifest.currentVersion
        else { throw StoreError("\(url.path) is of another version of this program") }
        if let difference = manifest.binding.difference(from: binding) {
            throw StoreError("\(url.path) cannot be used: \(difference)")
        }
        let owner = manifest.digest.bytes
        let positions = try folder.read(StoreFile.cursor, of: owner)
        guard let spent = try? JSONDecoder().decode([String: Int].self, from: Data(positions)),
            Set(spent.keys) == Set(manifest.amounts.keys)
        else { throw StoreError("the cursor in \(url.path) is damaged; prepare anew") }
        (self.ring, self.folder, self.manifest) = (ring, folder, manifest)
        (self.owner, self.spent, self.reached) = (owner, spent, reached)
        party = Party(binding.party)
        try checkFiles()
    }

    deinit { for name in chunks.keys { chunks[name]?.batch.wipe() } }

    /// The preparation's identifier, the same at all parties.
    public var preparation: String { manifest.preparation }

    /// Whether nothing is left of any kind.
    public var isSpent: Bool {
        manifest.amounts.allSatisfy { spent[$0.key] == $0.value.count }
    }

    /// Every file from the cursor on must be there: erased files show that the cursor was set back.
    private func checkFiles() throws(StoreError) {
        for (name, amount) in manifest.amounts.sorted(by: { $0.key < $1.key }) {
            let end = (amount.count + amount.chunk - 1) / amount.chunk
            let first = spent[name] == amount.count ? end : (spent[name] ?? 0) / amount.chunk
            for number in 0..<end {
                let file = StoreFile.chunk(name, number)
                guard number >= first else {
                    // Spent, but the process ended before this was erased.
                    if folder.holds(file) { folder.erase(file) }
                    continue
                }
                guard folder.holds(file) else {
                    throw StoreError(
                        "the preparation's \(file) is missing although the cursor says it is not "
                            + "spent: an older cursor was put back, or files were removed; "
                            + "prepare anew")
                }
            }
        }
    }
}

/// The names of a store's files.
enum StoreFile {
    static let manifest = "manifest"
    static let cursor = "cursor"
    static func chunk(_ kind: String, _ number: Int) -> String { "\(kind).\(number)" }
}

/// What a store does in turn when it hands something out.
package enum StoreStep: Hashable, Sendable {
    case cursorAdvancing, cursorAdvanced, chunkRead, chunkErased
}

// MARK: - Spending

extension PreprocessingStore {
    /// Lanes or items that are left.
    package func left(_ kind: CorrelationKind) -> Int {
        (manifest.amounts[kind.name]?.count ?? 0) - (spent[kind.name] ?? 0)
    }

    /// The next lanes or items of several kinds, in pieces: they are burnt first, at once.
    ///
    /// - Precondition: not more than is ``left(_:)``; whole words of lanes.
    package func draw(_ amounts: [(kind: CorrelationKind, count: Int)]) throws(StoreError)
        -> [(kind: CorrelationKind, batch: CorrelationBatch<R>)]
    {
        let amounts = amounts.filter { $0.count > 0 }
        guard !amounts.isEmpty else { return [] }
        let before = spent
        var after = spent
        for (kind, count) in amounts {
            precondition(count <= left(kind), "more \(kind.name) than are left")
            after[kind.name, default: 0] += count
        }
        // 1. Burn.
        try advance(to: after)
        // 2. Read.
        var batches: [(kind: CorrelationKind, batch: CorrelationBatch<R>)] = []
        for (kind, count) in amounts {
            let start = before[kind.name] ?? 0
            for batch in try read(kind, start..<start + count) { batches.append((kind, batch)) }
        }
        // 3. Erase.
        for (kind, _) in amounts { eraseSpent(kind.name, from: before[kind.name] ?? 0) }
        return batches
    }

    /// Puts new positions on the disk.
    private func advance(to positions: [String: Int]) throws(StoreError) {
        reached(.cursorAdvancing)
        try folder.writeCursor(positions, of: owner)
        spent = positions
        reached(.cursorAdvanced)
    }

    private func read(_ kind: CorrelationKind, _ range: Range<Int>) throws(StoreError)
        -> [CorrelationBatch<R>]
    {
        guard let amount = manifest.amounts[kind.name] else { return [] }
        var batches: [CorrelationBatch<R>] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let number = position / amount.chunk
            let start = number * amount.chunk
            let end = min(start + amount.chunk, amount.count, range.upperBound)
            let chunk = try load(kind, number, count: min(amount.chunk, amount.count - start))
            batches.append(chunk.slice(position - start..<end - start))
            position = end
        }
        return batches
    }

    /// The file's contents, read once however often it is cut.
    private func load(_ kind: CorrelationKind, _ number: Int, count: Int) throws(StoreError)
        -> CorrelationBatch<R>
    {
        let name = kind.name
        if let last = chunks[name], last.number == number { return last.batch }
        let layout = CorrelationLayout(
            kind, count: count, over: ring, blockBits: manifest.blockBits, party: party)
        let file = StoreFile.chunk(name, number)
        guard
            let batch = CorrelationBatch(
                plain: try folder.read(file, of: owner), layout: layout, over: ring)
        else { throw StoreError("the preparation's \(file) has another size; prepare anew") }
        chunks[name] = (number, batch)
        reached(.chunkRead)
        return batch
    }

    private func eraseSpent(_ name: String, from start: Int) {
        guard let chunk = manifest.amounts[name]?.chunk, let end = spent[name] else { return }
        let isAll = end == manifest.amounts[name]?.count
        for number in start / chunk..<(isAll ? (end + chunk - 1) / chunk : end / chunk) {
            folder.erase(StoreFile.chunk(name, number))
            if chunks[name]?.number == number { chunks[name] = nil }
            reached(.chunkErased)
        }
    }
}

// MARK: - Agreement

extension PreprocessingStore {
    /// Compares preparation and cursors with all parties, before anything secret is sent.
    ///
    /// After a crash cursors may differ: all advance to the largest. One round, two from three
    /// parties on.
    ///
    /// - Returns: the kinds of which this party gave something up, with how much, for people.
    /// - Throws: ``MPCError/disagreement(field:values:)`` if the parties have different preparations.
    public func agree(with session: Session) throws(MPCError) -> [String] {
        let names = manifest.amounts.keys.sorted()
        var mine: [UInt8] = []
        mine.append(lengthPrefixed: preparation)
        let head = mine.count
        for name in names { mine.append(littleEndian: UInt64(spent[name] ?? 0)) }
        let all = try session.broadcast(mine, atMost: 1 << 16)
        try session.verifyBroadcasts()
        guard all.allSatisfy({ $0.prefix(head) == mine.prefix(head) }) else {
            throw .disagreement(
                field: "preparation",
                values: all.enumerated().map { index, message in
                    Disagreement(
                        participant: .party(Party(index)),
                        value: message.dropFirst(4).prefix(64).map {
                            (0x20..<0x7F).contains($0)
                                ? String(UnicodeScalar($0)) : "?"
                        }.joined())
                })
        }
        var largest = spent
        for (index, message) in all.enumerated() {
            guard let positions = littleEndianWords(message[head...]),
                positions.count == names.count,
                zip(names, positions).allSatisfy({
                    $1 <= UInt64(manifest.amounts[$0]?.count ?? 0)
                })
            else {
                throw .cheating(
                    .malformedMessage(step: "the preparation's cursors"), by: Party(index))
            }
            for (name, position) in zip(names, positions) {
                largest[name] = max(largest[name] ?? 0, Int(position))
            }
        }
        guard largest != spent else { return [] }
        let before = spent
        do { try advance(to: largest) } catch { throw .preprocessingStore(error.description) }
        return names.compactMap { name in
            let (old, new) = (before[name] ?? 0, spent[name] ?? 0)
            eraseSpent(name, from: old)
            return new > old ? "\(new - old) \(name)" : nil
        }
    }
}

extension StoreFolder {
    func writeCursor(_ positions: [String: Int], of owner: [UInt8]) throws(StoreError) {
        try write(StoreFile.cursor, of: owner, try storedJSON(positions))
    }
}

/// A store's own records, with sorted keys.
func storedJSON(_ value: some Encodable) throws(StoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    do { return Array(try encoder.encode(value)) } catch {
        throw StoreError("a record cannot be encoded: \(error)")
    }
}
