package import Analytics
package import Primitives
package import Script
package import Tables

/// What one party brings to a script: read, checked and prepared, before anyone else is involved.
package struct ScriptInputs {
    /// By the number of the program's input: this party's tables after preparation, nil for others'.
    package let plain: [PlainTable?]
    /// What was read, in the order of the script's tables, models last: what is committed to.
    ///
    /// No two names are equal.
    package let committed: [(name: String, table: Table)]
    /// What the party may want to correct; nothing that stops a run.
    package let warnings: [String]
    private let keys: [Int: [OwnRows.KeyTexts]]
    private let program: Program

    /// - Parameters:
    ///   - me: who brings the tables.
    ///   - sources: by the name of the table, or of what it is prepared from, or of the model: one
    ///     for each that `me` brings.
    /// - Throws: ``RunFailure`` with all that is wrong, a line each.
    package init(
        _ script: CheckedScript, me: Party, sources: [String: ScriptSource]
    ) throws(RunFailure) {
        try script.checkNames(of: sources, broughtBy: me)
        try self.init(script, me: me) { table throws(TableError) in try table.read(from: sources) }
    }

    /// - Parameter read: all rows of what the party has.
    init(
        _ script: CheckedScript, me: Party, read: (BroughtTable) throws(TableError) -> Table
    ) throws(RunFailure) {
        var plain = [PlainTable?](repeating: nil, count: script.program.inputs.count)
        var committed: [(name: String, table: Table)] = []
        var (warnings, keys): ([String], [Int: [OwnRows.KeyTexts]]) = ([], [:])
        var failures: [String] = []
        for brought in script.brought(by: me) {
            do throws(InputFailure) {
                let table: Table
                do { table = try read(brought) } catch { throw InputFailure(error) }
                committed.append((brought.committedName, table))
                let own: OwnRows
                do { own = try OwnRows(table, brought.read) } catch { throw InputFailure(error) }
                warnings += own.warnings
                plain[brought.input] = try brought.entering(
                    own.plain, of: table, script.program.inputs[brought.input])
                keys[brought.input] = own.keys
            } catch {
                failures.append(error.description)
            }
        }
        guard failures.isEmpty else {
            throw RunFailure(.badInput, failures.joined(separator: "\n"))
        }
        (self.plain, self.committed, self.warnings) = (plain, committed, warnings)
        (self.keys, program) = (keys, script.program)
    }

    /// The texts of a key column of a shared table, in canonical form, by row: for the holder's eyes.
    ///
    /// Empty where the preparation made a key of nothing that was read.
    package func keyTexts(input: Int, column: String) -> [String] {
        guard let place = program.inputs[input].schema.names.firstIndex(of: column),
            case .keys(let wanted)? = plain[input]?.columns[place]
        else { return [] }
        let type = program.inputs[input].schema.fields[place].type
        var texts: [UInt128: (read: Int, row: Int)] = [:]
        let read = (keys[input] ?? []).filter { $0.type == type }
        for (number, column) in read.enumerated() {
            for (row, key) in column.keys.enumerated() { texts[key] = (number, row) }
        }
        return wanted.map { key in texts[key].map { read[$0.read].texts[$0.row] } ?? "" }
    }
}

extension BroughtTable {
    /// All rows as their owner has them.
    ///
    /// - Parameter sources: by the name of what is read, or that under which it is committed to.
    func read(from sources: [String: ScriptSource]) throws(TableError) -> Table {
        guard let found = sources[committedName] ?? sources[source] else {
            throw TableError(file: source, [.init("has no source")])
        }
        return try found.read(Schema(read))
    }
}

/// Why a table cannot enter: lines for its owner.
private struct InputFailure: Error {
    let description: String
    init(_ description: String) { self.description = description }
    init(_ error: TableError) { description = error.description }
}

// MARK: - Checks

extension BroughtTable {
    /// The rows as they enter the computation.
    fileprivate func entering(
        _ rows: PlainTable, of table: Table, _ input: ProgramInput
    ) throws(InputFailure) -> PlainTable {
        if let weights, rows.count != weights {
            throw InputFailure(
                "\(table.name): \(rows.count) weights where the model \(name) has \(weights): one "
                    + "for each feature in the order of the script, then the bias")
        }
        let read = preparation?.program.inputs[0] ?? input
        do { try rows.check(against: read.schema, unique: read.unique) } catch {
            throw InputFailure("\(table.name): " + said(of: error, in: table))
        }
        guard let preparation else { return rows }
        let made: PlainTable
        do { made = try preparation.run(rows) } catch {
            throw InputFailure("\(table.name): preparing \(name): \(error)")
        }
        do { try made.check(against: input.schema, unique: input.unique) } catch {
            throw InputFailure("table \(name): " + said(ofPrepared: error))
        }
        return made
    }

    /// A mistake in rows that were read.
    private func said(of error: AnalyticsError, in table: Table) -> String {
        switch error {
        case .tooManyRows(let count, let bound):
            "\(counted(count, "row")) where \(source) has at most \(bound); raise the number in the script, "
                + "which must be signed anew, or bring fewer"
        case .duplicateKey(let columns, let rows):
            "\(rows.map(table.place(ofRow:)).joined(separator: " and ")) have the same "
                + "\(columns.joined(separator: ", ")), which must differ in all rows; remove one"
        case .outOfRange(let column, let row, _):
            "\(table.mistake(row: row, column: column, "is out of the column's range; correct it"))"
        default: "\(error)"
        }
    }

    /// A mistake in rows that the preparation made: there is no line to point at.
    private func said(ofPrepared error: AnalyticsError) -> String {
        switch error {
        case .tooManyRows(let count, let bound):
            "the preparation makes \(counted(count, "row")) of \(source) where at most \(bound) are declared; "
                + "raise the number in the script, or let the preparation keep fewer"
        case .duplicateKey(let columns, _):
            "the preparation makes rows of \(source) with the same "
                + "\(columns.joined(separator: ", ")), declared unique; let it group by that"
        case .outOfRange(let column, _, let type):
            "column \(column): the preparation makes a value of \(source) that is not \(type); "
                + "widen the column's range in the script, or leave such rows out"
        default: "\(error)"
        }
    }
}
