/// The script as a whole, and its header.
extension Parser {
    mutating func script() -> ScriptSyntax? {
        let leading = commentsBefore()
        var (title, version) = (Name("unnamed", SourceRange(0, 0)), 1)
        let start = index
        do throws(Mistake) {
            try expect(word: "script", "at the start")
            title = try name("the script's name")
            try expect(word: "version", "after the name")
            version = try integer("the version", in: 1...1_000_000)
        } catch { recover(from: start) }

        var header = HeaderSyntax()
        var items: [ItemSyntax] = []
        var isHeader = true
        while token.kind != .end {
            let before = commentsBefore()
            let start = index
            do throws(Mistake) {
                if isHeader, try headerLine(&header) {
                    continue
                }
                isHeader = false
                items.append(try item(before))
            } catch {
                if let broken = brokenItem(start) { items.append(broken) }
                recover(from: start)
            }
            if isAt("}") {
                // After a mistake it may end a block whose beginning could not be read.
                if diagnostics.isEmpty {
                    diagnostics.append(mistake("there is no block that this \"}\" could close"))
                }
                _ = advance()
            }
        }
        // Those behind the last token.
        let trailing = comments.map(\.text)
        comments = []
        return ScriptSyntax(
            name: title, version: version, header: header, items: items,
            comments: (leading, trailing))
    }

    /// Whether there was a line of the header.
    mutating func headerLine(_ header: inout HeaderSyntax) throws(Mistake) -> Bool {
        switch word {
        case "purpose":
            _ = advance()
            guard header.purpose == nil else { throw fail("the purpose is stated twice") }
            header.purpose = try text("the purpose in double quotes")
        case "basis":
            _ = advance()
            guard header.basis == nil else { throw fail("the basis is stated twice") }
            header.basis = try text("the legal basis in double quotes")
        case "parties":
            _ = advance()
            guard header.parties.isEmpty else { throw fail("the parties are listed twice") }
            repeat { header.parties += try partyGroup() } while take(";")
        case "security": header.security = try security()
        case "runs": header.runs = try runs()
        case "period":
            _ = advance()
            let name = try name("the period's name")
            try expect("=", "after the period's name")
            try expect(word: "calendar", "in a period")
            header.period = PeriodSyntax(name: name, unit: try periodUnit())
        default: return false
        }
        return true
    }

    mutating func text(_ what: String) throws(Mistake) -> String {
        guard case .text(let text) = token.kind else {
            throw fail("\(what) is expected, not \(shown)")
        }
        _ = advance()
        return text
    }

    mutating func partyGroup() throws(Mistake) -> [PartySyntax] {
        var names = [try partyName()]
        while take(",") { names.append(try partyName()) }
        try expect(word: "as", "after the parties' names")
        var roles: [PartySyntax.Role] = []
        repeat {
            guard let role = word.flatMap(PartySyntax.Role.init) else {
                throw fail(
                    "a role is expected, not \(shown): bank, input, compute, result or observer")
            }
            roles.append(role)
            _ = advance()
        } while take(",")
        return names.map { PartySyntax(name: $0, roles: roles) }
    }

    mutating func security() throws(Mistake) -> SecuritySyntax {
        let start = advance().range
        let isMalicious: Bool
        switch word {
        case "semi":
            _ = advance()
            try expect("-", "in \"semi-honest\"")
            try expect(word: "honest", "in \"semi-honest\"")
            isMalicious = false
        case "malicious":
            _ = advance()
            isMalicious = true
        default: throw fail("\"semi-honest\" or \"malicious\" is expected, not \(shown)")
        }
        try expect(",", "after the kind of adversary")
        try expect(words: ["at", "most"], "before the number of corrupt parties")
        let corrupt = try integer("the number of corrupt parties", in: 1...15)
        try expect(word: "of", "after the number of corrupt parties")
        let of = try integer("the number of computing parties", in: 2...16)
        try expect(word: "corrupt", "at the end of the security")
        return SecuritySyntax(
            isMalicious: isMalicious, corrupt: corrupt, of: of,
            range: start.to(tokens[index - 1].range))
    }

    mutating func runs() throws(Mistake) -> RunsSyntax {
        let start = advance().range
        let count = try integer("the number of runs", in: 1...100_000)
        try expect(word: "per", "after the number of runs")
        let unit = try periodUnit()
        var until: Int?
        if take(word: "until") { until = try date() }
        return RunsSyntax(
            count: count, per: unit, until: until, range: start.to(tokens[index - 1].range))
    }

    mutating func periodUnit() throws(Mistake) -> PeriodUnit {
        guard let unit = word.flatMap(PeriodUnit.init) else {
            throw fail("day, week, month, quarter or year is expected, not \(shown)")
        }
        _ = advance()
        return unit
    }

    mutating func date() throws(Mistake) -> Int {
        guard case .date(let day) = token.kind else {
            throw fail("a date is expected, as 2027-12-31, not \(shown)")
        }
        _ = advance()
        return day
    }
}
