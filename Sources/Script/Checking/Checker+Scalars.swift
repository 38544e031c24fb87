import Analytics
import Primitives

/// Tables of one row: made of each other, and beside each row of another table.
extension Checker {
    /// `let x = a.total / b.number`: a table of one row, of columns of such tables.
    mutating func scalar(_ syntax: ExpressionSyntax, named name: Name)
        throws(Mistake) -> Relation
    {
        var names: [(qualifier: Name?, Name)] = []
        syntax.collectNames(into: &names)
        var used: [String] = []
        for (qualifier, own) in names {
            let table = (qualifier ?? own).text
            if case .relation? = bindings[table], !used.contains(table) { used.append(table) }
        }
        for (qualifier, own) in names {
            if case .broken? = bindings[(qualifier ?? own).text] { throw Mistake() }
        }
        guard let first = used.first, case .relation(let base)? = bindings[first] else {
            throw failing(
                .type, "this is no value of a table", at: syntax.range,
                suggestion: "write `const` for constants")
        }
        var row = Relation(step: base.step, columns: [], rows: base.rows)
        row.step = try add(
            .project(base.step, base.columns.map { .init($0.name, to: "\(first).\($0.name)") }),
            "columns of \(first)", at: syntax.range)
        row.columns = base.columns.map { column in
            var column = column
            column.name = "\(first).\(column.name)"
            return column
        }
        try requireOneRow(base, first, at: syntax.range)
        for other in used.dropFirst() { try broadcast(other, into: &row, at: syntax.range) }
        let scope = self.scope(of: row, scalars: used)
        let value = try lower(syntax, in: scope)
        guard case .value(let expression, _) = value.value else {
            throw failing(.type, "this is a constant; write `const`", at: syntax.range)
        }
        let extended = try add(
            .extend(row.step, [.init("#value", expression)]), "compute \(name.text)",
            at: syntax.range)
        row.step = try add(
            .project(extended, [.init("#value", to: name.text)]), "compute \(name.text)",
            at: syntax.range)
        row.columns = [.init(name: name.text, lineage: value.lineage, bands: value.bands)]
        return row
    }

    mutating func requireOneRow(_ relation: Relation, _ name: String, at range: SourceRange)
        throws(Mistake)
    {
        let bound = steps[relation.step].schema.bound
        guard bound == 1 else {
            throw failing(
                .size, "\"\(name)\" may have \(bound) rows where one is needed", at: range,
                suggestion: "sum it up first: `select sum(...) as total from \(name)`")
        }
    }

    /// Columns of a table of one row beside each row.
    mutating func broadcast(_ name: String, into row: inout Relation, at range: SourceRange)
        throws(Mistake)
    {
        guard case .relation(let other)? = bindings[name] else { return }
        try requireOneRow(other, name, at: range)
        let step = try add(
            .broadcast(
                row.step, from: other.step,
                other.columns.map { .init($0.name, to: "\(name).\($0.name)") }),
            "\(name) beside each row", at: range)
        row.step = step
        for column in other.columns {
            row.columns.append(
                .init(
                    name: "\(name).\(column.name)",
                    lineage: column.lineage.across("\(name)").copied,
                    bands: column.bands))
        }
        row.grouping = nil
    }

    /// Names as `table.column`; the column's name alone will do where no other column has it.
    func scope(of row: Relation, scalars: [String]) -> Scope {
        var scope = Scope(step: row.step)
        for column in row.columns {
            let parts = column.name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, scalars.contains(parts[0]) else { continue }
            scope.columns.append(
                ScopeColumn(
                    qualifier: parts[0], name: parts[1], field: column.name, column: column))
        }
        return scope
    }
}
