public import Ledger
package import Primitives

/// The runs that a ledger tells of, for counting.
///
/// A run and its reruns are one: they have the same inputs. It counts once anybody may have had a
/// result: from its intent on, unless every party says that it ended before results were released.
/// After a crash nobody says so for the party that crashed: the run is repeated with its inputs.
public struct RunHistory: Sendable {
    private struct Run {
        let intent: Intent
        let digest: Digest
        /// The session of the first run among those that repeat one another.
        let root: Digest
    }
    private var runs: [Run] = []
    private var bySession: [Digest: Int] = [:]
    private var outcomes: [Digest: [(outcome: Outcome, signers: [String])]] = [:]
    /// In the order of the log.
    private(set) var approvals: [RoleApproval] = []

    /// Takes the statements of a ledger, and who signed each, in the order of its log.
    public init(_ entries: some Sequence<(statement: Statement, signers: [String])>)
        throws(LedgerError)
    {
        for (statement, signers) in entries {
            switch statement {
            case .intent(let intent):
                let earlier = intent.rerun.flatMap { root(of: $0) }
                bySession[intent.session] = runs.count
                runs.append(
                    Run(
                        intent: intent, digest: try statement.digest,
                        root: earlier ?? intent.session))
            case .outcome(let outcome):
                outcomes[outcome.intent, default: []].append((outcome, signers))
            case .approval(let approval): approvals.append(approval)
            default: break
            }
        }
    }

    /// The run of a session.
    func intent(of session: Digest) -> Intent? { bySession[session].map { runs[$0].intent } }

    /// Whether the session's parties signed that it runs.
    package func hasIntent(of session: Digest) -> Bool { bySession[session] != nil }

    /// The first of the runs that a session repeats.
    func root(of session: Digest) -> Digest? { bySession[session].map { runs[$0].root } }

    /// Runs that count, reruns with the first of them, in the order of the log.
    func counted(where isMeant: (Intent) -> Bool) -> [Digest] {
        var roots: [Digest] = []
        for run in runs where isMeant(run.intent) && !endedWithout(run) && !roots.contains(run.root)
        {
            roots.append(run.root)
        }
        return roots
    }

    /// Whether it ended before anything was released, in the words of every party.
    private func endedWithout(_ run: Run) -> Bool {
        let ends = outcomes[run.digest] ?? []
        return ends.allSatisfy { end in
            (end.outcome.status == .aborted || end.outcome.status == .refused)
                && end.outcome.releases.isEmpty
        } && Set(ends.flatMap(\.signers)).isSuperset(of: run.intent.participants.parties)
    }
}

extension Digest {
    /// Its first digits, as people compare them.
    var short: String { "\(hex.prefix(8))…" }
}

/// "session 1a2b3c4d…", or several.
func named(_ sessions: [Digest]) -> String {
    (sessions.count == 1 ? "session " : "sessions ")
        + sessions.prefix(3).map(\.short).joined(separator: ", ")
        + (sessions.count > 3 ? " and \(sessions.count - 3) more" : "")
}
