import Foundation
import MPC
import Networking
import Primitives

/// What makes a run accountable while it goes on: randomness from one seed, and a transcript.
///
/// Without a transcript the randomness is the system's, and everything here does nothing.
final class RunRecording {
    let randomness: any RandomSource
    private let seeded: RunRandomness?
    private let days: Int
    private let recordedClock: RecordedClock
    private var recorder: TranscriptRecorder?

    /// - Parameter days: for how long the transcript is kept; nil for none.
    init(days: Int?, clock: any ParleyClock) {
        seeded = days == nil ? nil : RunRandomness()
        randomness = seeded ?? SystemRandomness()
        self.days = days ?? 0
        recordedClock = RecordedClock(clock)
    }

    /// The run's clock: what it says is recorded.
    var clock: any ParleyClock { recordedClock }

    /// The transport that records.
    func wrap(_ transport: any Transport) -> any Transport {
        guard seeded != nil else { return transport }
        let recorder = TranscriptRecorder(transport)
        self.recorder = recorder
        recordedClock.recorder = recorder
        return recorder
    }

    /// A signer whose signatures are recorded: its key is not opened to anybody.
    func signer(key: SigningKey, parties: [VerifyingKey]) -> ReleaseSigner {
        let clock = recordedClock
        return ReleaseSigner(parties: parties) { statement in
            let signature = key.sign(statement)
            clock.recorder?.record(signature: signature)
            return signature
        }
    }

    /// Begins the files of a session that has a name now; those whose time is over are removed.
    func begin(
        _ session: Session, _ options: RunOptions, _ script: AgreedScript, _ me: Party
    ) throws(RunFailure) {
        let (directory, now) = (options.directory, recordedClock.base.wallSeconds)
        directory.removeExpiredTranscripts(at: now)
        let plan = RunPlan(
            options, script, session: session.id, party: options.roster.parties[me.index].name)
        do {
            try FileManager.default.createDirectory(
                at: directory.runFolder(of: session.id), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try AtomicFile.write(
                Array(script.text.utf8), to: directory.scriptFile(of: session.id),
                overwriting: false, mode: 0o644)
            try AtomicFile.write(
                Array(encodedJSON(plan)), to: directory.planFile(of: session.id),
                overwriting: false, mode: 0o600)
            guard let seeded, let recorder else { return }
            try FileManager.default.createDirectory(
                at: directory.transcripts, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try directory.saveCommitmentSecret(
                seeded.seed, table: PartyDirectory.seedName, session: session.id)
            try recorder.keep(
                in: directory.transcriptFile(of: session.id),
                header: TranscriptHeader(
                    session: session.id, party: me.index, expires: now + 86_400 * Int64(days)),
                key: RunRandomness.transcriptKey(seeded.seed))
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    /// The commitment to the seed; nil without a transcript.
    func seedCommitment(_ session: Session) -> Digest? {
        seeded?.commitment(session: session.id, of: session.party)
    }

    /// Runs messages that are no part of the transcript: the ledger's, which verifies itself.
    func apart<T>(_ session: Session, _ body: () throws -> T) rethrows -> T {
        recorder?.pause()
        let result = try body()
        recorder?.resume(at: session.place)
        return result
    }

    /// Ends the transcript; what the outcome says of it, nil without one.
    func seal() throws(RunFailure) -> Digest? {
        do { return try recorder?.seal().digest } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    /// Why the transcript could not be written, which ended the run; nil if it could.
    var failure: RunFailure? { recorder?.failure.map { RunFailure(.cannotCreate, "\($0)") } }
}

/// A clock whose readings of the time of day a transcript holds; nothing else depends on the other.
private final class RecordedClock: ParleyClock, @unchecked Sendable {
    let base: any ParleyClock
    // Invariant: set and used by the session's thread alone.
    var recorder: TranscriptRecorder?

    init(_ base: any ParleyClock) { self.base = base }

    var monotonicNanoseconds: UInt64 { base.monotonicNanoseconds }

    var wallSeconds: Int64 {
        let seconds = base.wallSeconds
        recorder?.record(wallSeconds: seconds)
        return seconds
    }
}
