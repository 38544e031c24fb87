import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

extension LedgerCommand {
    struct Propose: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a change of who keeps the ledger, or how.",
            discussion: """
                Examples: parley ledger propose --add bank-d/member.json …
                          parley ledger propose --remove bank-c …
                          parley ledger propose --keys bank-b-new/member.json …
                          parley ledger propose --policy 3 --faulty 1 …
                          parley ledger propose --sequencer bank-b …
                each with --roster roster.json --directory bank-a

                \(SharedLedger.governanceRule.replacingOccurrences(of: "\n", with: " "))
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The member.json of a party that is to come in.")
        var add: String?
        @Option(help: "The name of a party that is to leave.")
        var remove: String?
        @Option(help: "The member.json with a party's new keys.")
        var keys: String?
        @Option(help: "How many parties must cosign.")
        var policy: Int?
        @Option(help: "With --policy: how many cheating parties it must withstand.")
        var faulty = 1
        @Option(help: "The name of the party that is to order the entries.")
        var sequencer: String?

        func validate() throws {
            let given = [add, remove, keys, policy.map { "\($0)" }, sequencer].compactMap(\.self)
            guard given.count == 1 else {
                throw ValidationError(
                    "one of --add, --remove, --keys, --policy, --sequencer: a proposal is one thing"
                )
            }
        }

        func run() throws {
            let ledger = try member.ledger()
            let digest = try orFail { try ledger.propose(try action(ledger)) }
            member.report(digest, "the proposal, with this party's vote for it, is")
        }

        private func action(_ ledger: SharedLedger) throws -> Proposal.Action {
            if let add { return .addMember(try LedgerMember(RosterCommand.member(add))) }
            if let remove { return .removeMember(remove) }
            if let keys { return .setKeys(try LedgerMember(RosterCommand.member(keys))) }
            if let policy {
                return .setPolicy(
                    try LedgerPolicy(
                        needed: policy, faulty: faulty, of: ledger.parties.members.count))
            }
            return .setSequencer(sequencer ?? "")
        }
    }

    struct Vote: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Vote on an open proposal, or list the open ones.",
            discussion: """
                Examples: parley ledger vote --roster roster.json --directory bank-b
                          parley ledger vote 81ab… --approve --roster roster.json \\
                            --directory bank-b
                """)

        enum Choice: String, EnumerableFlag { case approve, reject }

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The proposal's digest; without it the open proposals are listed.")
        var proposal: String?
        @Flag(help: "This party's vote.")
        var choice: Choice?

        func run() throws {
            let ledger = try member.ledger()
            guard let proposal else {
                for open in try orFail({ try ledger.openProposals }) {
                    Console.print(
                        "\(open.digest.hex)  \(open.proposal.action.text), proposed by "
                            + "\(open.proposal.author); still to vote: "
                            + open.waitingFor.joined(separator: ", "))
                }
                return
            }
            guard let choice else {
                throw ValidationError("say --approve or --reject")
            }
            let digest = try orFail {
                try ledger.vote(on: try statementDigest(proposal), approves: choice == .approve)
            }
            member.report(digest, "the ballot is")
        }
    }

    struct Policy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the policy file that auditors and other tools need.",
            discussion: """
                Example: parley ledger policy --roster roster.json --directory bank-a \\
                           > policy.txt

                It names the keys of the membership now, in C2SP's tlog-policy format.
                """)

        @OptionGroup var member: LedgerMemberOptions

        func run() throws {
            let ledger = try member.ledger()
            FileHandle.standardOutput.write(
                Data(try orFail { try ledger.parties.policyText }.utf8))
        }
    }

    struct Prove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proof that an entry is in the ledger, and the entry.",
            discussion: """
                Example: parley ledger prove 17 --out entry-17 --roster roster.json \\
                           --directory bank-a

                Writes entry-17.tlog-proof and entry-17.json; `parley-audit proof` verifies them \
                without a ledger.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The entry's number.")
        var entry: Int
        @Option(help: "The beginning of the files' names.")
        var out: String

        func run() throws {
            let ledger = try member.ledger()
            let (proof, bytes) = try orFail {
                (try ledger.proof(at: entry), try ledger.entry(entry))
            }
            do {
                try AtomicFile.write(
                    proof.text, to: URL(filePath: out + ".tlog-proof"), overwriting: false)
                try AtomicFile.write(bytes, to: URL(filePath: out + ".json"), overwriting: false)
            } catch { throw RunFailure(.cannotCreate, "\(error)") }
            Console.print("\(out).tlog-proof, \(out).json: entry \(entry) of \(proof.size)")
        }
    }

    struct Evidence: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show contradicting signed checkpoints, if there are any.",
            discussion: """
                Example: parley ledger evidence --roster roster.json --directory bank-a

                Two checkpoints of one size with different roots, both signed: whoever signed both \
                cheated, or went back to an older copy.
                """)

        @OptionGroup var member: LedgerMemberOptions

        func run() throws {
            let evidence = try orFail { try member.ledger().evidence }
            for item in evidence {
                Console.print("of \(item.party):\n\(item.theirs)\nof this party:\n\(item.mine)")
            }
            Console.error(
                evidence.isEmpty
                    ? "no contradiction was ever seen"
                    : "\(counted(evidence.count, "contradiction")): each shows that its signers cheated, or that "
                        + "a ledger was put back to an older state")
        }
    }
}
