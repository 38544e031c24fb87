import Foundation
import Primitives

/// A folder in the layout of C2SP tlog-tiles: `checkpoint`, `tile/…`, `tile/entries/…`, and, if a party
/// exported it, ``CheckpointFiles`` and the genesis policy.
struct TileFolderSource: AuditSource {
    let hasAllCheckpoints: Bool
    let mustHold = true
    private let folder: URL
    private let note: [UInt8]
    private let size: Int
    private var position = 0

    init(_ folder: URL) throws(LedgerError) {
        self.folder = folder
        note = try Self.read(folder.appending(path: "checkpoint"), atMost: SignedNote.maxBytes)
        size = try Checkpoint(parsing: SignedNote(parsing: note).text).size
        hasAllCheckpoints = FileManager.default.fileExists(
            atPath: folder.appending(path: CheckpointFiles.folder).path)
    }

    private static func read(_ file: URL, atMost limit: Int) throws(LedgerError) -> [UInt8] {
        do { return try RegularFile.read(file, atMost: limit) } catch {
            throw .storage("\(error)")
        }
    }

    private func tile(_ level: Int?, _ number: Int, _ width: Int) throws(LedgerError) -> [UInt8] {
        try Self.read(
            folder.appending(path: TilePath.path(level, number: number, width: width)),
            atMost: TiledTree.width * (Entry.maxBytes + 2))
    }

    private func bundle(_ number: Int) throws(LedgerError) -> [[UInt8]] {
        let width = min(TiledTree.width, size - number * TiledTree.width)
        return try TilePath.entries(of: try tile(nil, number, width), count: width)
    }

    mutating func next(_ limit: Int) throws -> [FoundEntry] {
        var found: [FoundEntry] = []
        while position < size, found.count + TiledTree.width <= max(limit, TiledTree.width) {
            let entries = try bundle(position / TiledTree.width)
            found += entries.map { FoundEntry(bytes: $0) }
            position += entries.count
        }
        return found
    }

    func entry(at position: Int) throws -> [UInt8]? {
        guard (0..<size).contains(position) else { return nil }
        return try bundle(position / TiledTree.width)[position % TiledTree.width]
    }

    func checkpoints(_ sizes: Range<Int>) throws -> [(size: Int, note: [UInt8])] {
        guard hasAllCheckpoints else { return sizes.contains(size) ? [(size, note)] : [] }
        let range = sizes.clamped(to: 1..<size + 1)
        guard !range.isEmpty else { return [] }
        var found: [(size: Int, note: [UInt8])] = []
        for number in CheckpointFiles.number(
            range.lowerBound)...CheckpointFiles.number(range.upperBound - 1)
        {
            let bytes = try Self.read(
                folder.appending(path: CheckpointFiles.path(number)),
                atMost: CheckpointFiles.maxBytes)
            found += try CheckpointFiles.notes(of: bytes, number).filter { range.contains($0.size) }
        }
        if range.upperBound > size, found.last?.note != note {
            throw LedgerError.malformed("\(CheckpointFiles.folder)/ does not end with checkpoint")
        }
        return found
    }

    func prepared() -> PreparedBatch? { nil }

    func finish(_ rest: AuditedRest, _ report: inout LedgerReport) {
        let policy = folder.appending(path: "policy")
        if FileManager.default.fileExists(atPath: policy.path),
            (try? Self.read(policy, atMost: 1 << 16)) != rest.policy.map({ Array($0.utf8) })
        {
            report.find(nil, "policy is not that of the genesis")
        }
        let nodes = rest.nodes
        // Level 0 holds the leaf hashes, which the nodes of level 1 fix; partial tiles the rest.
        let roots = Dictionary(grouping: nodes, by: \.level)
        var (level, count) = (0, size)
        while count > 0 {
            for number in 0..<(count + TiledTree.width - 1) / TiledTree.width {
                let width = min(TiledTree.width, count - number * TiledTree.width)
                let path = TilePath.path(level, number: number, width: width)
                guard let bytes = try? tile(level, number, width),
                    let hashes = Self.hashes(bytes, count: width)
                else {
                    report.find(nil, "\(path) is missing or has a wrong length")
                    continue
                }
                if width == TiledTree.width {
                    let root = roots[level + 1]?.first { $0.number == number }?.hash
                    if root != MerkleTree.root(of: hashes) {
                        report.find(nil, "\(path) does not hold the hashes of the entries")
                    }
                } else if level > 0 {
                    let start = number * TiledTree.width
                    let known = (roots[level] ?? []).filter { $0.number >= start }
                        .sorted { $0.number < $1.number }.map(\.hash)
                    if known != hashes {
                        report.find(nil, "\(path) does not hold the hashes of the entries")
                    }
                } else if (try? bundle(number).map(MerkleTree.leafHash)) != hashes {
                    report.find(nil, "\(path) does not hold the hashes of the entries")
                }
            }
            count /= TiledTree.width
            level += 1
        }
    }

    private static func hashes(_ bytes: [UInt8], count: Int) -> [Digest]? {
        guard bytes.count == count * Digest.byteCount else { return nil }
        return (0..<count).compactMap {
            Digest(Array(bytes[$0 * Digest.byteCount..<($0 + 1) * Digest.byteCount]))
        }
    }
}
