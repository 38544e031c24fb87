import Foundation
import Ledger
import MPC
import Runner

/// What the demo shows at its end; every figure comes from the run.
struct DemoScreen {
    let reports: [RunReport]
    let folder: DemoFolder
    let ledgers: [LedgerReport]

    var text: String {
        let first = reports[0]
        var lines = ["", "WHO HOLDS WHAT, WHO LEARNS WHAT"]
        for report in reports {
            lines.append(
                "  \(pad(report.party))holds \(Console.grouped(report.ownTransfers)) transfers that "
                    + "nobody else sees; learns the flags")
        }
        lines.append("  \(pad(first.dealer))holds nothing, learns nothing; deals random numbers")
        lines += [
            "",
            "THE RULE, known to all: of \(Console.grouped(first.accountNames.count)) watched accounts, "
                + "flag those that received",
            "  at least \(Console.money(first.thresholdCents)) in total over all banks, through at "
                + "least \(first.minimumBanks) banks",
            "",
            "THE ANSWER, the same at every bank: \(agreement)",
            "  \(first.flagged.prefix(6).joined(separator: ", "))"
                + (first.flagged.count > 6
                    ? ", … (all in \(folder.url.lastPathComponent)/\(first.party)/flags.csv)" : ""),
            "",
            "THE COST, over \(first.ring), \(first.protocolName)",
            "  \(pad("party"))   seconds  rounds   sent      messages  peak memory",
        ]
        for report in reports {
            let total = report.costs.total
            lines.append(
                "  \(pad(report.party))" + column(String(format: "%.2f", total.seconds), 10)
                    + column("\(total.rounds)", 8) + column(Console.bytes(total.bytesSent), 10)
                    + column("\(total.messagesSent)", 11)
                    + column("\(report.costs.peakMemory >> 20) MiB", 12))
        }
        lines += ["", "SAFE UNDER THIS ASSUMPTION"] + wrap(first.assumption)
        lines += [
            "NOT HIDDEN",
            "  who takes part and when, the number of rows of each bank, the watch-list, the rule",
            "",
            "THE LEDGER, \(ledgers[0].entries) entries that all \(reports.count) banks signed; "
                + "every bank's copy verifies",
        ]
        for report in reports { lines.append("  \(report.ledgerFile)") }
        return lines.joined(separator: "\n")
    }

    private var agreement: String {
        let first = reports[0]
        return reports.allSatisfy { $0.flagged == first.flagged }
            ? "\(first.flagged.count) accounts are flagged" : "THE BANKS' ANSWERS DIFFER"
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
        return lines + [line, ""]
    }
}
