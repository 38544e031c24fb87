import Algebra
package import Analytics
import Primitives

extension Checker {
    /// The name of the column that tells which bank a row is of.
    static let originColumn = "bank"

    mutating func requireNew(_ name: Name) throws(Mistake) {
        guard bindings[name.text] == nil, name.text != periodName else {
            throw failing(
                .name, "there is something called \"\(name.text)\" already", at: name.range,
                suggestion: "choose another name, or use `update`")
        }
        guard !parties.contains(where: { $0.name == name.text }) else {
            throw failing(.name, "\"\(name.text)\" is the name of a party", at: name.range)
        }
    }

    // MARK: Tables

    mutating func declare(_ table: TableSyntax, at range: SourceRange) throws(Mistake) {
        guard !isInLoop else {
            throw failing(.place, "a table is declared outside of loops", at: table.name.range)
        }
        try requireNew(table.name)
        var owners = banks
        if let owner = table.owner { owners = [try self.owner(owner, of: table.name)] }
        guard !owners.isEmpty else {
            throw failing(
                .header, "no party has the role bank, so no table can be \"at each bank\"",
                at: table.name.range,
                suggestion: "write `parties bank-a, bank-b as bank, compute, result`")
        }
        let columns = try self.columns(table)
        let unique = try uniqueColumns(table)
        let fields = columns.map(\.field)
        let schema: TableSchema
        do {
            schema = try TableSchema(fields, bound: table.atMost, unique: Set(unique.map(Set.init)))
        } catch { throw told(error, at: table.name.range) }
        let checked = CheckedTable(
            name: table.name.text, owners: owners, isAtEachBank: table.owner == nil,
            columns: columns, unique: unique, bound: table.atMost, preparation: nil)
        var places: [(input: Int, step: Int)] = []
        for owner in owners {
            inputs.append(
                ProgramInput(
                    table: table.name.text, owner: owner, schema: schema,
                    unique: unique.first ?? []))
            inputSchemas.append(TableSchema(input: inputs[inputs.count - 1]))
            let step = try add(
                .input(inputs.count - 1), "table \(table.name.text) of \(name(of: owner))",
                at: table.name.range)
            places.append((inputs.count - 1, step))
        }
        if table.isUniqueAcrossBanks, let names = unique.first {
            assumptions.append(
                "No two banks bring rows of \(table.name.text) with the same "
                    + "\(names.joined(separator: ", ")). Nobody checks it; if it is wrong, results "
                    + "for these rows are wrong.")
        }
        bindings[table.name.text] = .table(
            DeclaredTable(syntax: table, checked: checked, inputs: places))
        tables.append(checked)
    }

    private mutating func uniqueColumns(_ table: TableSyntax) throws(Mistake) -> [[String]] {
        var unique: [[String]] = []
        for names in table.unique {
            for name in names where !table.columns.contains(where: { $0.name.text == name.text }) {
                throw failing(
                    .name, "the table has no column \"\(name.text)\"", at: name.range,
                    suggestion: didYouMean(
                        name.text, table.columns.map(\.name.text), "its columns are"))
            }
            unique.append(names.map(\.text))
        }
        if unique.count > 1, let second = table.unique[1].first {
            throw failing(.size, "one list of unique columns is possible", at: second.range)
        }
        return unique
    }

    private mutating func columns(_ table: TableSyntax) throws(Mistake) -> [CheckedColumn] {
        var columns: [CheckedColumn] = []
        var isWrong = false
        for column in table.columns {
            do throws(Mistake) {
                let name = column.name
                guard !columns.contains(where: { $0.field.name == name.text }) else {
                    throw failing(
                        .name, "there are two columns \"\(name.text)\"", at: name.range)
                }
                guard name.text != Self.originColumn || table.owner != nil else {
                    throw failing(
                        .name, "\"bank\" is the column that tells of which bank a row is",
                        at: name.range, suggestion: "give it another name")
                }
                columns.append(try self.column(column))
            } catch { isWrong = true }
        }
        if isWrong { throw Mistake() }
        return columns
    }

    private mutating func column(_ column: ColumnSyntax) throws(Mistake) -> CheckedColumn {
        let type = try type(of: column)
        var canonical: CanonicalForm?
        if let name = column.canonical {
            guard case .key = type else {
                throw failing(.type, "only keys have a canonical form", at: name.range)
            }
            guard let form = CanonicalForm(rawValue: name.text) else {
                throw failing(
                    .name, "there is no canonical form \"\(name.text)\"", at: name.range,
                    suggestion: didYouMean(
                        name.text, CanonicalForm.allCases.map(\.rawValue), "there are"))
            }
            canonical = form
        }
        var missing: Int128?
        if let value = column.default { missing = try self.missing(value, type) }
        return CheckedColumn(
            field: Field(column.name.text, type), canonical: canonical, missing: missing,
            period: column.period?.text)
    }

    private mutating func missing(_ value: ExpressionSyntax, _ type: ColumnType)
        throws(Mistake) -> Int128
    {
        if case .bool = type, case .bool(let value) = value.kind { return value ? 1 : 0 }
        if case .code(let labels) = type, case .label(let label) = value.kind {
            guard let place = labels.firstIndex(of: label) else {
                throw failing(
                    .name, "'\(label)' is no label of the column", at: value.range,
                    suggestion: didYouMean(label, labels, "its labels are"))
            }
            return Int128(place)
        }
        guard let range = type.range else {
            throw failing(.type, "this is no value of the column", at: value.range)
        }
        let number = try constant(value, as: type)
        guard range.contains(number) else {
            throw failing(.range, "the default is outside of the column's range", at: value.range)
        }
        return number
    }

    private mutating func type(of column: ColumnSyntax) throws(Mistake) -> ColumnType {
        func wide(_ bits: Int) -> ClosedRange<Int128> {
            -(Int128(1) << Int128(bits))...Int128(1) << Int128(bits)
        }
        let kind: ColumnType
        switch column.type.kind {
        case .bool: kind = .bool
        case .key(let domain, let bits): kind = .key(domain: domain, bits: bits)
        case .code(let labels):
            guard Set(labels).count == labels.count, labels.count <= 256 else {
                throw failing(
                    .type, "the labels of a code differ, and are at most 256",
                    at: column.type.range)
            }
            kind = .code(labels)
        case .int: kind = .integer(0...0)
        case .money(let currency): kind = .money(currency: currency, 0...0)
        case .fix(let bits): kind = .fixed(fractionBits: bits, 0...0)
        case .day: kind = .day(0...0)
        case .minute: kind = .minute(0...0)
        }
        if let period = column.period {
            guard case .day = kind, period.text == periodName else {
                throw failing(
                    .name,
                    periodName == nil
                        ? "the script has no period"
                        : "only a day can be in the period, which is called \(periodName ?? "")",
                    at: period.range, suggestion: "add `period \(period.text) = calendar month`")
            }
            let days = parameters.period ?? 9_800...9_830
            return .day(Int128(days.lowerBound)...Int128(days.upperBound))
        }
        guard let bounds = column.range else {
            guard kind.range == nil else {
                throw failing(
                    .range, "the range of \"\(column.name.text)\" is not stated",
                    at: column.name.range, suggestion: "add `in LOW .. HIGH`")
            }
            return kind
        }
        guard kind.range != nil else {
            throw failing(.range, "a column of this type has no range", at: column.type.range)
        }
        let (low, high) = (try constant(bounds.0, as: kind), try constant(bounds.1, as: kind))
        guard low <= high else {
            throw failing(
                .range, "the range is empty", at: bounds.0.range.to(bounds.1.range),
                suggestion: "write the lower end first")
        }
        let type = kind.with(range: low...high)
        guard low >= -limit, high <= limit else {
            throw told(
                .overflow(expression: "", range: low...high, bound: limit),
                at: bounds.0.range.to(bounds.1.range))
        }
        return type
    }

    // MARK: Prepare

    /// `prepare T from S (...) { ... }`: how an owner makes the table of what it has, in the clear.
    mutating func declare(_ prepare: PrepareSyntax, at range: SourceRange) throws(Mistake) {
        if case .broken? = bindings[prepare.table.text] { throw Mistake() }
        guard case .table(var table)? = bindings[prepare.table.text] else {
            throw failing(
                .name, "there is no table \"\(prepare.table.text)\" to prepare",
                at: prepare.table.range,
                suggestion: didYouMean(prepare.table.text, tableNames, "the tables are"))
        }
        guard table.checked.preparation == nil else {
            throw failing(
                .name, "\"\(prepare.table.text)\" is prepared twice", at: prepare.table.range)
        }
        // The owner computes in the clear, over a ring that holds anything.
        var owner = Checker(source: source, parameters: parameters, limit: Z128().numberLimit)
        owner.parties = parties
        owner.periodName = periodName
        for (name, binding) in bindings {
            if case .constant = binding { owner.bindings[name] = binding }
        }
        let me = table.checked.owners[0]
        var syntax = prepare.source
        syntax.owner = Name(name(of: me), syntax.name.range)
        try? owner.declare(syntax, at: range)
        for item in prepare.body {
            guard case .assign(let assign) = item.kind else {
                owner.fail(
                    .place, "only `let` and `update` prepare a table", at: item.range)
                continue
            }
            try? owner.assign(assign)
        }
        diagnostics += owner.diagnostics
        guard owner.diagnostics.isEmpty, let raw = owner.tables.first else { throw Mistake() }
        guard case .relation(let relation)? = owner.bindings[prepare.table.text] else {
            throw failing(
                .name, "the preparation makes no table \"\(prepare.table.text)\"",
                at: prepare.table.range,
                suggestion: "end it with `let \(prepare.table.text) = select ...`")
        }
        let schema = owner.steps[relation.step].schema
        for column in table.checked.columns {
            guard let field = schema.fields.first(where: { $0.name == column.field.name }) else {
                throw failing(
                    .name, "the preparation makes no column \"\(column.field.name)\"",
                    at: prepare.table.range,
                    suggestion: "add it to the last `select`")
            }
            guard field.type.isSameKind(as: column.field.type) else {
                throw failing(
                    .type,
                    "the preparation makes \"\(field.name)\" \(field.type.inWords), but the table "
                        + "declares \(column.field.type.inWords)", at: prepare.table.range)
            }
        }
        let result: Int
        let kept = table.checked.columns.map {
            Operation.Renaming($0.field.name, to: $0.field.name)
        }
        do throws(Mistake) {
            result = try owner.add(
                .project(relation.step, kept), "prepare \(prepare.table.text)",
                at: prepare.table.range)
        } catch {
            diagnostics += owner.diagnostics
            throw error
        }
        let checked = CheckedTable(
            name: table.checked.name, owners: table.checked.owners,
            isAtEachBank: table.checked.isAtEachBank, columns: table.checked.columns,
            unique: table.checked.unique, bound: table.checked.bound,
            preparation: CheckedTable.Preparation(
                source: raw.name, columns: raw.columns, unique: raw.unique, bound: raw.bound,
                program: Program(
                    parties: [name(of: me)], inputs: owner.inputs, steps: owner.steps, releases: []),
                result: result))
        table.checked = checked
        bindings[checked.name] = .table(table)
        if let place = tables.firstIndex(where: { $0.name == checked.name }) {
            tables[place] = checked
        }
    }

    var tableNames: [String] {
        bindings.compactMap { if case .table = $0.value { $0.key } else { nil } }
    }

    // MARK: Models and constants

    mutating func declare(_ model: ModelSyntax) throws(Mistake) {
        try requireNew(model.name)
        let owner = try owner(model.owner, of: model.name)
        let kind = ColumnType.fixed(fractionBits: 16, 0...0)
        var range: ClosedRange<Int128> = -(8 << 16)...8 << 16
        if let bounds = model.range {
            let (low, high) = (try constant(bounds.0, as: kind), try constant(bounds.1, as: kind))
            guard low <= high else {
                throw failing(.range, "the range is empty", at: bounds.0.range.to(bounds.1.range))
            }
            range = low...high
        }
        let weight = kind.with(range: range)
        let checked = CheckedModel(
            name: model.name.text, owner: owner, features: model.features, weight: weight)
        do throws(AnalyticsError) {
            let schema = try TableSchema([Field("weight", weight)], bound: model.features + 1)
            inputs.append(ProgramInput(table: model.name.text, owner: owner, schema: schema))
            inputSchemas.append(TableSchema(input: inputs[inputs.count - 1]))
        } catch { throw told(error, at: model.name.range) }
        let step = try add(
            .input(inputs.count - 1), "model \(model.name.text) of \(name(of: owner))",
            at: model.name.range)
        bindings[model.name.text] = .model(DeclaredModel(checked: checked, step: step))
        models.append(checked)
    }

    mutating func declare(_ constant: ConstantSyntax) throws(Mistake) {
        try requireNew(constant.name)
        var values: [Constant] = []
        for value in constant.values {
            let typed = try lower(value, in: Scope())
            guard typed.isConstant else {
                throw failing(
                    .threshold, "a constant is made of constants alone", at: value.range)
            }
            values.append(Constant(value: typed, syntax: value))
        }
        bindings[constant.name.text] = .constant(values, isList: constant.isList)
        var names: [(qualifier: Name?, Name)] = []
        for value in constant.values { value.collectNames(into: &names) }
        chosenValues[constant.name.text] = Set(names.map(\.1.text)).reduce(1) {
            min(1_000, $0 * (chosenValues[$1] ?? 1))
        }
    }

    mutating func declare(_ choose: ChooseSyntax, at range: SourceRange) throws(Mistake) {
        try requireNew(choose.name)
        var values: [Constant] = []
        for value in choose.values {
            // Manifests write a choice by its name: they are the same whatever is chosen.
            var name = value
            name.kind = .name(qualifier: nil, choose.name)
            values.append(Constant(value: try lower(value, in: Scope()), syntax: name))
        }
        let chosen = parameters.choices[choose.name.text] ?? 0
        guard values.indices.contains(chosen) else {
            throw failing(
                .threshold, "there is no value of this number to choose", at: choose.name.range)
        }
        bindings[choose.name.text] = .constant([values[chosen]], isList: false)
        chosenValues[choose.name.text] = values.count
        choices.append(
            CheckedChoice(
                name: choose.name.text, values: choose.values.map { Formatter.text($0) },
                chosen: chosen))
    }
}

extension TableSchema {
    /// What an input of its owner is, as Analytics makes it.
    package init(input: ProgramInput) {
        let unique = input.unique.isEmpty ? [] : [Set(input.unique)]
        self.init(
            checked: input.schema.fields.map { Field($0.name, $0.type, owners: [input.owner]) },
            bound: input.schema.bound, unique: input.schema.unique.union(unique))
    }
}
