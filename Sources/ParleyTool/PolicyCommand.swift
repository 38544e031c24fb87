import Approval
import ArgumentParser
import Foundation
import Runner
import Script

/// `parley policy`: what a party's data may be used for.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check a script against a party's standing policy, or draft one.",
        subcommands: [Check.self, Draft.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what of a script a party's policy.yaml does not allow.",
            discussion: """
                Example: parley policy check exposure.parley --directory bank-a --party bank-a

                Each refusal has its path from the column to the recipient and the lines that would \
                allow exactly this. Exit code 78 if there is one.
                """)

        @OptionGroup var file: ScriptFile
        @Option(help: "The party's own folder, with policy.yaml.")
        var directory: String
        @Option(help: "The party's name.")
        var party: String

        func run() throws {
            let script = try file.signable(for: party)
            let folder = PartyDirectory(URL(filePath: directory))
            guard let policy = try folder.policy() else {
                throw RunFailure(
                    .badInput,
                    "there is no \(folder.policyFile.path); write one with `parley policy draft`")
            }
            let refusals = policy.refusals(of: script, for: party)
            guard refusals.isEmpty else {
                throw RunFailure(.refused, "the policy does not allow it\n\(refusals.text)")
            }
            Console.print("\(party)'s policy allows \(file.script)")
        }
    }

    struct Draft: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the smallest policy that allows a script, for a person to read.",
            discussion: """
                Example: parley policy draft exposure.parley --party bank-a > bank-a/policy.yaml

                It says what the script needs, not what is right: read it line by line.
                """)

        @OptionGroup var file: ScriptFile
        @Option(help: "The party's name.")
        var party: String

        func run() throws {
            let script = try file.signable(for: party)
            Console.print(String(Policy.draft(for: script, party: party).dropLast()))
        }
    }
}

extension ScriptFile {
    /// The script as roles sign it, if a party takes part in it.
    fileprivate func signable(for party: String) throws(RunFailure) -> SignableScript {
        let signable = try SignableScript(source(), over: ringChoice)
        let names = signable.checked.parties.map(\.name)
        guard names.contains(party) else {
            throw RunFailure(
                .badInput,
                "\(script) has no party \(party); it has \(names.joined(separator: ", "))")
        }
        return signable
    }
}
