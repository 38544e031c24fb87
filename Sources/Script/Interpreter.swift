public import Analytics
public import MPC

extension Engine where Self: ~Copyable {
    /// Runs a checked script: its steps as far as releases need them, and its releases in order.
    ///
    /// The steps that a release needs run when its turn comes, so that nothing behind a check that
    /// does not hold is computed, let alone revealed. A table is freed after its last use. Every
    /// step, and every release, is one operator of the session's costs, under its label.
    ///
    /// - Parameters:
    ///   - inputs: by the number of the program's input: the rows of those that this party brings,
    ///     nil for others'. The plaintext engine needs all of them.
    ///   - progress: is told the label of each step and release as it begins.
    /// - Returns: what this party learns, in the order of the releases; on the plaintext engine what
    ///   each recipient learns. After a check that does not hold nothing follows.
    public mutating func run(
        _ program: Program, inputs: [PlainTable?], context: TableContext = TableContext(),
        progress: (String) -> Void = { _ in }
    ) throws(AnalyticsError) -> [ReleaseResult] {
        guard inputs.count == program.inputs.count else {
            throw .wrongData(
                reason: "\(inputs.count) tables are given where the script has "
                    + "\(program.inputs.count); pass nil for those of other parties")
        }
        var tables = StepTables<Self>(program)
        var results: [ReleaseResult] = []
        let schedule = program.schedule
        for (index, release) in program.releases.enumerated() {
            // 1. What it needs and nobody has computed yet.
            for step in schedule[index] {
                let (label, operation) = (program.steps[step].label, program.steps[step].operation)
                if !operation.isArrangement { progress(label) }
                tables[step] = try measuring(label) { (engine) throws(AnalyticsError) in
                    if case .input(let number) = operation {
                        try engine.input(
                            inputs[number], program.inputs[number].schema,
                            unique: program.inputs[number].unique,
                            from: program.inputs[number].owner, context: context)
                    } else {
                        try engine.apply(operation, to: &tables)
                    }
                }
            }

            // 2. The release itself.
            progress(release.label)
            let table = tables.take(release.table)
            results += try measuring(release.label) { (engine) throws(AnalyticsError) in
                try engine.release(
                    release, index, of: table, program.steps[release.table].schema)
            }
            if results.last?.index == index, results.last?.holds == false { break }
        }
        return results
    }

    private mutating func apply(_ operation: Operation, to tables: inout StepTables<Self>)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        switch operation {
        case .input: preconditionFailure("inputs are shared, not computed")
        case .union(let parts, let origin):
            return try union(
                parts.map { tables.take($0) }, origin: origin.map { ($0.column, $0.labels) })
        case .assumingUnique(let table, let names):
            return try tables.take(table).assumingUnique(names)
        case .filter(let table, let condition):
            return try filter(tables.take(table), where: condition)
        case .extend(let table, let columns):
            return try extend(tables.take(table), columns.map { ($0.name, $0.expression) })
        case .project(let table, let columns):
            return try project(tables.take(table), to: columns.map { ($0.from, $0.to) })
        case .join(let left, let right, let keys, let kind, let matched):
            return try join(
                tables.take(left), tables.take(right), on: keys.pairs, kind, matched: matched)
        case .joinMany(let left, let right, let keys, let cap):
            return try joinMany(tables.take(left), tables.take(right), on: keys.pairs, cap: cap)
                .pairs
        case .groupBy(let table, let keys, let aggregates, let bound):
            return try groupBy(tables.take(table), keys, aggregates.pairs, atMost: bound)
        case .groupJoin(let left, let right, let keys, let aggregates):
            return try groupJoin(
                tables.take(left), tables.take(right), on: keys.pairs, aggregates.pairs)
        case .window(let table, let groups, let order, let functions):
            return try window(
                tables.take(table), groups: groups, order: order,
                functions.map { ($0.name, $0.function) })
        case .distinct(let table, let names): return try distinct(tables.take(table), on: names)
        case .orderBy(let table, let keys, let count):
            return try orderBy(tables.take(table), keys, first: count)
        case .limit(let table, let count): return try limit(tables.take(table), to: count)
        case .quantiles(let table, let column, let fractions):
            return try quantilesAsRow(
                tables.take(table), of: column,
                fractions.map { ($0.name, $0.numerator, $0.denominator) })
        case .broadcast(let table, let row, let columns):
            return try broadcast(
                tables.take(table), from: tables.take(row), columns.map { ($0.from, $0.to) })
        case .score(let table, let features, let model, let name):
            return try score(
                tables.take(table), features: features, model: tables.take(model), as: name)
        case .compacted(let table): return try compacted(tables.take(table))
        }
    }
}

extension Program {
    /// By release: the steps that it needs and no release before it, in order.
    package var schedule: [[Int]] {
        var isMade = Array(repeating: false, count: steps.count)
        return releases.map { release in
            var isNeeded = Array(repeating: false, count: steps.count)
            isNeeded[release.table] = true
            for step in steps.indices.reversed() where isNeeded[step] && !isMade[step] {
                for operand in steps[step].operation.operands { isNeeded[operand] = true }
            }
            let missing = steps.indices.filter { isNeeded[$0] && !isMade[$0] }
            for step in missing { isMade[step] = true }
            return missing
        }
    }
}

/// The tables that steps have made and later ones need.
private struct StepTables<E: Engine & ~Copyable> {
    private var tables: [SecretTable<E>?]
    /// How often each table is still to be used.
    private var uses: [Int]

    init(_ program: Program) {
        let steps = program.steps
        tables = Array(repeating: nil, count: steps.count)
        uses = Array(repeating: 0, count: steps.count)
        // Used by a release, or by a step that a release needs.
        for release in program.releases { uses[release.table] += 1 }
        for step in steps.indices.reversed() where uses[step] > 0 {
            for operand in steps[step].operation.operands { uses[operand] += 1 }
        }
    }

    /// The table of a step that has run, for one use; after the last one it is forgotten.
    mutating func take(_ step: Int) -> SecretTable<E> {
        guard let table = tables[step] else {
            preconditionFailure("step \(step) has not run, or its table was used up")
        }
        uses[step] -= 1
        if uses[step] == 0 { tables[step] = nil }
        return table
    }

    subscript(step: Int) -> SecretTable<E>? {
        get { tables[step] }
        set { tables[step] = newValue }
    }
}

extension Operation {
    /// Whether it only names or puts together what is there.
    var isArrangement: Bool {
        switch self {
        case .project, .union, .assumingUnique: true
        default: false
        }
    }

    /// The tables that it reads, as often as it does.
    package var operands: [Int] {
        switch self {
        case .input: []
        case .union(let tables, _): tables
        case .assumingUnique(let table, _), .filter(let table, _), .extend(let table, _),
            .project(let table, _),
            .groupBy(let table, _, _, _), .window(let table, _, _, _), .distinct(let table, _),
            .orderBy(let table, _, _), .limit(let table, _), .quantiles(let table, _, _),
            .compacted(let table):
            [table]
        case .join(let left, let right, _, _, _), .joinMany(let left, let right, _, _),
            .groupJoin(let left, let right, _, _):
            [left, right]
        case .broadcast(let table, let row, _): [table, row]
        case .score(let table, _, let model, _): [table, model]
        }
    }
}

extension [Operation.KeyPair] {
    fileprivate var pairs: [(left: String, right: String)] { map { ($0.left, $0.right) } }
}

extension [Operation.NamedAggregate] {
    fileprivate var pairs: [(name: String, Aggregate)] { map { ($0.name, $0.aggregate) } }
}
