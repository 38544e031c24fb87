import Primitives

/// All cosigned checkpoints of an exported log as static files, beside those of C2SP's tlog-tiles.
///
/// `checkpoints/<N>`, N spelled as a tile's number, holds the notes of all checkpoints whose size is
/// from 256 N + 1 to 256 N + 256, ascending, each after its length in two big-endian bytes. Programs that
/// know C2SP's files alone pass them over. The last one grows with its log, as `checkpoint` does.
enum CheckpointFiles {
    static let folder = "checkpoints"
    static let maxBytes = TiledTree.width * (SignedNote.maxBytes + 2)

    /// The file that has a checkpoint of this size, at least 1.
    static func number(_ size: Int) -> Int { (size - 1) / TiledTree.width }

    static func path(_ number: Int) -> String { "\(folder)/\(TilePath.digits(of: number))" }

    /// Reads file `number`, from anybody; the notes' signatures are still to be verified.
    static func notes(
        of bytes: [UInt8], _ number: Int
    ) throws(LedgerError) -> [(size: Int, note: [UInt8])] {
        var (notes, last) = ([(size: Int, note: [UInt8])](), number * TiledTree.width)
        for note in try TilePath.entries(of: bytes) {
            let size = try Checkpoint(parsing: SignedNote(parsing: note).text).size
            guard size > last, Self.number(size) == number else {
                throw .malformed(
                    "\(path(number)) has a checkpoint of \(size) entries in a wrong place")
            }
            notes.append((size, note))
            last = size
        }
        return notes
    }
}
