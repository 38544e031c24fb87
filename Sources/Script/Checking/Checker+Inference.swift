import Analytics

/// R1 and R10: whether what is told depends on something, and is coarse enough.
extension Checker {
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
            guard column.bands.isEmpty else { continue }
            if case .key = column.type { continue }
            for (source, trace) in column.lineage.sorted {
                guard trace.form >= .aggregate, isOthers(source, trace, reveal.recipient) else {
                    continue
                }
                let isGroup = reveal.groups.map { $0.count >= 2 } ?? false
                guard !isGroup || trace.form == .exact && !column.isGroupKey else { continue }
                let path = (trace.path + [recipientText(reveal.recipient)]).joined(
                    separator: " -> ")
                let isOwnRow = trace.form == .exact
                fail(
                    .inference,
                    isOwnRow
                        ? "\"\(column.name)\" would tell single values of \(source.table).\(source.column)"
                        : "\"\(column.name)\" is a number that depends on others' "
                            + "\(source.table).\(source.column), without a limit on groups",
                    at: range,
                    suggestion: "path: \(path); "
                        + (column.type.range == nil || !isOwnRow
                            ? "add `groups of at least 10`, or reveal band(\(column.name), ...)"
                            : "reveal band(\(column.name), ...), or sum up groups and add `groups "
                                + "of at least 10`"))
                break
            }
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
