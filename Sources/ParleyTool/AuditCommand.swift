import ArgumentParser
import Foundation
import Networking
import Primitives
import Runner

/// `parley audit`: what a party opens to an auditor, and what the auditor does with it.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Open rows or a whole run to an auditor, and check what was opened.",
        discussion: """
            A party: open one row, or bundle what replays its part of a run. An auditor, with the \
            roster and anybody's copy of the ledger: check-row, replay, cross-check. Exit code 81 if \
            something is not what the party committed to.

            A party's own ledger.sqlite has a table of what the party learned, too: hand on what \
            `parley ledger export` and `parley ledger rebuild` make of it instead.

            None of it proves that a party's tables are true.
            """,
        subcommands: [
            OpenRow.self, CheckRow.self, Bundle.self, Replay.self, CrossCheckCommand.self,
        ])

    /// The roster and ledger that an auditor trusts.
    struct Evidence: ParsableArguments {
        @Option(help: "The auditor's own copy of the roster.")
        var roster: String
        @Option(help: "Anybody's copy of the ledger; verify it with `parley ledger verify`.")
        var ledger: String

        func loaded() throws -> Roster { try RosterCommand.load(roster) }
        var ledgerFile: URL { URL(filePath: ledger) }
    }
}

extension LedgerMemberOptions {
    /// What this member's ledger has of a run.
    fileprivate func entries(_ session: String) throws -> RunEntries {
        try RunEntries(
            session: session, in: folder.ledgerFile, roster: try RosterCommand.load(roster))
    }
}

extension AuditCommand {
    struct OpenRow: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open", abstract: "Open one row of a table that a run committed to.",
            discussion: """
                Example: parley audit open --row 7 --table transfers --session 5f0c19a2 \\
                           --roster roster.json --directory bank-a --out row-7.json

                Shows that row and its place, and nothing of any other.
                """)

        @OptionGroup var own: LedgerMemberOptions
        @Option(help: "The row's number in the table, from 1.")
        var row: Int
        @Option(help: "The table's name; with =SOURCE if the table was moved.")
        var table: String
        @Option(help: "The session, or its first 8 digits or more.")
        var session: String
        @Option(help: "Where to write the opening; standard output if not given.")
        var out: String?

        func run() throws {
            let entries = try own.entries(session)
            let parts = table.split(separator: "=", maxSplits: 1).map(String.init)
            let opening = try RowOpening(
                row: row, table: parts.first ?? "",
                source: parts.count == 2 ? parts[1] : nil, entries: entries,
                roster: try RosterCommand.load(own.roster), directory: own.folder)
            let json = try encodedJSON(opening)
            guard let out else { return Console.print(String(decoding: json, as: UTF8.self)) }
            do {
                try AtomicFile.write(
                    Array(json), to: URL(filePath: out), overwriting: false, mode: 0o600)
            } catch {
                throw RunFailure(.cannotCreate, "\(error)")
            }
        }
    }

    struct CheckRow: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check-row", abstract: "Check an opened row against the ledger.",
            discussion: """
                Example: parley audit check-row row-7.json --roster roster.json \\
                           --ledger ledger.sqlite

                Proves that this row was in the table that the party committed to before the run, \
                at this place. Not that it is true.
                """)

        @OptionGroup var evidence: Evidence
        @Argument(help: "What `parley audit open` wrote.")
        var file: String

        func run() throws {
            let opening = try RowOpening.read(URL(filePath: file))
            let entries = try RunEntries(
                session: opening.session.hex, in: evidence.ledgerFile, roster: evidence.loaded())
            try opening.check(entries)
            Console.print(
                "row \(opening.row) of \(opening.rows) in \(opening.table) of \(opening.party), "
                    + "session \(opening.session.hex.prefix(16))…: \(opening.line)")
        }
    }

    struct Bundle: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Collect what lets an auditor replay this party's part of a run.",
            discussion: """
                Example: parley audit bundle 5f0c19a2 --roster roster.json --directory bank-a \\
                           --out for-the-auditor

                It discloses the party's tables and everything that it saw in the run. With the \
                bundles of more parties than the protocol's threshold, an auditor can compute all \
                parties' inputs. With --summary-only it discloses only numbers and sizes of frames.
                """)

        @OptionGroup var own: LedgerMemberOptions
        @Argument(help: "The session, or its first 8 digits or more.")
        var session: String
        @Option(help: "A new folder.")
        var out: String
        @Flag(help: "Only the summary, for a cross-check.")
        var summaryOnly = false

        func run() throws {
            let bundle = AuditBundle(URL(filePath: out))
            let disclosed = try bundle.collect(
                session: try own.entries(session), from: own.folder, summaryOnly: summaryOnly)
            Console.print("\(out) discloses:")
            for line in disclosed { Console.print("  \(line)") }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run one party's part of a run again, from what it opened, and compare.",
            discussion: """
                Example: parley audit replay for-the-auditor --roster roster.json \\
                           --ledger ledger.sqlite

                Exit code 0 if everything is equal, 81 if something differs: the first difference \
                is named. Equality proves that the party followed the program on the tables that it \
                committed to; not that those are true.
                """)

        @OptionGroup var evidence: Evidence
        @Argument(help: "The folder that `parley audit bundle` made.")
        var bundle: String
        @Option(help: "Threads for vectors; the verdict does not depend on it.")
        var threads = 1
        @Flag(help: "The verdict as JSON instead of text.")
        var json = false

        func validate() throws {
            guard (1...64).contains(threads) else { throw ValidationError("--threads is 1 to 64") }
        }

        func run() throws {
            let verdict = try ReplayAudit(
                bundle: URL(filePath: bundle), roster: evidence.loaded(),
                ledger: evidence.ledgerFile, threads: threads
            ).run()
            Console.print(
                json ? String(decoding: try encodedJSON(verdict), as: UTF8.self) : verdict.text)
            guard verdict.isFaithful else {
                throw RunFailure(.auditDiffers, "the replay differs from what was committed to")
            }
        }
    }

    struct CrossCheckCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cross-check",
            abstract: "Compare what parties say they sent with what others received.",
            discussion: """
                Example: parley audit cross-check from-bank-a from-bank-b from-bank-c \\
                           --roster roster.json --ledger ledger.sqlite

                Summaries are enough (`parley audit bundle --summary-only`). With those of all \
                parties, and a replay of each, the whole run is checked; a dealer keeps none.

                Exit code 0 if every line is equal, 81 if one differs, 82 if none differs but some are \
                unchecked: a summary that no outcome binds, frames on their way when a run was aborted.
                """)

        @OptionGroup var evidence: Evidence
        @Argument(help: "Folders of two parties or more.")
        var bundles: [String]
        @Flag(help: "The findings as JSON instead of text.")
        var json = false

        func run() throws {
            let check = try CrossCheck(
                bundles: bundles.map { URL(filePath: $0) }, roster: evidence.loaded(),
                ledger: evidence.ledgerFile)
            Console.print(
                json ? String(decoding: try encodedJSON(check.lines), as: UTF8.self) : check.text)
            guard check.holds else {
                throw RunFailure(.auditDiffers, "the parties' transcripts differ")
            }
            guard check.uncheckedCount == 0 else {
                throw RunFailure(
                    .auditIncomplete,
                    "\(check.uncheckedCount) of \(counted(check.lines.count, "line")) could not be checked"
                )
            }
        }
    }
}
