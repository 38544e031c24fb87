public import Foundation
import Primitives

extension SharedLedger {
    /// Writes the log as static files in the layout of C2SP tlog-tiles, with the genesis policy.
    ///
    /// `checkpoint`, `tile/<level>/<number>`, `tile/entries/<number>`; beside them all earlier
    /// checkpoints as `checkpoints/<number>` (see `CheckpointFiles`), and `policy`. A web server can serve the
    /// folder as it is, an auditor needs nothing else, and ``LedgerRebuild`` makes a party's copy from it;
    /// contents of notes are not in it.
    ///
    /// - Parameter folder: must not exist yet.
    public func export(to folder: URL) throws(LedgerError) {
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw .storage("\(folder.path) exists; choose another name")
        }
        guard let newest = try replica.store.newest() else {
            throw .malformed("the ledger is empty")
        }
        func write(_ path: String, _ bytes: [UInt8]) throws(LedgerError) {
            let file = folder.appending(path: path)
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            } catch { throw .storage("\(file.path) cannot be written; check the disk") }
        }
        var (level, count) = (0, newest.size)
        while count > 0 {
            for number in 0..<(count + TiledTree.width - 1) / TiledTree.width {
                let width = min(TiledTree.width, count - number * TiledTree.width)
                let start = number * TiledTree.width
                let hashes =
                    level == 0
                    ? try replica.store.leafHashes(start..<start + width)
                    : try replica.store.nodes(level: level, start..<start + width)
                try write(
                    TilePath.path(level, number: number, width: width), hashes.flatMap(\.bytes))
                guard level == 0 else { continue }
                let entries = try replica.store.entries(start..<start + width)
                try write(
                    TilePath.path(nil, number: number, width: width),
                    TilePath.bundle(entries.map(\.bytes)))
            }
            count /= TiledTree.width
            level += 1
        }
        for number in 0...CheckpointFiles.number(newest.size) {
            let first = number * TiledTree.width + 1
            let notes = try replica.store.checkpoints(from: first, limit: TiledTree.width).filter {
                CheckpointFiles.number($0.size) == number && $0.size <= newest.size
            }
            try write(CheckpointFiles.path(number), TilePath.bundle(notes.map(\.note)))
        }
        guard case .genesis(let genesis) = try Replica.entry(at: 0, of: replica.store).statement
        else { throw .storage("the ledger is damaged: it does not begin with its genesis") }
        try write("policy", Array(try genesis.parties.policyText.utf8))
        try write("checkpoint", newest.note)
    }
}
