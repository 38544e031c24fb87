import Analytics
import Applications
package import Foundation
package import Primitives
package import Script
package import Tables

/// Made-up tables for every party of a script, from the script's own columns and ranges.
///
/// They pass ``ScriptInputs``, tables that are prepared too. A third of the keys of a domain are those
/// of all parties, the others of one party each; a few keys have many rows. Numbers are spread over
/// the orders of magnitude of their range, so that small ones are many and large ones few. Integers
/// alone: a seed gives the same bytes everywhere.
package struct SampleRows {
    /// In the order of parties, then of their tables.
    package let tables: [(party: String, name: String, table: Table)]

    /// - Parameters:
    ///   - rows: of each table of a party, or its bound if that is smaller.
    /// - Throws: ``RunFailure`` if no rows were found that the script takes.
    package init(_ script: CheckedScript, rows: Int, seed: UInt64) throws(RunFailure) {
        // A preparation may make more rows, or larger numbers, than its table takes: then fewer rows
        // of smaller numbers.
        var found: Result<[(party: String, name: String, table: Table)], RunFailure> = .failure(
            RunFailure(.internal, "no rows were made up"))
        for attempt in 0..<Self.attempts {
            do throws(RunFailure) {
                found = .success(try Self.tables(script, rows, seed, attempt))
                break
            } catch {
                found = .failure(error)
            }
        }
        do { tables = try found.get() } catch {
            throw RunFailure(
                .badInput,
                "no rows could be made up that \(script.name) takes; the last ones failed:\n"
                    + error.description)
        }
    }

    private static let attempts = 16

    private static func tables(
        _ script: CheckedScript, _ rows: Int, _ seed: UInt64, _ attempt: Int
    ) throws(RunFailure) -> [(party: String, name: String, table: Table)] {
        var tables: [(party: String, name: String, table: Table)] = []
        for member in script.parties {
            guard let party = member.party else { continue }
            let brought = script.brought(by: party)
            var own: [String: Table] = [:]
            for table in brought where own[table.source] == nil {
                // Different files of different parties.
                let name = Array("\(seed)/\(member.name)/\(table.source)".utf8)
                let generator = SampleGenerator(
                    seed: SHA256.hash(name).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
                var sample = SampleTable(
                    script, party: party, rows: rows, attempt: attempt, generator)
                let made = sample.make(brought.filter { $0.source == table.source })
                own[table.source] = made
                tables.append((member.name, table.source, made))
            }
            _ = try ScriptInputs(script, me: party) { brought throws(TableError) in
                try CSVReader.read(
                    own[brought.source]?.encoded(as: .csv) ?? [], name: brought.source,
                    schema: Schema(brought.read), allowsNoRows: true)
            }
        }
        return tables
    }

    /// Writes `PARTY/TABLE.csv` for all into a folder, which is made if it is not there.
    ///
    /// - Returns: the files.
    package func write(
        to folder: URL, overwriting: Bool = false
    ) throws(FileError) -> [URL] {
        var files: [URL] = []
        for (party, name, table) in tables {
            let own = folder.appending(path: party)
            do {
                try FileManager.default.createDirectory(
                    at: own, withIntermediateDirectories: true)
            } catch {
                throw FileError(description: "\(own.path) cannot be made; check the folder")
            }
            files.append(own.appending(path: "\(name).csv"))
            try table.write(to: files[files.count - 1], as: .csv, overwriting: overwriting)
        }
        return files
    }
}
