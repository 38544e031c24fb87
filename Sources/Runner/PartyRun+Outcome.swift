import Ledger
import MPC
import Networking
import Primitives

/// How a run ended, as the ledger holds it.
extension RunSteps {
    /// This party's acknowledgement of what it received and verified.
    func receipt(_ session: Session) -> Digest {
        var hasher = SHA256()
        for release in session.releases { hasher.update(release.received?.bytes ?? []) }
        return hasher.finalize()
    }

    typealias Receipts = (
        receipts: [PartyDigest], transcripts: [PartyDigest]
    )

    /// Every recipient's acknowledgement, and the transcripts of those who keep one.
    func receipts(_ session: Session, transcript: Digest?) throws -> Receipts {
        let mine = receipt(session).bytes + (transcript?.bytes ?? [])
        var all: Receipts = ([], [])
        for (index, bytes) in try session.broadcast(mine, atMost: 2 * Digest.byteCount).enumerated()
        {
            let rest = Array(bytes.dropFirst(Digest.byteCount))
            let (receipt, transcript) = (
                Digest(Array(bytes.prefix(Digest.byteCount))), Digest(rest)
            )
            guard let receipt, rest.isEmpty || transcript != nil else {
                throw MPCError.cheating(.malformedMessage(step: "receipts"), by: Party(index))
            }
            let name = roster.parties[index].name
            all.receipts.append(.init(party: name, digest: receipt))
            if let transcript { all.transcripts.append(.init(party: name, digest: transcript)) }
        }
        return all
    }

    /// How the run ended, in the words that all sign: completed, or stopped by the script's own check.
    func outcome(
        _ answers: [ScriptAnswer], _ session: Session, _ intent: Digest, _ received: Receipts
    ) throws -> Outcome {
        // The time of an entry that all sign is the first party's, as in the intent.
        let times = try session.broadcast(
            littleEndian(UInt64(bitPattern: clock.wallSeconds)), atMost: 8)
        try session.verifyBroadcasts()
        let word = times[0].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let time = Int64(word & (1 << 40 - 1))
        try check(time, of: 0)
        if let stopped = answers.last, stopped.holds == false {
            return .ended(
                .suppressed, session: session.id, intent: intent,
                step: "\(stopped.name), line \(stopped.line)", accuser: nil, culprit: nil,
                reason: "the script's check does not hold; nothing after it was computed",
                releases: releases(session), transcripts: received.transcripts, time: time)
        }
        return .completed(
            session: session.id, intent: intent, releases: releases(session),
            receipts: received.receipts, transcripts: received.transcripts, time: time)
    }

    /// The clocks of parties that sign together must agree, more or less.
    func check(_ time: Int64, of party: Int) throws(RunFailure) {
        guard abs(time - clock.wallSeconds) <= 60 else {
            throw RunFailure(
                .refused,
                "the clocks of \(roster.parties[party].name) and this party differ by more than "
                    + "a minute; set them right")
        }
    }

    func releases(_ session: Session) -> [Outcome.Release] {
        session.releases.map { record in
            .init(
                recipients: record.recipients.map {
                    roster.parties[$0.index].name
                },
                // Clients have no shares to commit to.
                commitments: zip(roster.parties, record.commitments).filter { !$1.isEmpty }.map {
                    .init(party: $0.name, digest: SHA256.hash($1.flatMap(\.bytes)))
                })
        }
    }

    func recordAborted(
        _ error: any Error, _ session: Session, _ intent: Digest, _ me: Party,
        _ transcript: Digest?, _ ledger: SharedLedger
    ) throws(LedgerError) {
        let mpc = error as? MPCError
        let notice: AbortNotice? = if case .aborted(let notice)? = mpc { notice } else { nil }
        func name(_ participant: Participant) -> String {
            roster[participant]?.name ?? "\(participant)"
        }
        // This party speaks for itself, and for a dealer; another party for itself.
        let accuser: Participant? =
            switch notice?.accuser {
            case nil: .party(me)
            case .dealer?: .dealer
            case .party(let party)?: party == me ? .party(me) : nil
            }
        try ledger.recordPending(
            .ended(
                .aborted, session: session.id, intent: intent,
                step: oneLine(notice?.step ?? mpc?.step ?? session.step),
                accuser: accuser.map(name), culprit: mpc?.culprit.map(name),
                reason: oneLine(RunFailure.publicReason(error, naming: name)),
                releases: releases(session),
                transcripts: transcript.map {
                    [.init(party: roster.parties[me.index].name, digest: $0)]
                } ?? [],
                time: clock.wallSeconds))
    }

    /// What an entry may hold: one line of at most 256 bytes.
    private func oneLine(_ text: String) -> String {
        let printable = text.utf8.prefix(256).map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }
        return printable.isEmpty ? "unknown" : String(decoding: printable, as: UTF8.self)
    }
}
