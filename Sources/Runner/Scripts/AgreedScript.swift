public import Approval
public import Foundation
import Ledger
import MPC
public import Primitives
public import Script

/// A script as parties run it: the canonical text that they signed, checked for one period and one
/// choice of its parameters.
public struct AgreedScript: Sendable {
    /// The canonical text.
    public let text: String
    public let checked: CheckedScript
    /// What roles sign, whatever the period and the choices.
    public let signable: SignableScript
    /// In which the run is counted, as in "2026-11".
    public let period: String
    /// `NAME=VALUE` of every choice that the script leaves.
    public let choices: [String]

    /// The longest text, in bytes.
    static let byteLimit = 1 << 20

    /// - Parameters:
    ///   - period: the current one if nil.
    ///   - choices: `NAME=VALUE`, one for each choice that is not the first of its values.
    /// - Throws: ``RunFailure`` with every mistake, or if the text is not canonical.
    public init(
        _ source: SourceText, period: String?, choices: [String], over ring: RingChoice
    ) throws(RunFailure) {
        guard source.bytes.count <= Self.byteLimit else {
            throw RunFailure(.badInput, "\(source.name) is longer than \(Self.byteLimit) bytes")
        }
        signable = try SignableScript(source, over: ring)
        let parameters = try ScriptParameters.parse(source, period: period, choices: choices)
        let limit: Int128
        do { limit = try ring.numberLimit } catch { throw RunFailure(.usage, "\(error)") }
        let (script, mistakes) = Checker.check(source, parameters: parameters, limit: limit)
        guard let script else {
            throw RunFailure(
                .badInput, mistakes.map { $0.text(in: source) }.joined(separator: "\n"))
        }
        (text, checked) = (String(decoding: source.bytes, as: UTF8.self), script)
        let first = parameters.period?.lowerBound ?? ScriptParameters.today
        self.period = ScriptPeriod.text(script.runs.per, of: first)
        self.choices = script.choices.map { "\($0.name)=\($0.values[$0.chosen])" }
    }

    public init(
        _ file: URL, period: String?, choices: [String], over ring: RingChoice
    ) throws(RunFailure) {
        try self.init(
            try Self.source(file), period: period, choices: choices, over: ring)
    }

    /// A file that anybody may have written, no further than a text may go.
    static func source(_ file: URL) throws(RunFailure) -> SourceText {
        do {
            return SourceText(
                name: file.relativePath, bytes: try RegularFile.read(file, atMost: byteLimit))
        } catch {
            throw RunFailure(.badInput, "\(error)")
        }
    }

    /// The protocol that a script's security asks for, and how many parties compute; nil if the file
    /// cannot be read as a script, which its check tells.
    public static func protocolChoice(of file: URL) throws(RunFailure) -> (
        choice: ProtocolChoice, computing: Int
    )? {
        guard let source = try? source(file) else { return nil }
        // Ranges are for the ring that is chosen with the protocol: any will do.
        guard let limit = try? RingChoice.p126.numberLimit else { return nil }
        return Checker.check(source, limit: limit).script.map {
            ($0.protocolChoice, $0.program.computing)
        }
    }

    /// Of the canonical text.
    public var hash: Digest { signable.text }

    /// As people call it.
    public var title: String { "\(checked.name) version \(checked.version)" }

    /// How many of the parties compute, which come first.
    var computing: Int { checked.program.computing }

    func isClient(_ party: Party) -> Bool { checked.program.isClient(party) }

    /// The parties in order: first those that compute.
    ///
    /// - Throws: ``RunFailure`` unless they are the roster's parties, in its order.
    func checkParties(_ names: [String]) throws(RunFailure) {
        guard names == checked.program.parties else {
            throw RunFailure(
                .badInput,
                "\(title) is for the parties \(checked.program.parties.joined(separator: ", ")), in "
                    + "this order, but the roster has \(names.joined(separator: ", ")); write "
                    + "another roster, or another script")
        }
    }

    /// - Throws: ``RunFailure`` if the protocol is not safe against whom the script names.
    func check(_ choice: ProtocolChoice) throws(RunFailure) {
        let (security, count) = (checked.security, checked.computingParties.count)
        guard choice.threshold(of: count) >= security.corrupt else {
            throw RunFailure(
                .refused,
                "\(title) is to be safe against \(security.corrupt) of \(security.of) parties, and "
                    + "\(choice) is safe against \(choice.threshold(of: count)); use --protocol "
                    + "additive-ot")
        }
    }

    /// What the parties are about to do, for those who must approve it.
    func run(_ seat: Seat, repeating earlier: Digest?) -> ScriptRun {
        ScriptRun(
            self, by: seat.protocolChoice, over: seat.ring, roster: seat.roster, rerun: earlier,
            today: ScriptParameters.today)
    }

    /// What all parties compare of the program when they prepare for it, and when they run it.
    var terms: [(name: String, value: String)] {
        [
            ("library", LibraryVersion.current), ("script", title), ("script's hash", hash.hex),
            ("period", period),
        ]
            + parameters.map { ($0.name, $0.value) }
    }

    /// The value of every choice, as intents have it.
    var parameters: [Intent.Threshold] {
        checked.choices.map { .init(name: "choice \($0.name)", value: $0.values[$0.chosen]) }
    }

    /// The tables that a party commits to, in order: name and the most rows that it may have.
    func committed(by party: Party) -> [(name: String, bound: Int)] {
        checked.brought(by: party).map { ($0.committedName, $0.bound) }
    }
}
