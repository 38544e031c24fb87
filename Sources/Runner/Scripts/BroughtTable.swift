import Analytics
package import Primitives
package import Script

/// A table or model of a script, as one party brings it.
struct BroughtTable {
    /// The number of the program's input.
    let input: Int
    /// As the script calls it.
    let name: String
    /// What its owner has: the table itself, or what it is prepared from.
    let source: String
    /// The columns that are read.
    let read: [CheckedColumn]
    /// The most rows that are read; of a model exactly as many.
    let bound: Int
    /// Of a model: the number of its rows.
    let weights: Int?
    let preparation: CheckedTable.Preparation?
    /// Of what is read, unlike any other's.
    let committedName: String
}

extension CheckedScript {
    /// What a party brings: tables in the script's order, then models.
    func brought(by party: Party) -> [BroughtTable] {
        func input(_ name: String) -> Int {
            guard
                let input = program.inputs.firstIndex(where: {
                    $0.table == name && $0.owner == party
                })
            else { preconditionFailure("every table and model of a script is an input") }
            return input
        }
        let own = tables.filter { $0.owners.contains(party) }
        var brought = own.map { table in
            let source = table.preparation?.source ?? table.name
            let isShared = own.count { $0.preparation?.source ?? $0.name == source } > 1
            return BroughtTable(
                input: input(table.name), name: table.name, source: source,
                read: table.preparation?.columns ?? table.columns,
                bound: table.preparation?.bound ?? table.bound, weights: nil,
                preparation: table.preparation,
                committedName: isShared ? "\(source) for \(table.name)" : source)
        }
        for model in models where model.owner == party {
            let number = input(model.name)
            brought.append(
                BroughtTable(
                    input: number, name: model.name, source: model.name,
                    read: program.inputs[number].schema.fields.map {
                        CheckedColumn(field: $0, canonical: nil, missing: nil, period: nil)
                    },
                    bound: model.features + 1, weights: model.features + 1, preparation: nil,
                    committedName: model.name))
        }
        return brought
    }

    /// The names under which a party gives the sources of its tables, each once.
    ///
    /// - Throws: ``RunFailure`` if no such party takes part.
    package func sources(of party: String) throws(RunFailure) -> [String] {
        var names: [String] = []
        for table in brought(by: try self.party(party)) where !names.contains(table.source) {
            names.append(table.source)
        }
        return names
    }

    /// A party that takes part, by its name.
    ///
    /// - Throws: ``RunFailure`` with the nearest name.
    package func party(_ name: String) throws(RunFailure) -> Party {
        if let party = parties.first(where: { $0.name == name })?.party { return party }
        let known = parties.filter { $0.party != nil }.map(\.name)
        throw RunFailure(.usage, "no party \(name) takes part in \(self.name)" + hint(name, known))
    }

    /// Whether there is a source for exactly what a party brings.
    func checkNames(
        of sources: [String: ScriptSource], broughtBy party: Party
    ) throws(RunFailure) {
        let all = brought(by: party)
        let wanted = all.map(\.source)
        let who = parties.first { $0.party == party }?.name ?? "party \(party.index)"
        let unknown = sources.keys.filter { name in
            !all.contains { $0.source == name || $0.committedName == name }
        }.sorted().map { name in
            let prepared = tables.first { $0.name == name && $0.owners.contains(party) }
            let instead =
                prepared?.preparation.map {
                    "; it is prepared from \($0.source): --table \($0.source)=SOURCE"
                } ?? hint(name, wanted)
            return "\(who) brings no table \(name) to \(self.name)\(instead)"
        }
        var missing: [String] = []
        for table in all where sources[table.committedName] ?? sources[table.source] == nil {
            if !missing.contains(table.source) { missing.append(table.source) }
        }
        let lines =
            unknown
            + missing.map { "\(who) brings \($0) to \(self.name): add --table \($0)=SOURCE" }
        guard lines.isEmpty else {
            throw RunFailure(.usage, lines.joined(separator: "\n"))
        }
    }
}

/// What may have been meant by a name that is none of these.
private func hint(_ name: String, _ known: [String]) -> String {
    if let near = nearest(name, among: known) { return "; did you mean \(near)?" }
    return known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))"
}
