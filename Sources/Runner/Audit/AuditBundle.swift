public import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Script
import Tables

/// What one party opens to an auditor about one run, in a folder of its own.
///
/// `script.parley` and `run.json` (the plan), the tables as CSV, `seed` (64 hexadecimal digits), `transcript`, and
/// `summary.json`, which alone shows nothing of the run's content. Roster and ledger are not in it: an
/// auditor has them from elsewhere.
public struct AuditBundle: Sendable {
    public let folder: URL

    public init(_ folder: URL) { self.folder = folder }

    private func file(_ name: String) -> URL { folder.appending(path: name) }

    /// Refuses a folder that holds anything but regular files and `commitments/` of such.
    func check() throws(RunFailure) {
        do { try RegularFile.checkFolder(folder, subfolders: ["commitments"]) } catch {
            throw RunFailure(.badInput, "\(error)")
        }
    }

    func plan() throws(RunFailure) -> RunPlan { try RunPlan.read(file("run.json")) }

    func seed() throws(RunFailure) -> SecretBytes { try SecretBytes(hexFile: file("seed")) }

    func transcript(_ seed: SecretBytes) throws(FileError) -> TranscriptReader {
        try TranscriptReader(file("transcript"), key: RunRandomness.transcriptKey(seed))
    }

    func summary() throws(RunFailure) -> PartySummary {
        try PartySummary.read(file("summary.json"))
    }

    /// Collects what `directory` has of a session.
    ///
    /// - Parameters:
    ///   - summaryOnly: nothing but the summary, for a cross-check that opens no content.
    /// - Returns: what the folder now discloses, a line each.
    public func collect(
        session: RunEntries, from directory: PartyDirectory, summaryOnly: Bool
    ) throws(RunFailure) -> [String] {
        let id = session.session
        guard FileManager.default.fileExists(atPath: directory.transcriptFile(of: id).path) else {
            throw RunFailure(
                .badInput,
                "\(directory.url.path) has no transcript of session \(id.hex.prefix(16)); it was not "
                    + "kept, or its time is over")
        }
        let plan = try RunPlan.read(directory.planFile(of: id))
        let seed = try SecretBytes(hexFile: directory.seedFile(of: id))
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let reader = try TranscriptReader(
                directory.transcriptFile(of: id), key: RunRandomness.transcriptKey(seed))
            let parties = session.intent.participants.parties
            let peers = parties.indices.map { Participant.party(Party($0)) }
                .filter { $0 != .party(Party(reader.header.party)) }
            let summary = PartySummary(
                session: id, party: plan.party,
                summary: try reader.summarized(
                    peers: peers + (session.intent.participants.dealer == nil ? [] : [.dealer])))
            try write(encodedJSON(summary), "summary.json")
            guard !summaryOnly else { return ["summary.json: how many frames of what size passed"] }
            return try collectContent(plan, seed, from: directory)
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    private func collectContent(
        _ plan: RunPlan, _ seed: SecretBytes, from directory: PartyDirectory
    ) throws -> [String] {
        let script = try AgreedScript(plan, in: directory)
        let tables = try script.tables(of: plan.party).map { brought in
            (brought.committedName, try brought.table(of: plan))
        }
        for (name, table) in tables {
            try write(Data(table.encoded(as: .csv)), "\(name).csv")
            if let earlier = plan.rerunOf {
                try PartyDirectory(folder).saveCommitmentSecret(
                    SecretBytes(
                        hexFile: directory.commitmentSecretFile(table: name, session: earlier)),
                    table: name, session: earlier)
            }
        }
        var opened = plan
        opened.tables = plan.tables.mapValues { _ in "" }
        try write(Data(script.text.utf8), "script.parley")
        try write(encodedJSON(opened), "run.json")
        try write(Data((seed.copyBytes().hex + "\n").utf8), "seed")
        try copy(directory.transcriptFile(of: plan.session), "transcript")
        return [
            "\(tables.map { "\($0.0).csv" }.joined(separator: ", ")): every row, of the columns that "
                + "the script names",
            "seed and transcript: all that \(plan.party) knew in the run, its shares of the other "
                + "parties' inputs and the results that it received. Who gets this of more parties than "
                + "the protocol's threshold can compute the inputs of all",
            "script.parley, run.json, summary.json: the script and its parameters; how many frames of "
                + "what size passed",
        ]
    }

    /// Readable by the owner only; whoever hands it on decides who else may.
    private func write(_ data: Data, _ name: String) throws(FileError) {
        try AtomicFile.write(Array(data), to: file(name), overwriting: false, mode: 0o600)
    }

    private func copy(_ source: URL, _ name: String) throws(RunFailure) {
        do { try FileManager.default.copyItem(at: source, to: file(name)) } catch {
            throw RunFailure(.cannotCreate, "\(file(name).path): \(error.localizedDescription)")
        }
    }
}

extension AgreedScript {
    /// The script of a run that this folder took part in.
    init(_ plan: RunPlan, in directory: PartyDirectory) throws(RunFailure) {
        guard let ring = RingChoice(plan.ring) else {
            throw RunFailure(.badInput, "the run's plan names no ring")
        }
        try self.init(
            directory.scriptFile(of: plan.session), period: plan.period, choices: plan.choices,
            over: ring)
    }

    /// What a party brings; nothing if it takes no part.
    func tables(of party: String) -> [BroughtTable] {
        checked.parties.first { $0.name == party }?.party.map(checked.brought(by:)) ?? []
    }
}

extension BroughtTable {
    /// The table as the run read it, from where that was.
    func table(of plan: RunPlan) throws(RunFailure) -> Table {
        guard let text = plan.tables[committedName] else {
            throw RunFailure(.badInput, "the run's plan does not say where \(committedName) was")
        }
        do { return try read(from: [committedName: ScriptSource(text)]) } catch {
            throw RunFailure(
                .badInput,
                "the table \(committedName) is not where the run read it; put it back: \(error)")
        }
    }
}
