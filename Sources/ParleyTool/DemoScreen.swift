import Foundation
import Ledger
import MPC
import Primitives
import Runner
import Script

/// What the demo shows at its end; every figure comes from the run.
struct DemoScreen {
    let reports: [RunReport]
    let folder: DemoFolder
    let ledgers: [LedgerReport]

    var text: String {
        let first = reports[0]
        var lines = ["", "THE SCRIPT, known to all: \(first.script) version \(first.version)"]
        lines += wrap(first.manifest.purpose) + ["", "WHO HOLDS WHAT, seen by nobody else"]
        for report in reports {
            let tables = report.tables.map { "\(Console.grouped($0.rows)) rows of \($0.name)" }
            lines.append(
                "  \(pad(report.party))"
                    + (tables.isEmpty
                        ? "nothing; it only computes" : tables.joined(separator: ", ")))
        }
        if let dealer = first.security.dealer {
            lines.append("  \(pad(dealer))nothing, and learns nothing; deals random numbers")
        }
        lines += ["", "WHO LEARNS WHAT, as the script's manifest says"]
        for item in first.manifest.items {
            lines += wrap(
                item.recipients.joined(separator: ", ") + ": " + item.learns.joined(separator: " "))
        }
        lines += ["", "THE ANSWERS, each known to its party alone"] + answers
        lines += [
            "",
            "THE COST, over \(first.ring): \(first.security.title)",
            "  \(pad("party"))   seconds  rounds   sent      of it preprocessing  peak memory",
        ]
        for report in reports {
            let total = report.costs.total
            lines.append(
                "  \(pad(report.party))" + column(String(format: "%.2f", total.seconds), 10)
                    + column("\(total.rounds)", 8) + column(Console.bytes(total.bytesSent), 10)
                    + column(Console.bytes(report.costs.preprocessing.bytesSent), 20)
                    + column("\(report.costs.peakMemory >> 20) MiB", 13))
        }
        lines += ["", "SAFE UNDER THIS ASSUMPTION"] + wrap(first.security.assumptions)
        lines += ["", "NOT HIDDEN"] + wrap(first.manifest.everybodyKnows.joined(separator: "; "))
        lines += [
            "",
            "THE LEDGER, \(ledgers[0].entries) entries that all \(reports.count) parties signed; "
                + "every party's copy verifies",
        ]
        for report in reports { lines.append("  \(report.ledgerFile)") }
        return lines.joined(separator: "\n")
    }

    private var answers: [String] {
        reports.flatMap { report in
            guard !report.answers.isEmpty else { return ["  \(pad(report.party))learns nothing"] }
            return report.answers.map { answer in
                let some = answer.rows.prefix(6).map { $0.joined(separator: " ") }
                let path = "runs/…/\(answer.fileName).csv"
                return "  \(pad(report.party))\(answer.name): "
                    + (answer.isSuppressed
                        ? "held back: more rows than the script reveals"
                        : answer.holds.map { $0 ? "the check holds" : "the check does not hold" }
                            ?? "\(counted(answer.rows.count, "row"))" + (some.isEmpty ? "" : ": ")
                            + some.joined(separator: ", ")
                            + (answer.rows.count > 6 ? ", … (\(path))" : ""))
            }
        }
    }

    private func pad(_ name: String) -> String {
        name.padding(toLength: max(8, name.count + 1), withPad: " ", startingAt: 0)
    }

    private func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private func wrap(_ text: String) -> [String] {
        var lines: [String] = []
        var line = " "
        for word in text.split(separator: " ") {
            if line.count + word.count > 90 {
                lines.append(line)
                line = " "
            }
            line += " \(word)"
        }
        return lines + [line]
    }
}
