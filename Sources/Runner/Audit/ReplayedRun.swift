import Algebra
import Foundation
import Ledger
import MPC
import Networking
import Primitives

/// One party's part of a run, run again over its transcript: the steps of ``RunSteps`` without the
/// ledger, and with nobody at the other end.
struct ReplayedRun: RingProgram {
    /// How far the replay came and what it made.
    struct Result {
        var session: Digest?
        /// The party's own tables, with its commitments.
        var inputs: [Intent.Input] = []
        var intent: Intent?
        var releases: [Outcome.Release]?
        var receipt: Digest?
        /// What ended it before its end; nil if nothing did.
        var error: (any Error)?
    }

    let options: RunOptions
    let me: Party
    let inputs: PartyInputs
    let seed: SecretBytes
    let transport: ReplayTransport

    func run<R: Ring>(over ring: R) -> Result {
        var result = Result()
        do { try run(over: ring, into: &result) } catch { result.error = error }
        return result
    }

    private func run<R: Ring>(over ring: R, into result: inout Result) throws {
        let clock = ReplayedClock(transport: transport)
        let steps = RunSteps(
            options: options, monitor: RunMonitor(), clock: clock,
            recording: RunRecording(days: nil, clock: clock), adversary: { $0 })

        // 1. The agreement.
        let (transport, key) = (transport, options.roster.parties[me.index].statementKey)
        let session = try Session.agree(
            on: inputs.terms(options, ring, preparation: nil, me: me), over: transport,
            computing: inputs.script.computing, randomness: ReplayedRandomness(openedSeed: seed),
            clock: clock,
            signer: ReleaseSigner(parties: options.roster.parties.map(\.statementKey)) {
                transport.signature(of: $0, by: key)
            })
        transport.step = { session.step }
        defer {
            // The session and the closure would hold each other.
            transport.step = { "end" }
            session.close()
        }
        result.session = session.id

        // 2. The intent, without the ledger's own messages.
        try session.phase("intent") { () throws in
            result.inputs = try steps.commitments(of: inputs, session, me) {
                (_, _) throws(RunFailure) in
            }
            try session.move(to: transport.place())
            let notices = try steps.notices(
                of: inputs, result.inputs, session,
                seed: RunRandomness.seedCommitment(seed, session: session.id, of: me))
            result.intent = steps.statement(of: inputs, session, notices)
            try session.move(to: transport.place())
        }

        // 3.-5. Computation and release.
        try steps.compute(inputs, over: ring, session, PreparedSupply()) { _ in
            transport.finish()
            result.releases = steps.releases(session)
            result.receipt = steps.receipt(session)
        }
    }
}

/// The time of day as the transcript has it.
private struct ReplayedClock: ParleyClock {
    let transport: ReplayTransport

    var monotonicNanoseconds: UInt64 { SystemClock().monotonicNanoseconds }
    var wallSeconds: Int64 { transport.wallSeconds() }
}
