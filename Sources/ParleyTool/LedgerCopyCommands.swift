import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

// Copies of the ledger for others, for elsewhere, and back again.
extension LedgerCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the log as a folder of tiles, with its checkpoints and policy.",
            discussion: """
                Example: parley ledger export tiles --roster roster.json --directory bank-a

                The layout is C2SP's tlog-tiles: any web server can serve it, and any auditor \
                verify it; beside it are all earlier checkpoints, so that `parley ledger rebuild` makes a \
                member's ledger from it. Texts of notes and files are not in it.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The folder to make.")
        var folder: String

        func run() throws {
            let ledger = try member.ledger()
            try orFail { try ledger.export(to: URL(filePath: folder)) }
            Console.print("\(folder): \(try ledger.count) entries")
        }
    }

    struct Rebuild: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make this member's ledger anew from another copy of it.",
            discussion: """
                Example: parley ledger rebuild --from tiles --roster roster.json --directory bank-b

                The copy is a folder that `parley ledger export` wrote, a download of it, or another \
                party's ledger.sqlite. All of it is verified; a ledger that is there is never \
                overwritten. Texts are in no export: those for all or for this member come with \
                another party's ledger.sqlite, those that this member alone had are lost. Statements \
                that were not in the ledger yet are lost too.

                Do this while the others can be reached, and `parley ledger sync` at once: a member \
                that forgot what it cosigned last must not cosign anything else in its place.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The folder or file to make it from.")
        var from: String

        func run() throws {
            let roster = try RosterCommand.load(member.roster)
            let directory = member.folder
            var shown = ContinuousClock.now
            let result = try orFail {
                try LedgerRebuild(
                    parties: LedgerParties(roster), me: directory.seat(in: roster),
                    keys: directory.ledgerKeys()
                ).rebuild(directory.ledgerFile, from: URL(filePath: from)) { done, count in
                    guard done == count || ContinuousClock.now - shown > .seconds(2) else { return }
                    shown = .now
                    Console.error("\(done) of \(count) entries")
                }
            }
            Console.print(
                "\(directory.ledgerFile.path): \(counted(result.entries, "entry")) under "
                    + "\(counted(result.checkpoints, "checkpoint")), all verified\nnow: `parley ledger sync`, all members at the same time"
            )
        }
    }

    struct Checkpoint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the newest checkpoint that all cosigned, to be kept elsewhere.",
            discussion: """
                Example: parley ledger checkpoint --out 2026-11-23.txt --roster roster.json \
                           --directory bank-a

                `parley ledger verify --checkpoint` and `parley-audit ledger --checkpoint` then find a \
                ledger that was put back to an older state, or replaced.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The file to write; standard output without it.")
        var out: String?

        func run() throws {
            guard let note = try orFail({ try member.ledger().cosignedCheckpoint }) else {
                throw RunFailure(.refused, "the ledger is empty: it has no checkpoint yet")
            }
            guard let out else {
                FileHandle.standardOutput.write(Data(note))
                return
            }
            do { try AtomicFile.write(note, to: URL(filePath: out), overwriting: false) } catch {
                throw RunFailure(.cannotCreate, "\(error)")
            }
        }
    }
}
