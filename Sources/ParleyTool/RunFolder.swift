import Foundation
import Ledger
import Networking
import Primitives
import Reports
import Runner
import Script

/// What a party's folder and ledger have of one run, for pages about it.
struct RunFolder {
    let session: Digest
    let party: PartyDirectory
    let record: RunRecord
    /// The script's canonical text.
    let script: String
    private let flow: FlowPicture

    /// - Parameter text: the session, or its first 8 digits or more.
    /// - Throws: ``RunFailure`` if there is no such run, or its files do not fit one another.
    init(_ text: String, of party: PartyDirectory) throws(RunFailure) {
        let session = try party.session(text)
        let folder = party.runFolder(of: session)
        let reportFile = folder.appending(path: "report.json")
        let scriptFile = folder.appending(path: "script.parley")
        guard let report = try? Data(contentsOf: reportFile),
            let record = try? RunRecord(parsing: Array(report))
        else {
            throw RunFailure(
                .badInput, "\(reportFile.path) is no report of a run: a run that ended has one")
        }
        guard let bytes = try? Data(contentsOf: scriptFile),
            SHA256.hash(Array(bytes)).hex == record.scriptHash, record.session == session.hex
        else {
            throw RunFailure(
                .badInput,
                "\(scriptFile.path) is not the script that \(reportFile.path) tells of; take both "
                    + "from a backup")
        }
        (self.session, self.party, self.record) = (session, party, record)
        script = String(decoding: bytes, as: UTF8.self)
        flow = try Self.flow(script, record)
    }

    private static func flow(_ text: String, _ record: RunRecord) throws(RunFailure) -> FlowPicture
    {
        let source = SourceText(name: "script.parley", text)
        let limit = try? RingChoice(record.ring)?.numberLimit
        let checked = Checker.check(
            source,
            parameters: try ScriptParameters.parse(
                source, period: record.period, choices: record.choices), limit: limit ?? 0)
        guard let script = checked.script else {
            throw RunFailure(
                .badInput, "the script of \(record.session.prefix(16)) is refused by this version")
        }
        return FlowPicture(of: script)
    }

    /// A page's contents: for the party's own people with its answers, for a dossier without.
    func document(inDossier: Bool, _ ledger: RunLedger) -> RunDocument {
        record.document(
            withAnswers: !inDossier, flow: flow, record: ledger.proof(inDossier: inDossier),
            signatures: ledger.signatures)
    }
}
