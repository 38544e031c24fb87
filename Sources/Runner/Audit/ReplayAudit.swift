import Algebra
import Approval
public import Foundation
import Ledger
import MPC
public import Networking
import Primitives
import Script

/// Runs one party's part of a run again, from what that party opens, and compares.
///
/// A run is a function of the program, the tables, the seed, the received frames and the readings of
/// the clock. The party's commitments to tables and seed were in the intent before any share left it,
/// and its transcript's digest is in the outcome. So a party whose transcript says what it really sent
/// and received, and that deviated, cannot open anything under which the replay is equal; whether the
/// transcript says so is for ``CrossCheck`` to find, with the others'.
///
/// - Important: Equality never proves that the tables are true, nor that the seed was drawn at random.
public struct ReplayAudit {
    private let bundle: AuditBundle
    private let roster: Roster
    private let ledger: URL
    private let threads: Int

    /// - Parameters:
    ///   - folder: what `parley audit bundle` made.
    ///   - roster: the auditor's own copy, whose keys are trusted.
    ///   - ledger: anybody's copy.
    public init(bundle folder: URL, roster: Roster, ledger: URL, threads: Int = 1) {
        bundle = AuditBundle(folder)
        (self.roster, self.ledger, self.threads) = (roster, ledger, threads)
    }

    /// - Throws: ``RunFailure`` if the ledger has no such run, or the run cannot be replayed at all;
    ///   everything that a party may have done wrong is in the verdict.
    public func run() throws(RunFailure) -> ReplayVerdict {
        LocalThreads.count = threads
        try bundle.check()
        let plan = try bundle.plan()
        let entries = try RunEntries(session: plan.session.hex, in: ledger, roster: roster)
        guard let index = roster.parties.firstIndex(where: { $0.name == plan.party }) else {
            throw RunFailure(.badInput, "the roster has no party \(plan.party.prefix(64))")
        }
        guard !plan.isPrepared else {
            throw RunFailure(
                .refused,
                "the run drew on prepared randomness, which is erased once it is used: it cannot be "
                    + "replayed; `parley audit cross-check` compares what the parties exchanged")
        }
        let me = Party(index)
        let options = try plan.options(roster: roster, in: bundle.folder)
        let seed = try bundle.seed()
        var verdict = ReplayVerdict(session: entries.session, party: plan.party)
        let outcome = entries.outcome(signedBy: plan.party)

        // 1. What was opened, against what was committed to.
        let commitment = RunRandomness.seedCommitment(seed, session: entries.session, of: me)
        verdict.compare(
            "seed", commitment, entries.intent.seeds.digest(of: plan.party),
            "its commitment is in the intent")
        // Only what all signed is run: another script might ask for all the memory that there is.
        let opened = SHA256.hash(try AgreedScript.source(options.script).bytes)
        guard opened == entries.intent.program.hash else {
            verdict.add(
                "parameters", .differs,
                "script's hash is \(opened.hex) in what was opened, "
                    + "\(entries.intent.program.hash.hex) in the intent")
            return verdict
        }
        let inputs: PartyInputs
        do { inputs = try PartyInputs(options, me: me) } catch {
            verdict.add("tables", .differs, "\(error)")
            return verdict
        }
        addParameters(inputs, options, entries.intent, to: &verdict)
        let peers = peers(of: me, options)
        guard checkTranscript(seed, me, peers, outcome, entries, plan.party, &verdict) else {
            return verdict
        }

        // 2. The replay.
        let transport: ReplayTransport
        do {
            transport = ReplayTransport(
                try bundle.transcript(seed), me: me, peers: peers)
        } catch {
            throw RunFailure(.badInput, "\(error)")
        }
        let run = ReplayedRun(
            options: options, me: me, inputs: inputs, seed: seed, transport: transport)
        let result: ReplayedRun.Result
        do { result = try options.ring.run(run) } catch {
            throw RunFailure(error, roster: roster)
        }
        verdict.replayed = transport.summary.digest
        verdict.difference = transport.difference

        // 3. What it made, against what the party committed to.
        addInputs(result, entries.intent, plan.party, to: &verdict)
        addFrames(transport, result, outcome, to: &verdict)
        addResults(result, outcome, plan.party, to: &verdict)
        return verdict
    }

    private func peers(of me: Party, _ options: RunOptions) -> [Participant] {
        let others = roster.parties.indices.map { Participant.party(Party($0)) }
            .filter { $0 != .party(me) }
        return others + (options.protocolChoice.needsDealer ? [.dealer] : [])
    }

    private func addParameters(
        _ inputs: PartyInputs, _ options: RunOptions, _ intent: Intent,
        to verdict: inout ReplayVerdict
    ) {
        let opened =
            [
                ("script", inputs.script.title), ("script's hash", inputs.script.hash.hex),
                ("period", inputs.script.period),
                ("protocol", options.protocolChoice.rawValue), ("ring", options.ring.description),
            ] + inputs.thresholds.map { ($0.name, $0.value) }
        let signed =
            [
                ("script", intent.program.name), ("script's hash", intent.program.hash.hex),
                ("period", intent.period ?? "none"),
                ("protocol", intent.parameters.protocol), ("ring", intent.parameters.ring),
            ] + intent.parameters.thresholds.map { ($0.name, $0.value) }
        let different = zip(opened, signed).first { $0 != $1 }
        if let (mine, theirs) = different {
            verdict.add(
                "parameters", .differs,
                "\(mine.0) is \(mine.1) in what was opened, \(theirs.0) \(theirs.1) in the intent")
        } else {
            verdict.add(
                "parameters", opened.count == signed.count ? .equal : .differs,
                "script, period, choices, protocol and ring are those of the intent")
        }
    }

    /// Whether the transcript can be read from its beginning to its end.
    private func checkTranscript(
        _ seed: SecretBytes, _ me: Party, _ peers: [Participant], _ outcome: Outcome?,
        _ entries: RunEntries, _ party: String, _ verdict: inout ReplayVerdict
    ) -> Bool {
        do throws(FileError) {
            let reader = try bundle.transcript(seed)
            guard reader.header.session == entries.session, reader.header.party == me.index else {
                verdict.add("transcript", .differs, "is of another session or party")
                return false
            }
            let summary = try reader.summarized(peers: peers)
            verdict.compare(
                "transcript", summary.digest, outcome?.transcripts.digest(of: party),
                "its digest is in the outcome that \(party) signed",
                else: "\(party) signed no outcome with a transcript: it was killed, or keeps none")
            return true
        } catch {
            verdict.add("transcript", .differs, error.description)
            return false
        }
    }

    private func addInputs(
        _ result: ReplayedRun.Result, _ intent: Intent, _ party: String,
        to verdict: inout ReplayVerdict
    ) {
        for signed in intent.inputs where signed.party == party {
            let what = "table \(signed.table), \(counted(signed.rows, "row")), in the intent"
            guard let mine = result.inputs.first(where: { $0.table == signed.table }) else {
                verdict.add("input commitment", .unchecked, "\(what): the replay ends before")
                continue
            }
            verdict.compare("input commitment", mine, signed, what)
        }
        guard let replayed = result.intent else {
            return verdict.add("intent", .unchecked, "the replay ends before it")
        }
        verdict.compare(
            "intent", replayed, intent,
            "the statement that the replay comes to sign is the one in the ledger")
    }

    private func addFrames(
        _ transport: ReplayTransport, _ result: ReplayedRun.Result, _ outcome: Outcome?,
        to verdict: inout ReplayVerdict
    ) {
        let sent = transport.summary.flows.map(\.sent)
        let count =
            "\(sent.reduce(0) { $0 + $1.frames }) frames, "
            + "\(sent.reduce(0) { $0 + $1.bytes }) bytes"
        if let difference = transport.difference {
            let name = difference.party.map { roster.parties[$0].name } ?? "the dealer"
            let place = difference.frame.map { ", frame \($0) with \(name)" } ?? ""
            verdict.add(
                "sent frames", .differs,
                "first at the step \"\(difference.step)\"\(place): \(difference.reason)")
        } else if let error = result.error, !transport.isAtEnd {
            verdict.add("sent frames", .differs, "the replay ends otherwise: \(error)")
        } else if result.error != nil, outcome?.status == .completed {
            verdict.add("sent frames", .differs, "the transcript ends before the run does")
        } else {
            verdict.add(
                "sent frames", .equal,
                count + (result.error == nil ? "" : ", up to where the run was aborted"))
        }
    }

    private func addResults(
        _ result: ReplayedRun.Result, _ outcome: Outcome?, _ party: String,
        to verdict: inout ReplayVerdict
    ) {
        guard let releases = result.releases, let receipt = result.receipt else {
            return verdict.add("released results", .unchecked, "the replay ends before")
        }
        let completed = outcome.flatMap { $0.status == .completed ? $0 : nil }
        verdict.compare(
            "released results", releases, completed?.releases,
            "every party's commitment to its shares, in the outcome")
        verdict.compare(
            "receipt", receipt, completed?.receipts.digest(of: party),
            "what \(party) acknowledged to have received")
    }
}

extension [PartyDigest] {
    func digest(of party: String) -> Digest? { first { $0.party == party }?.digest }
}
