public import Foundation
import Ledger
import MPC
import Primitives

extension RunReport {
    /// Writes `report.json` and `manifest.json` into the run's folder, where the answers are already.
    ///
    /// - Returns: the folder.
    @discardableResult
    public func write(into directory: PartyDirectory) throws(RunFailure) -> URL {
        guard let id = Digest(hex: session) else {
            throw RunFailure(.internal, "a session's name is not 64 hexadecimal digits")
        }
        let folder = directory.runFolder(of: id)
        do {
            try AtomicFile.write(
                Array(encodedJSON(manifest)), to: folder.appending(path: "manifest.json"),
                overwriting: true, mode: 0o644)
            try AtomicFile.write(
                Array(encodedJSON(self)), to: folder.appending(path: "report.json"),
                overwriting: true, mode: 0o600)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
        return folder
    }

    /// The report of the run that ended last.
    ///
    /// - Throws: ``RunFailure`` if no run has ended yet.
    public static func newest(in directory: PartyDirectory) throws(RunFailure) -> RunReport {
        let folder = directory.url.appending(path: "runs")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let reports = names.compactMap { name in
            (try? Data(contentsOf: folder.appending(path: "\(name)/report.json"))).flatMap {
                try? JSONDecoder().decode(RunReport.self, from: $0)
            }
        }
        guard let newest = reports.max(by: { $0.time < $1.time }) else {
            throw RunFailure(.badInput, "\(folder.path) has no run that came to its end")
        }
        return newest
    }

    /// The last lines of a run.
    public var summary: String {
        let (total, making) = (costs.total, costs.preprocessing)
        let learned =
            answers.isEmpty
            ? "nothing is revealed to this party"
            : answers.map { $0.text() }.joined(separator: "\n")
        return """
            \(party): \(script) version \(version), \(period), session \
            \(session.prefix(16))
            \(learned)
            \(security.summary)
            safe if: \(security.assumptions)
            randomness: \(randomness.summary)
            ledger: \(counted(ledgerEntries, "entry")) in \(ledgerFile)
            \(String(format: "%.2f", total.seconds)) s, \(total.rounds) rounds, \
            \(total.bytesSent) bytes in \(total.messagesSent) messages sent, \
            peak memory \(costs.peakMemory >> 20) MiB
            preprocessing \(making.bytesSent) bytes in \
            \(String(format: "%.2f", making.seconds)) s, the rest \
            \(total.bytesSent - making.bytesSent) bytes
            """
    }
}

extension ScriptAnswer {
    /// As in "reveal-1".
    public var fileName: String { name.replacing(" ", with: "-") }
}

extension SharedLedger {
    /// Appends what this party learned to its ledger table `reveals`: one row each, as JSON.
    func keep(
        _ answers: [ScriptAnswer], of script: AgreedScript, session: Digest
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var rows: [[String]] = []
        for answer in answers {
            for row in answer.rows {
                let cells = Dictionary(zip(answer.columns, row)) { first, _ in first }
                let json = String(decoding: try encoder.encode(cells), as: UTF8.self)
                rows.append([script.title, answer.name, json])
            }
        }
        try keepResults(
            rows, columns: ["script", "reveal", "row"], in: "reveals", session: session)
    }
}
