import ArgumentParser
import Foundation
import Networking
import Primitives
import Runner

/// `parley roster`: who takes part.
struct RosterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster",
        abstract: "Write the roster from members' public cards; every member gets the same file.",
        discussion: """
            Example: parley roster --party a/member.json --party b/member.json --party \
            c/member.json --dealer d/member.json --out roster.json

            Compare the printed digest by another way than the network (telephone, meeting): who \
            can change the roster can pretend to be a member.
            """)

    @Option(name: .customLong("party"), help: "A party's member.json; give all in order.")
    var parties: [String]
    @Option(help: "The dealer's member.json.")
    var dealer: String?
    @Option(help: "The file to write.")
    var out: String

    func run() throws {
        let roster: Roster
        do {
            roster = try Roster(
                parties: try parties.map(Self.member), dealer: try dealer.map(Self.member))
        } catch let error as RosterError {
            throw RunFailure(.badInput, "\(error)")
        }
        do {
            try AtomicFile.write(
                Array(roster.text.utf8), to: URL(filePath: out), overwriting: false)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
        Console.print("\(out): \(roster.parties.count) parties, digest \(roster.digest.hex)")
    }

    static func member(_ path: String) throws(RunFailure) -> Roster.Member {
        do {
            return try JSONDecoder().decode(
                Roster.Member.self, from: try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw RunFailure(
                .badInput, "\(path) is no member's card: \(error); make one with `parley init`")
        }
    }

    /// Reads a roster's file.
    static func load(_ path: String) throws(RunFailure) -> Roster {
        guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
            throw RunFailure(.badInput, "\(path) cannot be read; write it with `parley roster`")
        }
        do {
            return try Roster(text: text)
        } catch {
            throw RunFailure(.badInput, "\(path): \(error)")
        }
    }
}
