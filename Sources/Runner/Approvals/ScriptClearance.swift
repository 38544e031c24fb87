public import Approval
public import Foundation
public import Ledger
public import Networking
public import Primitives
public import Script

extension ScriptRun {
    /// What is about to run, as this party's command line and roster say.
    ///
    /// - Parameters:
    ///   - rerun: the session that it repeats.
    ///   - today: in days since 2000-01-01.
    public init(
        _ agreed: AgreedScript, by choice: ProtocolChoice, over ring: RingChoice, roster: Roster,
        rerun: Digest?, today: Int
    ) {
        self.init(
            script: agreed.signable,
            subject: agreed.signable.subject(
                protocol: choice.rawValue, ring: ring.description, roster: roster.digest),
            demands: roster.roleDemands, today: today,
            period: agreed.period, choices: agreed.parameters,
            rerun: rerun)
    }
}

extension SignableScript {
    /// Checks a script's text over a ring.
    public init(_ source: SourceText, over ring: RingChoice) throws(RunFailure) {
        do {
            try self.init(source, limit: try ring.numberLimit)
        } catch {
            throw RunFailure(.badInput, "\(error)")
        }
    }
}

/// Whether this party lets a script run: its own policy, everybody's signatures, the periods.
public struct ScriptClearance: Sendable {
    /// Why not: a line each, of the policy's all together with what would allow it; empty if it may.
    public let refusals: [String]
    /// What a person should see before the run.
    public let notes: [String]

    /// - Parameters:
    ///   - party: this party's name in the roster.
    ///   - policy: its standing policy, if it has one.
    ///   - history: of the ledger after it was synchronized.
    ///   - inputs: the new run's commitments; nil while they are not known.
    ///   - areOwn: whether these are this party's alone.
    public init(
        _ run: ScriptRun, of party: String, policy: Policy?, _ history: RunHistory,
        inputs: [Intent.Input]? = nil, areOwn: Bool = false
    ) {
        let gate = RunGate(run, history, inputs: inputs, of: areOwn ? party : nil)
        let standing = Self.standing(run.script, of: party, policy, run.demands)
        let overdrafts = policy?.overdrafts(of: run, for: party, history).text ?? ""
        refusals = gate.refusals + [standing.refusal, overdrafts].filter { !$0.isEmpty }
        notes = gate.notes + standing.notes
    }

    /// What this party's own policy refuses, before there is a run; nothing is an empty text.
    ///
    /// Without a policy nothing is allowed where the party has roles, and everything where it has
    /// none.
    public static func standing(
        _ script: SignableScript, of party: String, _ policy: Policy?, _ demands: [RoleDemand]
    ) -> (refusal: String, notes: [String]) {
        if let policy { return (policy.refusals(of: script, for: party).text, []) }
        guard demands.contains(where: { $0.party == party }) else {
            return (
                "",
                [
                    "\(party) has no policy.yaml and no roles in the roster: nothing restrains "
                        + "what its data is used for"
                ]
            )
        }
        return (
            "\(party) has roles but no policy.yaml, so nothing is allowed: write one with `parley "
                + "policy draft SCRIPT --party \(party)`", []
        )
    }

    /// The notes, if the run may begin.
    ///
    /// - Throws: ``RunFailure`` with all reasons.
    public func approved() throws(RunFailure) -> [String] {
        guard refusals.isEmpty else {
            throw RunFailure(.refused, refusals.joined(separator: "\n"))
        }
        return notes
    }
}

extension RunHistory {
    /// The runs and approvals in the log of a copy of the ledger.
    ///
    /// Of the party's own statements that are not in the log yet those count that forbid a run:
    /// whoever orders entries may delay them, but gains nothing by it.
    ///
    /// - Parameter end: the number of the first entry that does not count; nil if all do.
    public init(file: URL, before end: Int? = nil) throws(RunFailure) {
        do {
            var entries: [(statement: Statement, signers: [String])] = []
            if FileManager.default.fileExists(atPath: file.path) {
                try LedgerRecord.read(
                    file: file, kinds: [.intent, .outcome, .approval]
                ) { record in
                    if let index = record.index, index >= end ?? .max { return }
                    if record.index != nil || record.statement.isRestricting {
                        entries.append((record.statement, record.signers))
                    }
                }
            }
            try self.init(entries)
        } catch {
            throw RunFailure(.ledgerDamaged, "\(error)")
        }
    }
}

extension Statement {
    /// Whether it can only forbid a run: a withdrawn approval, or that results were released.
    fileprivate var isRestricting: Bool {
        switch self {
        case .approval(let approval): approval.verdict == .withdrawn
        case .outcome(let outcome): !outcome.releases.isEmpty
        default: false
        }
    }
}

extension PartyDirectory {
    /// Whether this folder's party lets a run begin, by its policy and its ledger as it is now.
    ///
    /// - Parameters:
    ///   - inputs: the new run's commitments; nil while they are not known.
    ///   - areOwn: whether these are this party's alone.
    ///   - end: the number of the run's own intent in the log; nil while it is not in it.
    /// - Returns: what a person should see.
    /// - Throws: ``RunFailure`` with all reasons why not.
    public func clear(
        _ run: ScriptRun, of party: String, inputs: [Intent.Input]? = nil, areOwn: Bool = false,
        before end: Int? = nil
    ) throws(RunFailure) -> [String] {
        try ScriptClearance(
            run, of: party, policy: try policy(), try RunHistory(file: ledgerFile, before: end),
            inputs: inputs, areOwn: areOwn
        ).approved()
    }
}
