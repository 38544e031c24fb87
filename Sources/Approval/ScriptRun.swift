public import Ledger
public import Primitives
import Script

/// A role of a party that must have signed.
public struct RoleDemand: Hashable, Sendable {
    public let party: String
    public let role: String
    public let key: VerifyingKey

    public init(party: String, role: String, key: VerifyingKey) {
        (self.party, self.role, self.key) = (party, role, key)
    }
}

/// A run of a script that is about to begin.
public struct ScriptRun: Sendable {
    public let script: SignableScript
    public let subject: ApprovalSubject
    /// Every role of every party, by the roster.
    public let demands: [RoleDemand]
    /// In days since 2000-01-01.
    public let today: Int
    /// As people write it, such as `2026-11`.
    ///
    /// Of a script without a period: that of today in which its runs are counted.
    public let period: String
    /// The value of every choice, under the name `choice NAME`, as the run's intent has it.
    public let choices: [Intent.Threshold]
    /// The session of the run that this one repeats with the same inputs; nil for a new one.
    public let rerun: Digest?

    public init(
        script: SignableScript, subject: ApprovalSubject, demands: [RoleDemand], today: Int,
        period: String, choices: [Intent.Threshold], rerun: Digest?
    ) {
        (self.script, self.subject, self.demands) = (script, subject, demands)
        (self.today, self.period, self.choices) = (today, period, choices)
        self.rerun = rerun
    }
}

extension Intent {
    /// The session of the run that this one repeats.
    var rerun: Digest? {
        parameters.thresholds.last { $0.name == "rerun of" }.flatMap { Digest(hex: $0.value) }
    }

    /// The value of every choice.
    var choices: [Threshold] { parameters.thresholds.filter { $0.name.hasPrefix("choice ") } }
}
