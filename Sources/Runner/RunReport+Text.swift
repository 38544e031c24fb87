import Foundation
import MPC
import Tables

extension RunReport {
    private static let flagsSchema = Schema([
        .init("account", .key), .init("flagged", .integer(0...1)),
    ])

    /// Writes `flags.csv`, `flags.json` and `report.json` into the party's folder, over those of an
    /// earlier run.
    public func write(into directory: PartyDirectory) throws(RunFailure) {
        let flagged = Set(answer.flagged)
        let table = Table(
            name: "flags", schema: Self.flagsSchema,
            columns: [
                .texts(TextColumn(answer.accounts)),
                .integers(answer.accounts.map { flagged.contains($0) ? 1 : 0 }),
            ])
        do {
            for format in Table.Format.allCases {
                try table.write(
                    to: directory.url.appending(path: "flags.\(format.rawValue)"), as: format,
                    overwriting: true)
            }
            try encodedJSON(self).write(
                to: directory.url.appending(path: "report.json"), options: .atomic)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    private var flags: String {
        let (flagged, all) = (answer.flagged.count, answer.accounts.count)
        guard !answer.isPrivate, program == ExposureProgram.name else {
            return
                "\(flagged) of \(all) accounts\(answer.isPrivate ? " held here" : "") are flagged"
        }
        return "\(flagged) accounts reached the threshold"
            + (answer.isCut ? ", and MORE that were not to be published" : "")
    }

    /// The last lines of a run.
    public var summary: String {
        let (total, making) = (costs.total, costs.preprocessing)
        return """
            \(party): \(flags); flags.csv has them
            \(security.summary)
            safe if: \(security.assumptions)
            randomness: \(randomness.summary)
            ledger: \(ledgerEntries) entries in \(ledgerFile)
            \(String(format: "%.2f", total.seconds)) s, \(total.rounds) rounds, \
            \(total.bytesSent) bytes in \(total.messagesSent) messages sent, \
            peak memory \(costs.peakMemory >> 20) MiB
            preprocessing \(making.bytesSent) bytes in \
            \(String(format: "%.2f", making.seconds)) s, the rest \
            \(total.bytesSent - making.bytesSent) bytes
            """
    }
}
