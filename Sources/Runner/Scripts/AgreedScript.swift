public import Foundation
public import Primitives
public import Script

/// A script as parties run it: the canonical text that they signed, checked for one period and one
/// choice of its parameters.
public struct AgreedScript: Sendable {
    /// The canonical text.
    public let text: String
    public let checked: CheckedScript
    /// As in "2026-11"; nil if the script's runs are not counted by a period.
    public let period: String?
    /// `NAME=VALUE` of every choice that the script leaves.
    public let choices: [String]

    /// The longest text, in bytes.
    static let byteLimit = 1 << 20

    /// - Parameters:
    ///   - period: the current one if nil.
    ///   - choices: `NAME=VALUE`, one for each choice that is not the first of its values.
    ///   - today: in days since 2000-01-01.
    /// - Throws: ``RunFailure`` with every mistake, or if the text is not canonical.
    public init(
        _ source: SourceText, period: String?, choices: [String], over ring: RingChoice
    ) throws(RunFailure) {
        guard source.bytes.count <= Self.byteLimit else {
            throw RunFailure(.badInput, "\(source.name) is longer than \(Self.byteLimit) bytes")
        }
        let limit: Int128
        do { limit = try ring.numberLimit } catch { throw RunFailure(.usage, "\(error)") }
        let today = ScriptParameters.today
        let (script, mistakes) = Checker.check(
            source,
            parameters: try ScriptParameters.parse(
                source, period: period, choices: choices, today: today), limit: limit)
        guard let script, let syntax = Parser.parse(source).0 else {
            throw RunFailure(
                .badInput,
                mistakes.map { $0.text(in: source) }.joined(separator: "\n")
                    + "\n\(mistakes.count) mistakes")
        }
        let text = Formatter.format(syntax)
        guard Array(text.utf8) == source.bytes else {
            throw RunFailure(
                .badInput,
                "\(source.name) is not in canonical form, in which scripts are signed; run `parley "
                    + "format --in-place \(source.name)`")
        }
        (self.text, checked) = (text, script)
        self.period = (syntax.header.period?.unit ?? syntax.header.runs?.per).map {
            period ?? ScriptPeriod.text($0, of: today)
        }
        self.choices = script.choices.map { "\($0.name)=\($0.values[$0.chosen])" }
    }

    public init(
        _ file: URL, period: String?, choices: [String], over ring: RingChoice
    ) throws(RunFailure) {
        let bytes: Data
        do { bytes = try Data(contentsOf: file) } catch {
            throw RunFailure(.badInput, "\(file.path): cannot be read; check the path")
        }
        try self.init(
            SourceText(name: file.relativePath, bytes: Array(bytes)), period: period,
            choices: choices, over: ring)
    }

    /// The protocol that a script's security asks for; nil if the file cannot be read as a script,
    /// which its check tells.
    public static func protocolChoice(of file: URL) throws(RunFailure) -> ProtocolChoice? {
        guard let bytes = try? Data(contentsOf: file), bytes.count <= byteLimit else { return nil }
        let source = SourceText(name: file.relativePath, bytes: Array(bytes))
        // Over the widest numbers: ranges are for the ring that is chosen with the protocol.
        return Checker.check(source, limit: .max).script?.protocolChoice
    }

    /// Of the canonical text.
    public var hash: Digest { SHA256.hash(Array(text.utf8)) }

    /// As people call it.
    public var title: String { "\(checked.name) version \(checked.version)" }

    /// The parties in order: those that compute.
    ///
    /// - Throws: ``RunFailure`` unless they are the roster's parties, in its order.
    func checkParties(_ names: [String]) throws(RunFailure) {
        guard names == checked.computingParties else {
            throw RunFailure(
                .badInput,
                "\(title) is for the parties \(checked.computingParties.joined(separator: ", ")), in "
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

    /// What all parties compare and sign of the parameters.
    var parameters: [(name: String, value: String)] {
        choices.map { choice in
            let parts = choice.split(separator: "=", maxSplits: 1).map(String.init)
            return ("choice \(parts[0])", parts.count == 2 ? parts[1] : "")
        }
    }
}
