import Algebra
import Analytics
import Approval
import Costs
import Foundation
import Ledger
import MPC
package import Networking
import Preprocessing
public import Primitives
import Script
import Tables

/// The life of a run at one party.
///
/// 1. Inputs are read and checked, and this party's own policy; then the mesh is made and everything
///    public is compared.
/// 2. Roles' signatures, periods and budgets by the common log; an *intent* that all sign, with
///    commitments to the inputs, before any share leaves.
/// 3. The computation.
/// 4. and 5. Release: commitments to shares, signatures, shares (``Session/release(_:to:)``).
/// 6. An *outcome* that all sign; if the run fails after 2, this party's own *aborted* outcome,
///    which the next session brings into the common log.
public struct PartyRun {
    private let options: RunOptions
    private let monitor: RunMonitor
    private let clock: any ParleyClock
    /// What frames go through between the program and the transcript: an adversary, in tests.
    package var adversary: @Sendable (any Transport) -> any Transport = { $0 }

    public init(
        _ options: RunOptions, monitor: RunMonitor, clock: any ParleyClock = SystemClock()
    ) {
        (self.options, self.monitor, self.clock) = (options, monitor, clock)
    }

    /// Blocks this thread until the run has ended.
    public func run() throws(RunFailure) -> RunReport {
        LocalThreads.count = options.threads
        do {
            let recording = RunRecording(days: options.transcriptDays, clock: clock)
            return try options.ring.run(
                RunSteps(
                    options: options, monitor: monitor, clock: recording.clock,
                    recording: recording, adversary: adversary))
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(error, roster: options.roster)
        }
    }
}

struct RunSteps: RingProgram {
    let options: RunOptions
    let monitor: RunMonitor
    let clock: any ParleyClock
    let recording: RunRecording
    let adversary: (any Transport) -> any Transport

    var roster: Roster { options.roster }

    /// How far a run has come, as far as the ledger is concerned.
    private enum Stage {
        case before
        /// Whether the intent gets into the log, the next synchronization tells.
        case stating
        case stated(SharedLedger.Position)
        /// All signed how it ended.
        case ended
    }

    func run<R: Ring>(over ring: R) throws -> RunReport {
        // 1. Own files first: nothing is sent before they are in order.
        let identity = try options.directory.tlsIdentity()
        let me = try options.seat.party(identity)
        let inputs = try PartyInputs(options, me: me)
        for warning in inputs.own.warnings { monitor.progress("warning: \(warning)") }
        let standing = ScriptClearance.standing(
            inputs.script.signable, of: roster.parties[me.index].name,
            try options.directory.policy(), roster.roleDemands)
        guard standing.refusal.isEmpty else { throw RunFailure(.refused, standing.refusal) }
        if let earlier = inputs.run.rerun {
            for own in inputs.own.committed { _ = try secret(of: own.name, repeating: earlier) }
        }
        try options.directory.makeRunFolders(withTranscript: options.transcriptDays != nil)
        let prepared = PreparedSupply(
            store: try options.openPreparation(
                over: ring, me, computing: inputs.script.computing),
            isOnlineOnly: options.isOnlineOnly)
        let keys = try options.directory.ledgerKeys()
        let ledger = try SharedLedger(
            file: options.directory.ledgerFile, parties: LedgerParties(roster), me: me, keys: keys,
            clock: clock, report: monitor.progress)
        let session = try options.seat.connect(
            me, identity,
            on: inputs.terms(options, ring, preparation: prepared.store?.preparation, me: me),
            computing: inputs.script.computing,
            signer: recording.signer(
                key: keys.statement, parties: roster.parties.map(\.statementKey)),
            monitor, clock, randomness: recording.randomness,
            through: { adversary(recording.wrap($0)) })
        defer { session.close() }

        var stage = Stage.before
        var kept: KeptAnswers?
        do {
            try recording.begin(session, options, inputs.script, me)
            if let store = prepared.store {
                for lost in try store.agree(with: session.computing) {
                    monitor.progress(
                        "a run on this preparation did not end everywhere: \(lost) given up")
                }
            }
            // 2. The intent.
            let names = roster.parties.map(\.name)
            let position = try session.phase("intent") { () throws in
                let own = try commitments(of: inputs, session, me) {
                    (secret, table) throws(RunFailure) in
                    try options.directory.saveCommitmentSecret(
                        secret, table: table, session: session.id)
                }
                try recording.apart(session) {
                    let approvals = try options.directory.unrecordedApprovals()
                    if !approvals.isEmpty { try ledger.record(approvals) }
                    try ledger.synchronize(with: SessionPeers(session, names: names))
                    try options.directory.removeForgottenRuns(at: clock.wallSeconds)
                    if inputs.run.rerun != nil {
                        // Whoever has other rows must not commit to them before it finds that out.
                        _ = try clear(inputs.run, own, areOwn: true, session, me)
                    }
                }
                let notices = try self.notices(
                    of: inputs, own, session, seed: recording.seedCommitment(session))
                let statement = self.statement(of: inputs, session, notices)
                return try recording.apart(session) {
                    let notes = try clear(inputs.run, statement.inputs, session, me)
                    for note in notes { monitor.progress(note) }
                    stage = .stating
                    let position = try ledger.append(
                        .intent(statement), with: SessionPeers(session, names: names))
                    stage = .stated(position)
                    // Another run of the same parties may have stated its intent in between.
                    _ = try clear(
                        inputs.run, statement.inputs, session, me, before: position.index)
                    return position
                }
            }
            // 3.–5. Computation and release.
            return try compute(inputs, over: ring, session, prepared) { answers in
                let known = KeptAnswers(answers, of: session.id, in: options.directory)
                kept = known
                // 6. The outcome.
                let outcome = try session.phase("outcome") { () throws in
                    try ledger.append(
                        .outcome(
                            self.outcome(
                                answers, session, position.statement,
                                try receipts(session, transcript: try recording.seal()))),
                        with: SessionPeers(session, names: names))
                }
                stage = .ended
                try options.directory.save(
                    try ledger.proof(at: outcome.index), session: session.id)
                try ledger.keep(answers, of: inputs.script, session: session.id)
                try known.check()
                return RunReport(
                    options, inputs, session, me, answers, prepared.store?.preparation,
                    prepared.supply.amounts, entries: try ledger.count, intent: position,
                    outcome: outcome, time: clock.wallSeconds)
            }
        } catch {
            let cause = recording.failure ?? error
            var failure = RunFailure(cause, roster: roster)
            failure = kept?.added(to: failure) ?? failure
            session.abort(error as? MPCError ?? .local(step: session.step))
            let transcript = try? recording.seal()
            switch stage {
            case .before: options.directory.removeRun(of: session.id)
            case .stated(let intent):
                do {
                    try recordAborted(
                        cause, session, intent.statement, me, transcript, ledger)
                } catch {
                    throw RunFailure(
                        failure.code, "\(failure); and the ledger could not record it: \(error)")
                }
            case .stating, .ended: break
            }
            throw failure
        }
    }

    /// Decides whether this party lets the run begin, and hears whether the others do: each tells
    /// its own reasons, and no party's refusal keeps another from telling its own.
    ///
    /// No party goes on before all have come here, so that nobody's end is met by the ledger's last
    /// messages.
    ///
    /// - Parameters:
    ///   - inputs: the run's commitments.
    ///   - areOwn: whether these are this party's alone.
    ///   - end: the number of the run's own intent in the log; nil while it is not in it.
    /// - Returns: what a person should see.
    private func clear(
        _ run: ScriptRun, _ inputs: [Intent.Input], areOwn: Bool = false, _ session: Session,
        _ me: Party, before end: Int? = nil
    ) throws -> [String] {
        let name = roster.parties[me.index].name
        var (notes, refusal): ([String], RunFailure?) = ([], nil)
        do {
            notes = try options.directory.clear(
                run, of: name, inputs: inputs, areOwn: areOwn, before: end)
        } catch { refusal = error }
        var verdicts: [[UInt8]] = []
        do throws(MPCError) {
            verdicts = try session.broadcast([refusal == nil ? 1 : 0], atMost: 1)
            try session.verifyBroadcasts()
        } catch {
            if let refusal { throw refusal }
            // Who refuses may hang up before all have compared what they heard.
            if case .cheating = error { throw error }
            guard verdicts.contains(where: { $0 != [1] }) else { throw error }
        }
        if let refusal { throw refusal }
        if let other = verdicts.firstIndex(where: { $0 != [1] }) {
            throw RunFailure(
                .refused,
                "\(roster.parties[other].name) refuses the run, for a reason that it tells its own "
                    + "people: ask there")
        }
        return notes
    }

    /// Steps 3 to 5 of the run, the same in a replay.
    ///
    /// - Parameter conclude: what is done with the answer while a dealer still waits.
    func compute<R: Ring, T>(
        _ inputs: PartyInputs, over ring: R, _ session: Session, _ prepared: PreparedSupply<R>,
        conclude: ([ScriptAnswer]) throws -> T
    ) throws -> T {
        func answers(_ results: [ReleaseResult]) -> [ScriptAnswer] {
            results.map {
                ScriptAnswer($0, of: inputs.script.checked, keyTexts: inputs.own.keyTexts)
            }
        }
        guard !session.isClient else {
            let client = ScriptClient(
                program: inputs.script.checked.program, inputs: inputs.own.plain)
            return try conclude(
                answers(session.phase("online") { try client.run(over: ring, session) }))
        }
        var program = ScriptProgram(
            program: inputs.script.checked.program, inputs: inputs.own.plain,
            context: TableContext(), progress: { _ in })
        if prepared.isOnlineOnly {
            // Too little is known at once, but for sorts, whose random order decides.
            let budget = try program.program.budget(
                over: ring, for: .additiveOT(parties: program.program.computing))
            if budget.translations.isEmpty { program.prepared = budget }
        }
        return try options.protocolChoice.run(program, over: ring, session, from: prepared) {
            try conclude(answers($0))
        }
    }

    /// Commits to this party's tables.
    ///
    /// - Parameter save: keeps what opens the commitment to the table of a name.
    /// - Throws: ``RunFailure`` if this run repeats another whose secrets are not here.
    func commitments(
        of inputs: PartyInputs, _ session: Session, _ me: Party,
        saving save: (SecretBytes, String) throws(RunFailure) -> Void
    ) throws -> [Intent.Input] {
        let bounds = inputs.script.committed(by: me).map(\.bound)
        return try zip(inputs.own.committed, bounds).map { own, bound in
            let secret =
                try inputs.run.rerun.map { try self.secret(of: own.name, repeating: $0) }
                ?? session.randomness.secret(32)
            let commitment = InputCommitment(
                rowCount: own.table.rowCount, paddedTo: bound, secret: secret
            ) { own.table.appendRowBytes($0, to: &$1) }
            try save(secret, own.name)
            return .init(
                party: roster.parties[me.index].name, table: own.name, rows: bound,
                commitment: commitment.root)
        }
    }

    /// Tells all others what this party commits to, its seed included, and learns the same of them.
    ///
    /// - Parameter seed: the commitment to the seed; nil without a transcript.
    func notices(
        of inputs: PartyInputs, _ own: [Intent.Input], _ session: Session, seed: Digest?
    ) throws -> [InputNotice] {
        let mine = InputNotice(
            commitments: own.map(\.commitment), time: clock.wallSeconds, seed: seed)
        let counts = session.allParties.map { inputs.script.committed(by: $0).count }
        let messages = try session.broadcast(
            mine.bytes, atMost: InputNotice.byteLimit(tables: counts.max() ?? 0))
        try session.verifyBroadcasts()
        return try zip(messages, counts).enumerated().map { index, message in
            guard let notice = InputNotice(message.0, tables: message.1) else {
                throw MPCError.cheating(
                    .malformedMessage(step: "commitments to inputs"), by: Party(index))
            }
            try check(notice.time, of: index)
            return notice
        }
    }

    /// What opened the commitment to a table in the run that is repeated.
    private func secret(of table: String, repeating earlier: Digest) throws(RunFailure)
        -> SecretBytes
    {
        let file = options.directory.commitmentSecretFile(table: table, session: earlier)
        guard RegularFile.isNamed(file) else {
            throw RunFailure(
                .badInput,
                "session \(earlier.hex.prefix(16)) cannot be repeated from this folder: \(file.path), "
                    + "which opens its commitment to \(table), is missing; restore it from a backup, "
                    + "or run without --rerun")
        }
        return try SecretBytes(hexFile: file)
    }

    /// What all parties are about to do, with everybody's commitments to its rows.
    func statement(
        of inputs: PartyInputs, _ session: Session, _ notices: [InputNotice]
    ) -> Intent {
        let preparation = session.terms["preparation"].flatMap { $0 == "none" ? nil : $0 }
        return Intent(
            session: session.id,
            program: .init(name: inputs.script.title, hash: inputs.script.hash),
            parameters: .init(
                ring: session.terms["ring"] ?? "", protocol: options.protocolChoice.rawValue,
                preprocessing: (session.terms["randomness"] ?? "")
                    + (preparation.map { ", prepared \($0.prefix(16))" } ?? ""),
                thresholds: inputs.thresholds),
            participants: .init(
                parties: roster.parties.map(\.name),
                dealer: options.protocolChoice.needsDealer ? roster.dealer?.name : nil),
            inputs: zip(session.allParties, notices).flatMap { party, notice in
                zip(inputs.script.committed(by: party), notice.commitments).map {
                    .init(
                        party: roster.parties[party.index].name, table: $0.name, rows: $0.bound,
                        commitment: $1)
                }
            },
            seeds: zip(roster.parties, notices).compactMap { party, notice in
                notice.seed.map { .init(party: party.name, digest: $0) }
            },
            period: inputs.script.period, time: notices[0].time)
    }
}
