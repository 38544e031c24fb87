extension ScriptSyntax {
    /// The same script with no table larger than these rows, by the name of the table or of what it
    /// is prepared from; others as they are.
    public func limited(to rows: [String: Int]) -> Self {
        var result = self
        for index in result.items.indices {
            switch result.items[index].kind {
            case .table(var table):
                table.limit(to: rows)
                result.items[index].kind = .table(table)
            case .prepare(var prepare):
                prepare.source.limit(to: rows)
                result.items[index].kind = .prepare(prepare)
            default: break
            }
        }
        return result
    }
}

extension TableSyntax {
    fileprivate mutating func limit(to rows: [String: Int]) {
        if let most = rows[name.text] { atMost = min(atMost, max(1, most)) }
    }
}
