extension Manifest {
    /// So many combinations of choices are the most that a manifest tells of.
    static let mostCombinations = 64

    /// What a script tells over all its runs: what its roles sign.
    ///
    /// Depends on nothing but the text and the ring, so it is the same for every period and every
    /// choice. Ranges are those of the longest period of its unit; a sentence that does not hold for
    /// every choice says for which it does.
    ///
    /// - Parameter limit: the largest magnitude that the ring can compare: `ring.numberLimit`.
    /// - Returns: nothing if the script has a mistake with any of its choices; and all diagnostics.
    public static func signed(
        _ source: SourceText, limit: Int128
    ) -> (manifest: Manifest?, diagnostics: [Diagnostic]) {
        let syntax = Parser.parse(source).0
        let choices = (syntax?.items ?? []).compactMap { item in
            if case .choose(let choose) = item.kind { choose } else { nil }
        }
        let combinations = choices.reduce(1) { min($0, mostCombinations + 1) * $1.values.count }
        if combinations > mostCombinations, let last = choices.last {
            let mistake = Diagnostic(
                "size",
                "the choices can be combined in more than \(mostCombinations) ways, which nobody "
                    + "reads", at: last.name.range, suggestion: "leave out choices or values")
            return (nil, [mistake])
        }
        var cases: [(label: String, manifest: Manifest)] = []
        var warnings: [Diagnostic] = []
        for number in 0..<max(1, combinations) {
            var parameters = Checker.Parameters()
            parameters.period = syntax?.header.period.map { longest($0.unit) }
            var (rest, chosen) = (number, [String]())
            for choose in choices where !choose.values.isEmpty {
                let place = rest % choose.values.count
                rest /= choose.values.count
                parameters.choices[choose.name.text] = place
                chosen.append("\(choose.name.text) is \(Formatter.text(choose.values[place]))")
            }
            let checked = Checker.check(source, parameters: parameters, limit: limit)
            guard let script = checked.script else { return (nil, checked.diagnostics) }
            if number == 0 { warnings = checked.diagnostics }
            cases.append(
                ("If \(chosen.joined(separator: " and ")): ", Manifest(of: script)))
        }
        return (Self(joining: cases), warnings)
    }

    /// A period that no other of its unit exceeds.
    private static func longest(_ unit: PeriodUnit) -> ClosedRange<Int> {
        let days =
            switch unit {
            case .day: 1
            case .week: 7
            case .month: 31
            case .quarter: 92
            case .year: 366
            }
        let first = 9_497  // 2026-01-01
        return first...first + days - 1
    }

    /// One manifest for several choices, of which all have the same items.
    private init(joining cases: [(label: String, manifest: Manifest)]) {
        let first = cases[0].manifest
        func joined(_ sentences: (Manifest) -> [String]) -> [String] {
            let all = cases.map { sentences($0.manifest) }
            let common = all.dropFirst().reduce(Set(all[0])) { $0.intersection($1) }
            var (result, known) = ([String](), Set<String>())
            for (one, list) in zip(cases, all) {
                for sentence in list {
                    let told = common.contains(sentence) ? sentence : one.label + sentence
                    if known.insert(told).inserted { result.append(told) }
                }
            }
            return result
        }
        self.init(
            script: first.script, version: first.version, purpose: first.purpose,
            basis: first.basis, members: first.members, security: first.security, runs: first.runs,
            choices: first.choices,
            inputs: first.inputs.indices.map { index in
                let input = first.inputs[index]
                return Input(
                    table: input.table, owners: input.owners,
                    atMostRows: cases.map { $0.manifest.inputs[index].atMostRows }.max() ?? 0,
                    columns: joined { $0.inputs[index].columns }, preparedFrom: input.preparedFrom)
            },
            items: first.items.indices.map { index in
                let item = first.items[index]
                return Item(
                    name: item.name, line: item.line, recipients: item.recipients,
                    learns: joined { $0.items[index].learns },
                    inference: joined { $0.items[index].inference },
                    flows: Self.joined(cases.flatMap { $0.manifest.items[index].flows }))
            },
            together: joined(\.together), shortcuts: joined(\.shortcuts),
            nobodyLearns: joined(\.nobodyLearns),
            everybodyKnows: joined(\.everybodyKnows), assumptions: joined(\.assumptions))
    }

    /// Of each column the flow that tells most.
    private static func joined(_ flows: [Flow]) -> [Flow] {
        var most: [SourceColumn: Flow] = [:]
        for flow in flows {
            let source = SourceColumn(table: flow.table, column: flow.column)
            if let known = most[source], known.level >= flow.level { continue }
            most[source] = flow
        }
        return most.sorted { $0.key < $1.key }.map(\.value)
    }
}
