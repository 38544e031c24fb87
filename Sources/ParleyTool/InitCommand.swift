import ArgumentParser
import Foundation
import Networking
import Runner

/// `parley init`: a member's identity.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make this member's identity: TLS key, signing key and public card.",
        discussion: """
            Examples: parley init --name bank-a --host 10.0.0.5 --port 7101 --directory bank-a
                      parley init --name bank-a --port 7101 --directory bank-a \\
                        --role compliance --role owner

            The folder's identity/ stays here and is never overwritten; member.json is public and \
            goes to whoever writes the roster. Where members have roles, a script runs only if \
            every role of every party has signed it: hand each roles/NAME.key to its officer.
            """)

    @Option(help: "1 to 63 characters of a-z, 0-9, dot and hyphen.")
    var name: String
    @Option(help: "The host name or address at which the others reach this member.")
    var host = "127.0.0.1"
    @Option(help: "The port at which this member listens.")
    var port: Int
    @Option(
        help: "The port at which this member's node listens for the others' nodes, if it has one.")
    var ledgerPort: Int?
    @Option(
        name: .customLong("role"),
        help: "A role that must sign scripts before they run, as compliance; may be repeated.")
    var roles: [String] = []
    @Option(help: "This member's own folder.")
    var directory: String
    @Option(help: "How long the certificate is valid, in days.")
    var days = 365

    func validate() throws {
        guard ([port] + [ledgerPort].compactMap(\.self)).allSatisfy((1...65535).contains) else {
            throw ValidationError("a port is 1 to 65535")
        }
        guard roles.count <= Role.mostPerMember, Set(roles).count == roles.count,
            roles.allSatisfy(Role.isName)
        else {
            throw ValidationError(
                "--role is 1 to 32 characters of a-z, 0-9 and hyphen; at most 8 different ones")
        }
        guard (1...3650).contains(days) else { throw ValidationError("1 to 3650 days") }
    }

    func run() throws {
        let directory = PartyDirectory(URL(filePath: directory))
        _ = try directory.createIdentity(
            name: name, host: host, port: port, ledgerPort: ledgerPort, roles: roles, days: days)
        Console.print(
            "identity made; give \(directory.memberFile.path) to whoever writes the roster")
        for role in roles {
            Console.print(
                "hand \(directory.roleKeyFile(role).path) to the officer of \(role): who has it "
                    + "signs as that role")
        }
    }
}
