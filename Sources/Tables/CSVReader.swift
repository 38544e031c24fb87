public import Foundation
import Primitives

/// Reads typed tables from CSV text as RFC 4180 describes it, in UTF-8, with a header row.
///
/// Columns are matched by name; columns that the schema does not name are ignored. Lines end in LF
/// or CR LF; a byte-order mark and blank lines at the end are allowed. Every mistake in the file is
/// found in one pass (``TableError``).
///
/// It is our own because the kept library, SwiftCSV 0.10.0, needs 9.1 s and 540 MB for 1,000,000
/// transfers (77 MB of text), against the 2 s and three times the columns' size that a bank's month
/// calls for: it makes a string of every cell. Here the file is read a chunk at a time and each cell
/// goes from the chunk straight into its column: the same file takes 0.5 to 0.7 s and 92 MB, of
/// which the columns are 73 MB.
public enum CSVReader {
    /// The longest record, in bytes: a longer one is taken for a quote that is never closed.
    static let maxRecordBytes = 1 << 20
    /// The largest file, in bytes, so that offsets into text columns fit in 32 bits.
    static let maxFileBytes = UInt64(UInt32.max)
    private static let chunkBytes = 1 << 20

    /// Reads a file.
    ///
    /// - Parameter allowsNoRows: whether a header alone is a table.
    /// - Throws: ``TableError`` with everything that is wrong with it.
    public static func read(
        file: URL, schema: Schema, allowsNoRows: Bool = false
    ) throws(TableError) -> Table {
        let name = file.lastPathComponent
        func failure(_ message: String) -> TableError { TableError(file: name, [.init(message)]) }
        let handle: FileHandle
        let size: UInt64
        do {
            handle = try RegularFile.open(file)
            size = try handle.seekToEnd()
            try handle.seek(toOffset: 0)
        } catch {
            throw failure("cannot be read; check the path and its permissions: \(file.path)")
        }
        defer { try? handle.close() }
        guard size <= maxFileBytes else { throw failure("is larger than 4 GiB; split it") }
        var reading = CSVReading(
            name: name, schema: schema, expectedBytes: Int(size), allowsNoRows: allowsNoRows)
        while true {
            let chunk: Data?
            do { chunk = try handle.read(upToCount: chunkBytes) } catch {
                throw failure(
                    "reading stopped midway; check the disk: \(error.localizedDescription)")
            }
            guard let chunk, !chunk.isEmpty else { break }
            guard reading.consume(chunk) else { break }
        }
        return try reading.finish()
    }

    /// Reads CSV text in memory, handed over `chunkBytes` bytes at a time.
    package static func read(
        _ bytes: [UInt8], name: String, schema: Schema, chunkBytes: Int = CSVReader.chunkBytes,
        allowsNoRows: Bool = false
    ) throws(TableError) -> Table {
        var reading = CSVReading(
            name: name, schema: schema, expectedBytes: bytes.count, allowsNoRows: allowsNoRows)
        for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
            let chunk = bytes[start..<min(start + chunkBytes, bytes.count)]
            guard reading.consume(chunk) else { break }
        }
        return try reading.finish()
    }
}
