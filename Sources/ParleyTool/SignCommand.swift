import Approval
import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner
import Script

/// `parley sign`: a role approves a script.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Approve a script as a role of a party, or take an approval back.",
        discussion: """
            Examples: parley sign exposure.parley --role compliance --roster roster.json \\
                        --directory bank-a --until 2027-06-30
                      parley sign exposure.parley --role compliance --roster roster.json \\
                        --directory bank-a --withdraw

            Shows the disclosure manifest and asks. Signed are the script's text, the manifest, the \
            library's version, protocol, ring and roster: any change of them needs a new signature. \
            The signature goes into the ledger with the party's next run.
            """)

    @Argument(help: "The script: a .parley file in canonical form.")
    var script: String
    @Option(help: "The role, as in the roster.")
    var role: String
    @Option(help: "The roster that all members agreed on.")
    var roster: String
    @Option(help: "The party's own folder.")
    var directory: String
    @Option(help: "The role's key; roles/ROLE.key in the folder if none is named.")
    var key: String?
    @Option(name: .customLong("protocol"), help: "The protocol that it is to run with.")
    var `protocol`: ProtocolChoice?
    @Option(help: "The ring: z64, z128, p62, p126 or prime:BITS; the protocol's own if none.")
    var ring: String?
    @Option(help: "The last day on which the approval holds, as 2027-06-30.")
    var until: String?
    @Flag(help: "Take the approval back.")
    var withdraw = false
    @Flag(help: "Do not ask.")
    var yes = false

    func validate() throws {
        guard ring.map({ RingChoice($0) != nil }) ?? true else {
            throw ValidationError(
                "--ring is z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits")
        }
        guard until.map({ ScriptPeriod.parse($0)?.unit == .day }) ?? true else {
            throw ValidationError("--until is a day like 2027-06-30")
        }
    }

    func run() throws {
        let roster = try RosterCommand.load(roster)
        let folder = PartyDirectory(URL(filePath: directory))
        let member = roster.parties[try folder.seat(in: roster).index]
        let key = try key(of: member, folder)
        let asked = try AgreedScript.protocolChoice(of: URL(filePath: self.script))
        let choice = try ProtocolChoice.chosen(
            named: `protocol` ?? asked?.choice, security: nil, for: roster,
            computing: asked?.computing)
        let ring = ring.flatMap(RingChoice.init) ?? choice.defaultRing
        let script = try SignableScript(ScriptFile.read(script), over: ring)
        if !withdraw {
            let standing = ScriptClearance.standing(
                script, of: member.name, try folder.policy(), roster.roleDemands)
            guard standing.refusal.isEmpty else {
                throw RunFailure(
                    .refused,
                    "\(member.name)'s policy does not allow the script\n\(standing.refusal)")
            }
        }
        let subject = script.subject(
            protocol: choice.rawValue, ring: ring.description, roster: roster.digest)
        try confirm(script, subject, member.name)
        // Of several statements the latest counts, whatever the clock says.
        let earlier = try folder.approvals().filter { $0.role == role }.map(\.time).max() ?? 0
        let approval = try orFail {
            try RoleApproval(
                author: member.name, role: role, subject: subject,
                verdict: withdraw ? .withdrawn : .approved, until: withdraw ? nil : until,
                time: max(SystemClock().wallSeconds, earlier + 1), key: key)
        }
        let file = try folder.save(approval)
        Console.print(
            "\(withdraw ? "withdrawn" : "signed") as \(member.name)'s \(role): \(file.path)\n"
                + "it goes into the ledger with \(member.name)'s next run")
    }

    /// The role's key, which must be the one in the roster.
    private func key(
        of member: Roster.Member, _ folder: PartyDirectory
    ) throws(RunFailure) -> SigningKey {
        guard let listed = member.roles.first(where: { $0.name == role }) else {
            let known = member.roles.map(\.name).joined(separator: ", ")
            throw RunFailure(
                .badInput,
                "\(member.name) has no role \(role) in the roster; it has "
                    + (known.isEmpty ? "none: make its card with `parley init --role`" : known))
        }
        let file = key.map { URL(filePath: $0) } ?? folder.roleKeyFile(role)
        let key = try PartyDirectory.roleKey(in: file)
        guard key.publicKey == listed.key else {
            throw RunFailure(
                .badInput, "\(file.path) is not the key of \(role) that the roster has")
        }
        return key
    }

    /// Shows what is signed, and asks a person.
    private func confirm(
        _ script: SignableScript, _ subject: ApprovalSubject, _ party: String
    ) throws(RunFailure) {
        Console.print(
            script.manifest.text
                + """

                Text \(subject.text.hex)
                Manifest \(subject.manifest.hex)
                To run with \(subject.protocol) over \(subject.ring), library \(subject.library)
                Roster \(subject.roster.hex)

                """)
        guard !yes else { return }
        guard isatty(0) == 1 else {
            throw RunFailure(
                .usage, "nobody can be asked here: read the manifest and add --yes to sign")
        }
        Console.error(
            "Type yes to \(withdraw ? "withdraw" : "sign") as \(party)'s \(role): ")
        guard readLine() == "yes" else { throw RunFailure(.refused, "not signed") }
    }
}
