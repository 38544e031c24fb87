import Foundation
package import Script

/// What a run chooses from what was signed, from the command line.
package enum ScriptParameters {
    /// - Parameters:
    ///   - period: as ``ScriptPeriod`` reads it; the current one if nil. A script without a period
    ///     has the unit in which its runs are counted.
    ///   - choices: `NAME=VALUE`, one for each choice that is not the first of its values.
    ///   - today: in days since 2000-01-01.
    /// - Returns: no choices if the script cannot be read: its check tells why.
    /// - Throws: ``RunFailure`` if the period is none, or of another unit than the script's, or if
    ///   there is no such choice.
    package static func parse(
        _ source: SourceText, period: String?, choices: [String], today: Int = today
    ) throws(RunFailure) -> Checker.Parameters {
        var parameters = Checker.Parameters()
        guard let script = Parser.parse(source).0 else { return parameters }
        if let unit = script.header.period?.unit ?? script.header.runs?.per {
            parameters.period = try days(
                period ?? ScriptPeriod.text(unit, of: today), unit, script.name.text)
        }
        let offered = script.items.compactMap { item in
            if case .choose(let choose) = item.kind { choose } else { nil }
        }
        for choice in choices {
            let (name, number) = try chosen(choice, offered, script.name.text)
            guard parameters.choices.updateValue(number, forKey: name) == nil else {
                throw RunFailure(.usage, "--choose \(name) is given twice")
            }
        }
        return parameters
    }

    /// In days since 2000-01-01, in UTC.
    package static var today: Int {
        Int((Date().timeIntervalSinceReferenceDate / 86_400).rounded(.down)) + 366
    }

    private static func days(
        _ text: String, _ unit: PeriodUnit, _ script: String
    ) throws(RunFailure) -> ClosedRange<Int> {
        let example = ScriptPeriod.example(unit)
        guard let period = ScriptPeriod.parse(text) else {
            throw RunFailure(
                .usage, "--period \(text) is no period; write a \(unit) as \(example)")
        }
        guard period.unit == unit else {
            throw RunFailure(
                .usage,
                "--period \(text) is a \(period.unit), but \(script) runs per \(unit); write "
                    + example)
        }
        return period.days
    }

    private static func chosen(
        _ choice: String, _ offered: [ChooseSyntax], _ script: String
    ) throws(RunFailure) -> (name: String, number: Int) {
        guard let equals = choice.firstIndex(of: "=") else {
            throw RunFailure(.usage, "--choose \(choice): write --choose NAME=VALUE")
        }
        let (name, value) = (String(choice[..<equals]), choice[choice.index(after: equals)...])
        guard let choose = offered.first(where: { $0.name.text == name }) else {
            let known = offered.map(\.name.text)
            let near = nearest(name, among: known).map { "; did you mean \($0)?" }
            throw RunFailure(
                .usage,
                "\(script) has no choice \(name)"
                    + (near
                        ?? (known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))")))
        }
        let texts = choose.values.map { Formatter.text($0) }
        guard let number = texts.firstIndex(where: { plain($0) == plain(value) }) else {
            throw RunFailure(
                .usage,
                "--choose \(name) is one of \(texts.joined(separator: ", "))")
        }
        return (name, number)
    }

    /// A value without what people write differently: `EUR 10_000.00` as `10000`.
    private static func plain(_ text: some StringProtocol) -> String {
        var digits = String(text.filter { $0 != "_" && $0 != "'" })
        if let space = digits.lastIndex(of: " ") {
            digits.removeSubrange(...space)
        }
        if digits.contains(".") {
            while digits.last == "0" { digits.removeLast() }
            if digits.last == "." { digits.removeLast() }
        }
        return digits
    }
}
