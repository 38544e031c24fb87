import Algebra
import Approval
import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Script
import Tables

/// A party's checked tables, and what all parties compare before any of them is used.
struct PartyInputs {
    let script: AgreedScript
    /// What the party brings; nothing of it is public but commitments.
    let own: ScriptInputs
    /// What is about to run, as it is approved.
    let run: ScriptRun

    /// - Throws: ``RunFailure`` with every mistake in the script or the tables.
    init(_ options: RunOptions, me: Party) throws(RunFailure) {
        script = try AgreedScript(
            options.script, period: options.period, choices: options.choices, over: options.ring)
        try script.checkParties(options.roster.parties.map(\.name))
        try options.protocolChoice.check(options.roster, computing: script.computing)
        try script.check(options.protocolChoice)
        if script.isClient(me), options.preparation != nil || options.isOnlineOnly {
            throw RunFailure(
                .usage,
                "\(options.roster.parties[me.index].name) does not compute in \(script.title) and "
                    + "draws on no preparation; leave --preparation and --online-only out")
        }
        own = try ScriptInputs(script.checked, me: me, sources: options.tables)
        run = script.run(options.seat, repeating: options.repeated)
    }

    /// What all parties sign of the parameters.
    var thresholds: [Intent.Threshold] {
        run.choices + [.init(name: "manifest", value: run.subject.manifest.hex)]
            + (run.rerun.map { [.init(name: "rerun of", value: $0.hex)] } ?? [])
    }

    /// What all parties compare; the dealer knows the first field only, clients not what is prepared.
    ///
    /// - Parameter preparation: the identifier of what was prepared; nil for none.
    func terms(_ options: RunOptions, _ ring: some Ring, preparation: String?, me: Party)
        -> AgreementTerms
    {
        let dealer = options.protocolChoice.needsDealer ? options.roster.dealer?.name : nil
        let seat = options.seat.terms(ring)
        let randomness = [("randomness", options.protocolChoice.randomness(dealer: dealer))]
        let prepared = [
            ("preparation", preparation ?? "none"),
            ("only what was prepared", options.isOnlineOnly ? "yes" : "no"),
        ]
        let run = [("rerun of", run.rerun?.hex ?? "none")] + script.terms
        guard script.computing < options.roster.parties.count else {
            return AgreementTerms(seat + randomness + prepared + run)
        }
        return AgreementTerms(seat + randomness + run + (script.isClient(me) ? [] : prepared))
    }
}

extension Seat {
    /// What all parties compare whatever they do.
    func terms(_ ring: some Ring) -> [(name: String, value: String)] {
        [
            ("roster", roster.digest.hex), ("ring", self.ring.description),
            ("ring's order", ring.order.text(radix: 16)), ("protocol", protocolChoice.rawValue),
        ]
    }
}

/// What a party tells before the intent: its commitments, its clock, and if it keeps a transcript the
/// commitment to its seed.
package struct InputNotice {
    /// Of its tables, in the script's order.
    let commitments: [Digest]
    let time: Int64
    /// The commitment to the seed of the party's randomness; nil without a transcript.
    let seed: Digest?

    init(commitments: [Digest], time: Int64, seed: Digest?) {
        (self.commitments, self.time, self.seed) = (commitments, time, seed)
    }

    static func byteLimit(tables: Int) -> Int { 8 + (tables + 1) * Digest.byteCount }

    var bytes: [UInt8] {
        littleEndian(UInt64(bitPattern: time)) + commitments.flatMap(\.bytes) + (seed?.bytes ?? [])
    }

    /// Nil unless it is the notice of a party with `count` tables.
    package init?(_ bytes: [UInt8], tables count: Int) {
        let limit = Self.byteLimit(tables: count)
        guard bytes.count == limit || bytes.count == limit - Digest.byteCount else { return nil }
        let word = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let time = Int64(exactly: word), time < 1 << 40 else { return nil }
        var digests = stride(from: 8, to: bytes.count, by: Digest.byteCount).compactMap {
            Digest(Array(bytes[$0..<$0 + Digest.byteCount]))
        }
        let seed = digests.count > count ? digests.removeLast() : nil
        self.init(commitments: digests, time: time, seed: seed)
    }
}

func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
