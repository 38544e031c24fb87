import Analytics

/// R1 and R10: whether what is told depends on something, is told to whom it may be, and is coarse
/// enough.
extension Checker {
    /// With so many constants one column's cells may be compared for one party, over all reveals.
    static let mostCuts = 8

    /// Whether what is told of others' cells is coarse enough.
    mutating func checkInference(_ reveal: CheckedReveal, _ syntax: RevealSyntax) {
        for column in reveal.columns where !column.isHolderKey {
            let range =
                syntax.items.first { $0.name?.text == column.name }?.expression.range
                ?? syntax.range
            if column.lineage.isEmpty, reveal.rows.isEmpty {
                fail(
                    .unreached, "\"\(column.name)\" depends on no table", at: range,
                    suggestion: "leave it out")
                continue
            }
            if case .key = column.type { continue }
            for (source, trace) in column.lineage.sorted
            where trace.form >= .aggregate && isOthers(source, trace, reveal.recipient) {
                guard let refusal = refusal(of: column, source, trace, reveal) else { continue }
                fail(.inference, refusal.message, at: range, suggestion: refusal.suggestion)
                break
            }
        }
        count(reveal, at: syntax.range)
    }

    /// Why a number that depends on others' cells is not coarse enough; nil if it is.
    private func refusal(
        of column: CheckedReveal.Column, _ source: SourceColumn, _ trace: Lineage.Trace,
        _ reveal: CheckedReveal
    ) -> (message: String, suggestion: String)? {
        let cell = "\(source.table).\(source.column)"
        let path =
            "path: "
            + (trace.path + [recipientText(reveal.recipient)]).joined(separator: " -> ") + "; "
        guard let groups = reveal.groups, groups.count >= 2 else {
            return trace.form == .exact
                ? single(column, cell, path)
                : (
                    "\"\(column.name)\" is a number that depends on others' \(cell), without a limit "
                        + "on groups",
                    path + "add `groups of at least 10`, or reveal band(\(column.name), ...)"
                )
        }
        if trace.form == .exact, !column.isGroupKey { return single(column, cell, path) }
        let limit = "`groups of at least \(groups.count) \(groups.of)`"
        guard trace.group != nil, trace.group == reveal.guarded else {
            return (
                "\"\(column.name)\" is of other rows than those that \(limit) counts",
                path + "compute it in the select that makes the groups"
            )
        }
        guard trace.form != .exact else { return nil }
        if trace.isChosen {
            return (
                "\"\(column.name)\" may be of fewer rows than \(limit) counts: a condition or a join "
                    + "in it sets others to zero",
                path + "put the condition into `where`, so that only the rows summed are counted"
            )
        }
        if trace.isCopied, groups.of == "rows" {
            return (
                "\"\(column.name)\" is of joined values, of which one may stand in all rows that "
                    + "\(limit) counts",
                path + "count what was joined: `groups of at least \(groups.count) COLUMN`"
            )
        }
        return nil
    }

    private func single(_ column: CheckedReveal.Column, _ cell: String, _ path: String) -> (
        message: String, suggestion: String
    ) {
        (
            "\"\(column.name)\" would tell single values of \(cell)",
            path
                + (column.type.range == nil
                    ? "add `groups of at least 10`, or reveal band(\(column.name), ...)"
                    : "reveal band(\(column.name), ...), or sum up groups and add `groups of at "
                        + "least 10`")
        )
    }

    // MARK: Questions

    /// Adds up what each party is told by conditions and bands: many of them are the value itself.
    mutating func count(_ reveal: CheckedReveal, at range: SourceRange) {
        count(
            reveal.cuts { isOthers($0, $1, reveal.recipient) }, for: recipients(reveal.recipient),
            at: range)
    }

    mutating func count(
        _ asked: [SourceColumn: Set<Cut>], for parties: [String], at range: SourceRange
    ) {
        var over: [(source: SourceColumn, count: Int, party: String)] = []
        for party in parties {
            for (source, cuts) in asked {
                let known = told[party]?[source] ?? []
                let all = known.union(cuts)
                told[party, default: [:]][source] = all
                if all.count > Self.mostCuts, known.count <= Self.mostCuts {
                    over.append((source, all.count, party))
                }
            }
        }
        // One message a reveal: of cells before rows, in order of names.
        guard
            let first = over.min(by: {
                ($0.source.column == "*" ? 1 : 0, $0.source, $0.party)
                    < ($1.source.column == "*" ? 1 : 0, $1.source, $1.party)
            })
        else { return }
        let (table, column) = (first.source.table, first.source.column)
        fail(
            .inference,
            (column == "*" ? "the rows of \(table)" : "\(table).\(column)")
                + " would be compared with \(first.count) constants for \(first.party), over all "
                + "reveals; \(Self.mostCuts) are the most",
            at: range,
            suggestion: "use fewer constants in bands and conditions, or sum up groups and add "
                + "`groups of at least 10`")
    }

    // MARK: Recipients

    /// R1: those who learn something have the role for it.
    mutating func requireResult(_ recipient: CheckedReveal.Recipient, at range: SourceRange) {
        let names = recipients(recipient)
        guard
            let party = parties.first(where: {
                names.contains($0.name) && !$0.roles.contains(.result)
            })
        else { return }
        fail(
            .unreached, "\(party.name) would learn this, but has not the role result", at: range,
            suggestion: "give it the role result in the header, or reveal to another party")
    }

    func recipients(_ recipient: CheckedReveal.Recipient) -> [String] {
        switch recipient {
        case .all, .check: parties.filter { $0.party != nil }.map(\.name)
        case .party(let name): [name]
        case .holder(let table, _):
            tables.first { $0.name == table }?.owners.map(name(of:)) ?? []
        }
    }

    /// Whether a recipient learns about cells that are not its own.
    func isOthers(
        _ source: SourceColumn, _ trace: Lineage.Trace, _ recipient: CheckedReveal.Recipient
    ) -> Bool {
        switch recipient {
        case .all, .check: true
        case .party(let name):
            tables.first { $0.name == source.table }.map { $0.owners.map(self.name(of:)) != [name] }
                ?? (models.first { $0.name == source.table }.map { self.name(of: $0.owner) != name }
                    ?? true)
        case .holder(let table, _): trace.isForeign || source.table != table
        }
    }

    func recipientText(_ recipient: CheckedReveal.Recipient) -> String {
        switch recipient {
        case .all, .check: "all"
        case .party(let name): name
        case .holder(_, let key): "the bank holding \(key)"
        }
    }
}

extension CheckedReveal {
    /// What is asked about each column by conditions and bands that no limit on groups covers.
    func cuts(where isCounted: (SourceColumn, Lineage.Trace) -> Bool) -> [SourceColumn: Set<Cut>] {
        let hasGroups = (groups?.count ?? 0) >= 2
        var asked: [SourceColumn: Set<Cut>] = [:]
        for lineage in columns.map(\.lineage) + [rows] {
            for (source, trace) in lineage.sorted
            where trace.form <= .band && isCounted(source, trace)
                && !(hasGroups && trace.group != nil && trace.group == guarded)
            {
                asked[source, default: []].formUnion(trace.cuts)
            }
        }
        return asked.filter { !$0.value.isEmpty }
    }
}
