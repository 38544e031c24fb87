import Algebra
import Applications
import Approval
import Foundation
import Ledger
import Primitives
import Script
import TestSupport

/// A script whose roles are compliance at bank-a, bank-b and bank-c, and a ledger of statements.
struct ApprovalFixture {
    static let parties = ["bank-a", "bank-b", "bank-c"]
    static let today = Day.number(year: 2026, month: 11, day: 23) ?? 0
    /// 2026-11-23 at noon.
    static let now = Int64(today + 10_957) * 86_400 + 43_200

    let script: SignableScript
    let keys: [String: SigningKey]

    init(_ text: String = ScriptLibrary.structuring.text) throws {
        script = try Self.signable(text)
        keys = Dictionary(
            uniqueKeysWithValues: Self.parties.enumerated().map {
                ($1, SigningKey(using: SeededRandomness(seed: UInt64($0))))
            })
    }

    static func signable(_ text: String) throws -> SignableScript {
        try SignableScript(
            SourceText(name: "test.parley", text), limit: Z64().numberLimit)
    }

    /// The text as `parley format` writes it.
    static func canonical(_ text: String) -> String {
        Parser.parse(SourceText(name: "test", text)).0.map(Script.Formatter.format) ?? text
    }

    static func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

    var subject: ApprovalSubject { subject() }

    func subject(
        protocol: String = "replicated3", ring: String = "z64", roster: String = "roster",
        library: String = "0.2.0"
    ) -> ApprovalSubject {
        script.subject(
            protocol: `protocol`, ring: ring, roster: Self.digest(roster), library: library)
    }

    var demands: [RoleDemand] {
        Self.parties.compactMap { party in
            keys[party].map {
                RoleDemand(party: party, role: "compliance", key: $0.publicKey)
            }
        }
    }

    /// A run today of November.
    func run(
        period: String = "2026-11", today: Int = Self.today, subject: ApprovalSubject? = nil,
        choices: [Intent.Threshold] = [], rerun: String? = nil, demands: [RoleDemand]? = nil
    ) -> ScriptRun {
        ScriptRun(
            script: script, subject: subject ?? self.subject, demands: demands ?? self.demands,
            today: today, period: period, choices: choices, rerun: rerun.map(Self.digest))
    }

    // MARK: Statements

    func approval(
        _ party: String, role: String = "compliance", subject: ApprovalSubject? = nil,
        verdict: RoleApproval.Verdict = .approved, until: String? = nil, time: Int64 = Self.now,
        by signer: String? = nil
    ) throws -> Statement {
        let key = keys[signer ?? party] ?? SigningKey(using: SeededRandomness(seed: 99))
        return .approval(
            try RoleApproval(
                author: party, role: role, subject: subject ?? self.subject, verdict: verdict,
                until: until, time: time, key: key))
    }

    /// Everybody's approval, but of those that are given otherwise.
    func approvals(but others: [Statement] = []) throws -> [Statement] {
        let replaced = Set(others.compactMap(\.approving))
        return try Self.parties.filter { !replaced.contains($0) }.map { try approval($0) } + others
    }

    func intent(
        _ session: String, period: String? = "2026-11", text: Digest? = nil,
        choices: [Intent.Threshold] = [], rerun: String? = nil, inputs: [Intent.Input]? = nil,
        time: Int64 = Self.now
    ) -> Statement {
        .intent(
            Intent(
                session: Self.digest(session),
                program: .init(name: script.checked.name, hash: text ?? script.text),
                parameters: .init(
                    ring: "z64", protocol: "replicated3", preprocessing: "none",
                    thresholds: choices
                        + (rerun.map { [.init(name: "rerun of", value: Self.digest($0).hex)] }
                            ?? [])),
                participants: .init(parties: Self.parties, dealer: nil),
                inputs: inputs ?? Self.inputs(), period: period, time: time))
    }

    static func inputs(_ rows: [Int] = [3, 4, 5], salt: String = "") -> [Intent.Input] {
        zip(parties, rows).map {
            .init(
                party: $0, table: "cash", rows: $1,
                commitment: digest("cash of \($0)" + ($0 == "bank-b" ? salt : "")))
        }
    }

    /// How a run ended.
    static func outcome(
        _ intent: Statement, _ status: Outcome.Status, hasReleases: Bool = false
    ) throws -> Statement {
        let session = intent.session ?? .zero
        let releases =
            hasReleases
            ? [Outcome.Release(recipients: ["bank-a"], commitments: [])] : []
        return .outcome(
            status == .completed
                ? .completed(
                    session: session, intent: try intent.digest, releases: releases, receipts: [],
                    time: now)
                : .ended(
                    status, session: session, intent: try intent.digest, step: "sort",
                    accuser: nil, culprit: nil, reason: "gone", releases: releases, time: now))
    }

    // MARK: Gate

    func refusals(_ statements: [Statement]) throws -> [String] { try refusals(run(), statements) }

    func refusals(
        _ run: ScriptRun, _ statements: [Statement], inputs: [Intent.Input]? = nil
    ) throws -> [String] {
        RunGate(run, try RunHistory(statements), inputs: inputs).refusals
    }
}

extension RunHistory {
    /// Of statements that every party signed, as far as it matters.
    init(_ statements: some Sequence<Statement>) throws(LedgerError) {
        try self.init(statements.map { ($0, ApprovalFixture.parties) })
    }
}

extension Statement {
    fileprivate var approving: String? {
        if case .approval(let approval) = self { approval.author } else { nil }
    }
}
