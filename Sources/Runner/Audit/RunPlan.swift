package import Foundation
import MPC
import Networking
package import Primitives

/// What one party was asked to run: with its script, tables, seed and transcript enough to run it
/// again.
///
/// Kept beside the script, and in a bundle for an auditor. It claims nothing that counts: all of it is
/// compared with the intent that all signed.
package struct RunPlan: Codable, Hashable, Sendable {
    package static let format = "parley-run/2"
    /// The largest file that is read as one, in bytes.
    private static let byteLimit = 1 << 16

    package var format = RunPlan.format
    package var session: Digest
    package var party: String
    package var protocolName: String
    package var ring: String
    package var period: String
    /// `NAME=VALUE` each.
    package var choices: [String]
    package var rerunOf: Digest?
    /// Whether it drew on randomness from an earlier session.
    package var isPrepared: Bool
    /// Where the party's tables were, by the names under which it committed to them; nowhere in a
    /// bundle, which has them as `NAME.csv`.
    package var tables: [String: String]

    init(_ options: RunOptions, _ script: AgreedScript, session: Digest, party: String) {
        (self.session, self.party) = (session, party)
        (protocolName, ring) = (options.protocolChoice.rawValue, options.ring.description)
        (period, choices) = (script.period, script.choices)
        rerunOf = options.repeated
        isPrepared = options.preparation != nil
        tables = [:]
        for brought in script.tables(of: party) {
            tables[brought.committedName] =
                (options.tables[brought.committedName] ?? options.tables[brought.source])?.text
        }
    }

    /// The options with which the run is run again, with everything in `folder`.
    ///
    /// Anybody may have written the plan: whatever cannot be run is an error.
    func options(roster: Roster, in folder: URL) throws(RunFailure) -> RunOptions {
        guard format == Self.format, let choice = ProtocolChoice(rawValue: protocolName),
            let ring = RingChoice(ring), tables.keys.allSatisfy(Self.isName)
        else { throw RunFailure(.badInput, "run.json names no run that this program can run") }
        var seat = Seat(
            roster: roster, directory: PartyDirectory(folder), protocolChoice: choice, ring: ring)
        seat.threads = 1
        var files: [String: ScriptSource] = [:]
        for name in tables.keys { files[name] = .csv(folder.appending(path: "\(name).csv")) }
        var options = RunOptions(
            seat, script: folder.appending(path: "script.parley"),
            tables: files)
        (options.period, options.choices) = (period, choices)
        options.repeated = rerunOf
        return options
    }

    /// Whether a table may be called so, which makes it a name of a file.
    private static func isName(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: " "):
                    true
                default: false
                }
            }
    }

    package static func read(_ file: URL) throws(RunFailure) -> RunPlan {
        guard let bytes = try? RegularFile.read(file, atMost: byteLimit),
            let plan = try? JSONDecoder().decode(RunPlan.self, from: Data(bytes))
        else { throw RunFailure(.badInput, "\(file.path) is no plan of a run") }
        return plan
    }
}
