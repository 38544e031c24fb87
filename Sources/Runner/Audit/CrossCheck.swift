public import Foundation
import Ledger
public import Networking
public import Primitives

/// A party's summary of its transcript, which it may show without opening any content.
public struct PartySummary: Codable, Hashable, Sendable {
    static let format = "parley-summary/1"
    private static let byteLimit = 1 << 16

    public private(set) var format = PartySummary.format
    public let session: Digest
    public let party: String
    public let summary: TranscriptSummary

    init(session: Digest, party: String, summary: TranscriptSummary) {
        (self.session, self.party, self.summary) = (session, party, summary)
    }

    /// Reads what anybody may have written.
    static func read(_ file: URL) throws(RunFailure) -> PartySummary {
        guard let bytes = try? RegularFile.read(file, atMost: byteLimit),
            let summary = try? JSONDecoder().decode(PartySummary.self, from: Data(bytes)),
            summary.format == format
        else { throw RunFailure(.badInput, "\(file.path) is no summary of a transcript") }
        return summary
    }
}

/// Whether what each party says that it sent is what the other received.
///
/// Takes the parties' summaries, each of which the party's transcript digest in the ledger binds. With
/// all parties' it covers every frame between parties; the dealer keeps no transcript.
public struct CrossCheck: Sendable {
    /// One direction between two parties, or a party's summary as a whole.
    public struct Line: Codable, Hashable, Sendable {
        public let what: String
        public let finding: ReplayVerdict.Finding
        public let detail: String
    }

    public let lines: [Line]

    /// Whether nothing differs; see ``uncheckedCount`` for what there was nothing to compare with.
    public var holds: Bool { lines.allSatisfy { $0.finding != .differs } }

    /// How many lines there was nothing to compare with.
    public var uncheckedCount: Int { lines.count { $0.finding == .unchecked } }

    /// A line each, and what follows from them.
    public var text: String {
        let found = lines.map {
            "\($0.finding == .differs ? "DIFFERS" : $0.finding.rawValue)  \($0.what): \($0.detail)"
        }
        let verdict =
            if !holds { "the parties' transcripts differ" } else if uncheckedCount > 0 {
                "nothing differs, but \(uncheckedCount) of \(counted(lines.count, "line")) are unchecked"
            } else { "all \(counted(lines.count, "line")) are equal" }
        return (found + [verdict]).joined(separator: "\n")
    }

    /// - Parameter bundles: folders with a `summary.json`, of different parties and one session.
    public init(bundles: [URL], roster: Roster, ledger: URL) throws(RunFailure) {
        var summaries: [PartySummary] = []
        for bundle in bundles.map(AuditBundle.init) {
            try bundle.check()
            summaries.append(try bundle.summary())
        }
        guard let first = summaries.first, summaries.allSatisfy({ $0.session == first.session }),
            Set(summaries.map(\.party)).count == summaries.count,
            summaries.allSatisfy({ one in roster.parties.contains { $0.name == one.party } })
        else {
            throw RunFailure(
                .badInput,
                "a cross-check takes summaries of one session by different parties of the roster")
        }
        let entries = try RunEntries(session: first.session.hex, in: ledger, roster: roster)
        lines = Self.bound(summaries, entries) + Self.compared(summaries, entries, roster)
    }

    /// Each summary against the digest in the outcome.
    private static func bound(_ summaries: [PartySummary], _ entries: RunEntries) -> [Line] {
        summaries.map { one in
            let digest = entries.outcome(signedBy: one.party)?.transcripts.digest(of: one.party)
            return Line(
                what: one.party,
                finding: digest.map { $0 == one.summary.digest ? .equal : .differs } ?? .unchecked,
                detail: "the summary against the transcript's digest in the ledger")
        }
    }

    /// Each direction between two parties whose summaries are there.
    private static func compared(
        _ summaries: [PartySummary], _ entries: RunEntries, _ roster: Roster
    ) -> [Line] {
        let isComplete = entries.outcomes.contains { $0.status == .completed }
        func index(_ one: PartySummary) -> Int? {
            roster.parties.firstIndex { $0.name == one.party }
        }
        return summaries.flatMap { a in
            summaries.filter { $0.party != a.party }.map { b in
                let sent = a.summary.flows.first { $0.party == index(b) }?.sent
                let received = b.summary.flows.first { $0.party == index(a) }?.received
                let what = "\(a.party) to \(b.party)"
                guard let sent, let received, sent != received else {
                    return Line(
                        what: what, finding: sent == nil || received == nil ? .differs : .equal,
                        detail: "\(sent?.frames ?? 0) frames, \(sent?.bytes ?? 0) bytes")
                }
                // What is on its way when a run is aborted, one has sent and the other not received.
                let isOnItsWay = !isComplete && received.frames < sent.frames
                return Line(
                    what: what, finding: isOnItsWay ? .unchecked : .differs,
                    detail: "\(counted(sent.frames, "frame")) sent, \(received.frames) received"
                        + (isOnItsWay ? " when the run was aborted" : ", not the same"))
            }
        }
    }
}
