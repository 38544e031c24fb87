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
            let learns = report.answer.isPrivate ? "those of its own accounts" : "the flags"
            lines.append(
                "  \(pad(report.party))holds \(Console.grouped(report.ownTransfers)) transfers that "
                    + "nobody else sees; learns \(learns)")
        }
        if let dealer = first.security.dealer {
            lines.append("  \(pad(dealer))holds nothing, learns nothing; deals random numbers")
        }
        lines += [
            "",
            "THE RULE, known to all: \(whichAccounts), flag those that received",
            "  at least \(Console.money(first.thresholdCents)) in total over all banks, through at "
                + "least \(first.minimumBanks) banks",
            "",
        ]
        lines += answers
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
        lines += [
            "NOT HIDDEN",
            "  who takes part and when, the numbers of rows and accounts of each bank, the rule"
                + (isWatchlist ? ", the watch-list" : ""),
            "",
            "THE LEDGER, \(ledgers[0].entries) entries that all \(reports.count) banks signed; "
                + "every bank's copy verifies",
        ]
        for report in reports { lines.append("  \(report.ledgerFile)") }
        return lines.joined(separator: "\n")
    }

    private var whichAccounts: String {
        let first = reports[0]
        return isWatchlist
            ? "of \(Console.grouped(first.answer.accounts.count)) watched accounts"
            : "of the accounts that each bank holds"
    }

    private var isWatchlist: Bool {
        reports[0].program.hasPrefix(JobChoice.Name.watchlist.rawValue)
    }

    private var answers: [String] {
        let first = reports[0]
        func some(_ report: RunReport) -> String {
            report.answer.flagged.prefix(6).joined(separator: ", ")
                + (report.answer.flagged.count > 6
                    ? ", … (\(folder.url.lastPathComponent)/\(report.party)/flags.csv)" : "")
        }
        guard first.answer.isPrivate else {
            // Published accounts have a name only where it is known, so that lists differ.
            let isSame = reports.allSatisfy {
                isWatchlist
                    ? $0.answer.flagged == first.answer.flagged
                    : $0.answer.flagged.count == first.answer.flagged.count
            }
            let count =
                "\(first.answer.flagged.count) accounts are flagged"
                + (first.answer.isCut ? ", and there are more" : "")
            return [
                "THE ANSWER, the same at every bank: "
                    + (isSame ? count : "THE BANKS' ANSWERS DIFFER"),
                "  \(some(first))",
            ]
        }
        return ["THE ANSWERS, each known to one bank alone"]
            + reports.map {
                "  \(pad($0.party))\($0.answer.flagged.count) of "
                    + "\(Console.grouped($0.answer.accounts.count)) accounts: \(some($0))"
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
        return lines + [line, ""]
    }
}
