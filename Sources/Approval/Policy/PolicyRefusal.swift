import Ledger
import Primitives
import Script

/// What a standing policy does not allow, and the least that would have to be written into it.
public struct PolicyRefusal: Hashable, Sendable {
    /// One line, with the path from the column to the recipient where there is one.
    public let reason: String
    let grants: [Grant]

    /// Lines of YAML which, merged into the policy, allow exactly this.
    public var change: String { Policy(grants).yaml }
}

extension Sequence<PolicyRefusal> {
    /// All reasons, a line each, and the lines of YAML that would allow all of it; empty if there are
    /// none.
    public var text: String {
        let refusals = Array(self)
        guard !refusals.isEmpty else { return "" }
        let lines = Policy(refusals.flatMap(\.grants)).yaml.split(separator: "\n")
        return
            (refusals.map(\.reason) + ["to allow exactly this, put into policy.yaml:"]
            + lines.map { "  \($0)" }).joined(separator: "\n")
    }
}

extension Policy {
    /// What it does not allow of a script, besides budgets.
    ///
    /// - Parameter party: whose policy it is: only its own tables' cells matter.
    public func refusals(of script: SignableScript, for party: String) -> [PolicyRefusal] {
        let checked = script.checked
        return purpose(checked) + companions(checked, besides: party) + strength(checked)
            + leaks(checked) + reading(script, by: party) + telling(script, by: party)
    }

    // MARK: The header

    private func purpose(_ script: CheckedScript) -> [PolicyRefusal] {
        let isAllowed = purposes.contains {
            $0 == script.purpose
                || $0.last == "*" && script.purpose.hasPrefix(String($0.dropLast()))
        }
        guard !isAllowed else { return [] }
        return [
            PolicyRefusal(
                reason: "the purpose \"\(script.purpose)\" is none that the policy allows",
                grants: [.purpose(script.purpose)])
        ]
    }

    private func companions(_ script: CheckedScript, besides party: String) -> [PolicyRefusal] {
        let names = script.parties.map(\.name)
        // A party cannot have itself granted what is granted to all.
        let reserved = names.filter { [Self.all, Self.holders].contains($0) }.map {
            PolicyRefusal(
                reason: "a party is named \($0), which policies use for several", grants: [])
        }
        return reserved
            + names.filter { $0 != party && !parties.contains($0) }.map {
                PolicyRefusal(
                    reason: "\($0) takes part, with whom the policy allows nothing",
                    grants: [.party($0)])
            }
    }

    private func strength(_ script: CheckedScript) -> [PolicyRefusal] {
        let has = Security(
            isMalicious: script.security.isMalicious, corrupt: script.security.corrupt)
        if let least = security,
            has.corrupt >= least.corrupt, has.isMalicious || !least.isMalicious
        {
            return []
        }
        let asked =
            security.map { "\($0.corrupt) corrupt parties, \($0.adversary)," } ?? "nothing"
        return [
            PolicyRefusal(
                reason: "the script withstands \(has.corrupt) corrupt, \(has.adversary); the "
                    + "policy asks for \(asked) or more",
                grants: [.security(has)])
        ]
    }

    private func leaks(_ script: CheckedScript) -> [PolicyRefusal] {
        script.disclosures.filter { !shortcuts.contains($0.text) }.map {
            PolicyRefusal(
                reason: "all learn \($0.text) for speed (line \($0.line)), which the policy does "
                    + "not allow",
                grants: [.shortcut($0.text)])
        }
    }

    // MARK: Tables

    private func reading(_ script: SignableScript, by party: String) -> [PolicyRefusal] {
        let runs = script.checked.runs
        return script.tables(of: party).filter { tables[$0.table]?.budget == nil }.map {
            PolicyRefusal(
                reason: "the script reads \($0.table), which the policy does not name",
                grants: [.budget(table: $0.table, Budget(runs: runs.count, per: runs.per))])
        }
    }

    /// What of this party's cells would reach whom (R7: the script's limits against the owner's).
    private func telling(_ script: SignableScript, by party: String) -> [PolicyRefusal] {
        let own = Set(script.tables(of: party).map(\.table))
        var found: [PolicyRefusal] = []
        for (reveal, item) in zip(script.checked.reveals, script.manifest.items) {
            let others = item.recipients.filter { $0 != party }
            for flow in item.flows where own.contains(flow.table) {
                if let refusal = refusal(of: flow, reveal.recipient, others) {
                    found.append(refusal)
                }
            }
        }
        return found
    }

    private func refusal(
        of flow: Manifest.Flow, _ recipient: CheckedReveal.Recipient, _ others: [String]
    ) -> PolicyRefusal? {
        let cell = flow.column == "*" ? Self.aRow : flow.column
        let group: String? =
            switch recipient {
            case .holder: Self.holders
            case .all, .check: Self.all
            case .party: nil
            }
        let allowed = others.map { name in
            (
                name: name,
                level: level(
                    cell, of: flow.table, to: name, asHolder: group == Self.holders)
            )
        }
        let refused = allowed.filter { !$0.level.allows(flow.level) }
        guard let least = refused.map(\.level).min() else { return nil }
        let names = refused.map(\.name)
        let path =
            [flow.cell] + flow.path.dropFirst() + [names.joined(separator: ", ")]
        let lines = group.map { names.count == others.count ? [$0] : names } ?? names
        return PolicyRefusal(
            reason: "\(path.joined(separator: " -> ")): \(flow.level), but the policy allows "
                + "\(least)",
            grants: lines.map {
                .cell(table: flow.table, column: cell, recipient: $0, flow.level)
            })
    }

    // MARK: Budgets

    /// What is used up of this party's tables, by all scripts together.
    public func overdrafts(
        of run: ScriptRun, for party: String, _ history: RunHistory
    ) -> [PolicyRefusal] {
        let own = run.rerun.flatMap(history.root)
        return run.script.tables(of: party).compactMap { input in
            guard let budget = tables[input.table]?.budget else { return nil }
            let current = ScriptPeriod.text(budget.per, of: run.today)
            // Commitments are to what is read, which a preparation may read for several tables.
            let source = input.preparedFrom ?? input.table
            let names = [input.table, source, "\(source) for \(input.table)"]
            let used = history.counted { intent in
                intent.inputs.contains {
                    $0.party == party && names.contains($0.table)
                } && ScriptPeriod.text(budget.per, of: calendarDay(intent.time)) == current
            }.filter { $0 != own }
            guard used.count >= budget.runs else { return nil }
            return PolicyRefusal(
                reason:
                    "\(input.table) may be read by \(counted(budget.runs, "run")) per \(budget.per), and "
                    + "in \(current) was by \(named(used))",
                grants: [
                    .budget(
                        table: input.table,
                        Budget(runs: used.count + 1, per: budget.per))
                ])
        }
    }
}

extension Policy.Security {
    /// As scripts write it.
    var adversary: String { isMalicious ? "malicious" : "semi-honest" }
}

extension SignableScript {
    /// What a party brings.
    func tables(of party: String) -> [Manifest.Input] {
        manifest.inputs.filter { $0.owners.contains(party) }
    }
}
