import Primitives

extension Checker {
    typealias Header = (
        purpose: String, basis: String, security: SecuritySyntax, runs: RunsSyntax
    )

    /// What every script must say about itself.
    mutating func header(_ script: ScriptSyntax) -> Header? {
        let (header, place) = (script.header, script.name.range)
        if header.purpose?.isEmpty ?? true {
            fail(
                .header, "the script states no purpose", at: place,
                suggestion: "add `purpose \"...\"` below the script's name")
        }
        if header.basis?.isEmpty ?? true {
            fail(
                .header, "the script states no legal basis", at: place,
                suggestion: "add `basis \"...\"`: the agreement and the law that allow it")
        }
        checkParties(header, place)
        if let security = header.security {
            if security.of != computing {
                fail(
                    .header,
                    "\(security.of) computing parties are stated, but \(computing) are listed",
                    at: security.range, suggestion: "write `of \(computing) corrupt`")
            } else if security.corrupt >= security.of {
                fail(
                    .header, "if all \(security.of) parties are corrupt nothing is hidden",
                    at: security.range,
                    suggestion: "write `at most \(security.of - 1) of \(security.of) corrupt`")
            }
            if security.isMalicious {
                fail(
                    .header, "no protocol against parties that deviate is built yet",
                    at: security.range, suggestion: "write `security semi-honest, ...`")
            }
        } else {
            fail(
                .header, "the script does not say against whom it is safe", at: place,
                suggestion: "add `security semi-honest, at most 1 of \(max(2, computing)) corrupt`")
        }
        if header.runs == nil {
            fail(
                .runs, "the script does not say how often it may run", at: place,
                suggestion: "add `runs 1 per month until 2028-12-31`")
        }
        if let period = header.period {
            periodName = period.name.text
            if let runs = header.runs, runs.per != period.unit {
                fail(
                    .runs,
                    "runs are counted per \(runs.per.rawValue), but the period is a "
                        + "\(period.unit.rawValue)", at: period.name.range,
                    suggestion: "write `runs \(runs.count) per \(period.unit.rawValue)`")
            }
        }
        guard let purpose = header.purpose, let basis = header.basis,
            let security = header.security, let runs = header.runs
        else { return nil }
        return (purpose, basis, security, runs)
    }

    private mutating func checkParties(_ header: HeaderSyntax, _ place: SourceRange) {
        guard !header.parties.isEmpty else {
            fail(
                .header, "the script names no parties", at: place,
                suggestion: "add `parties bank-a, bank-b as bank, compute, result`")
            return
        }
        var next = 0
        for party in header.parties {
            let (name, roles) = (party.name.text, Set(party.roles))
            guard !parties.contains(where: { $0.name == name }) else {
                fail(.name, "the party \(name) is listed twice", at: party.name.range)
                continue
            }
            let isObserver = roles.contains(.observer)
            if isObserver, roles.count > 1 {
                fail(
                    .header, "\(name) cannot observe and have another role", at: party.name.range)
            }
            // Those who compute come first.
            if roles.contains(.compute) {
                if let client = parties.first(where: \.isClient) {
                    fail(
                        .header,
                        "\(name) computes, and \(client.name), listed before it, does not",
                        at: party.name.range,
                        suggestion: "list those that compute first: they come first in the roster "
                            + "too")
                }
                computing += 1
            }
            if isObserver {
                parties.append(CheckedParty(name: name, roles: party.roles, party: nil))
            } else {
                let index = Party(next)
                next += 1
                if roles.contains(.bank) { banks.append(index) }
                parties.append(CheckedParty(name: name, roles: party.roles, party: index))
            }
        }
        if computing < 2 {
            fail(
                .header, "a joint computation needs at least two computing parties", at: place,
                suggestion: next < 2 ? nil : "add the role compute")
        }
    }

    /// The party that brings a table or a model: one that does not compute has the role for it.
    mutating func owner(_ name: Name, of table: Name) throws(Mistake) -> Party {
        let party = try party(name)
        if let member = parties.first(where: { $0.party == party }), member.isClient,
            !member.roles.contains(.input), !member.roles.contains(.bank)
        {
            fail(
                .header,
                "\(name.text) would bring \(table.text), but has neither the role input nor compute",
                at: name.range, suggestion: "give it the role input in the header")
        }
        return party
    }

    /// A party that takes part, by its name.
    mutating func party(_ name: Name) throws(Mistake) -> Party {
        guard let party = parties.first(where: { $0.name == name.text }) else {
            throw failing(
                .name, "there is no party \"\(name.text)\"", at: name.range,
                suggestion: didYouMean(name.text, parties.map(\.name), "the parties are"))
        }
        guard let index = party.party else {
            throw failing(
                .name, "\(name.text) observes: it brings nothing and learns nothing but the ledger",
                at: name.range, suggestion: "give it the roles compute and result")
        }
        return index
    }

    func name(of party: Party) -> String {
        parties.first { $0.party == party }?.name ?? "party \(party.index)"
    }
}
