import Algebra
import Analytics
import Primitives

/// Checks a script and lowers it to a program: names, types, ranges, sizes and what is told to whom.
///
/// Goes on after a mistake, so that all are told at once. Pure: no files, no network.
public struct Checker {
    /// What a run chooses from what was signed.
    public struct Parameters: Sendable, Hashable {
        /// First and last day of the period, in days since 2000-01-01.
        public var period: ClosedRange<Int>?
        /// The place of the value chosen, by the name of the choice; the first one if absent.
        public var choices: [String: Int] = [:]
        public init() {}
    }

    /// The rule of a mistake, as documented; those about form alone (R5, R8) are the parser's.
    enum Rule: String {
        case name, type, range, size
        case unreached = "R1"
        case holder = "R2"
        case threshold = "R3"
        case overflow = "R4"
        case unbounded = "R6"
        case place = "R9"
        case inference = "R10"
        case disclosure = "R11"
        case runs = "R12"
        case header
    }

    /// The names of all that can be referred to.
    enum Binding {
        case table(DeclaredTable)
        case model(DeclaredModel)
        case constant([Constant], isList: Bool)
        case relation(Relation)
        /// The variable of a loop: 1 for the first time.
        case counter(Int)
        /// Of a declaration with a mistake, which has been told: what depends on it is left out.
        case broken
    }

    struct Constant {
        var value: Typed
        var syntax: ExpressionSyntax
    }

    struct DeclaredTable {
        var syntax: TableSyntax
        var checked: CheckedTable
        /// Of each owner: the step that reads its input.
        var inputs: [(input: Int, step: Int)]
    }

    struct DeclaredModel {
        var checked: CheckedModel
        var step: Int
    }

    let limit: Int128
    let parameters: Parameters
    var diagnostics: [Diagnostic] = []
    var bindings: [String: Binding] = [:]
    var parties: [CheckedParty] = []
    /// How many of the parties compute, which come first.
    var computing = 0
    var banks: [Party] = []
    var inputs: [ProgramInput] = []
    var inputSchemas: [TableSchema] = []
    var steps: [Step] = []
    /// Of the steps, in their order.
    private var schemas: [TableSchema] = []
    var releases: [Release] = []
    var tables: [CheckedTable] = []
    var models: [CheckedModel] = []
    var choices: [CheckedChoice] = []
    var reveals: [CheckedReveal] = []
    var disclosures: [Disclosure] = []
    var assumptions: [String] = []
    var periodName: String?
    /// Of the loops around: in which round each is.
    var rounds: [Int] = []
    var isInLoop: Bool { !rounds.isEmpty }
    /// How many values a run may choose of what a constant is made of.
    var chosenValues: [String: Int] = [:]
    /// What each party is told of each column outside of groups, over all reveals so far.
    var told: [String: [SourceColumn: Set<Cut>]] = [:]
    /// How much has been looked at; bounded, so that checking ends soon.
    var effort = 0
    var unions: [String: Relation] = [:]
    /// Counts that reveals need of groups, by the name of the table that is grouped.
    var wanted: [String: Set<HiddenCount>] = [:]
    let source: SourceText
    /// Whether the parser left nothing out.
    var isReadWhole = true

    /// What a reveal's limits count.
    enum HiddenCount: Hashable {
        case rows
        case banks
        case distinct(String)
        var field: String {
            switch self {
            case .rows: "#rows"
            case .banks: "#banks"
            case .distinct(let column): "#distinct \(column)"
            }
        }
    }

    /// So many steps are the most, with loops unrolled.
    static let mostSteps = 20_000
    /// So many values and columns, with what they depend on, are the most.
    static let mostEffort = 500_000

    /// Reads and checks a script.
    ///
    /// - Parameters:
    ///   - limit: the largest magnitude that the ring can compare: `ring.numberLimit`.
    /// - Returns: the script, unless there are errors; and all diagnostics in the order of the text.
    public static func check(
        _ source: SourceText, parameters: Parameters = Parameters(), limit: Int128
    ) -> (script: CheckedScript?, diagnostics: [Diagnostic]) {
        let (syntax, mistakes) = Parser.parse(source)
        guard let syntax else { return (nil, mistakes) }
        var checker = Checker(source: source, parameters: parameters, limit: limit)
        checker.isReadWhole = mistakes.isEmpty
        let script = checker.check(syntax)
        let errors = (mistakes + checker.diagnostics).sorted { $0.range.start < $1.range.start }
        var unique: [Diagnostic] = []
        // Repetitions are checked several times.
        for error in errors where unique.last != error { unique.append(error) }
        guard unique.isEmpty, let script else {
            return (nil, Array(unique.prefix(Parser.mostDiagnostics)))
        }
        return (script, [])
    }

    init(source: SourceText, parameters: Parameters, limit: Int128) {
        (self.source, self.parameters, self.limit) = (source, parameters, limit)
    }

    // MARK: Telling

    mutating func fail(
        _ rule: Rule, _ message: String, at range: SourceRange, suggestion: String? = nil
    ) {
        diagnostics.append(Diagnostic(rule.rawValue, message, at: range, suggestion: suggestion))
    }

    /// Thrown to leave what depends on a mistake, which has been noted.
    struct Mistake: Error {}

    mutating func failing(
        _ rule: Rule, _ message: String, at range: SourceRange, suggestion: String? = nil
    ) -> Mistake {
        fail(rule, message, at: range, suggestion: suggestion)
        return Mistake()
    }

    func didYouMean(_ name: String, _ known: some Sequence<String>, _ what: String) -> String? {
        if let near = nearest(name, among: known) { return "did you mean \"\(near)\"?" }
        let list = known.sorted()
        guard !list.isEmpty else { return nil }
        return
            "\(what): \(list.prefix(12).joined(separator: ", "))\(list.count > 12 ? ", ..." : "")"
    }

    func line(_ range: SourceRange) -> Int { source.position(range.start).line }

    /// Adds a step; an operator's own refusal is told at `range`.
    mutating func add(_ operation: Operation, _ label: String, at range: SourceRange)
        throws(Mistake) -> Int
    {
        guard steps.count < Self.mostSteps else {
            throw failing(
                .size, "the script has more than \(Self.mostSteps) steps; repeat less",
                at: range)
        }
        try spend(steps.last?.schema.fields.count ?? 0, at: range)
        do {
            let schema = try operation.schema(
                of: schemas, inputs: inputSchemas, limit: limit)
            guard schema.bound <= Self.mostRows else {
                throw failing(
                    .unbounded,
                    "this may have \(schema.bound) rows, more than \(Self.mostRows)",
                    at: range, suggestion: "lower the numbers of rows or of matches")
            }
            steps.append(
                Step(operation, schema: schema, label: "\(label) (line \(line(range)))"))
            schemas.append(schema)
            return steps.count - 1
        } catch let error as AnalyticsError {
            throw told(error, at: range)
        } catch { throw Mistake() }
    }

    /// Counts what was looked at; refuses a script that would be checked for long.
    mutating func spend(_ amount: Int, at range: SourceRange) throws(Mistake) {
        effort += 1 + amount
        guard effort <= Self.mostEffort else {
            throw failing(
                .size, "the script computes too much to be checked", at: range,
                suggestion: "use fewer columns, or repeat less")
        }
    }

    /// What a step is called, without its line.
    func label(of step: Int) -> String {
        let label = steps[step].label
        return label.firstRange(of: " (line").map { String(label[..<$0.lowerBound]) } ?? label
    }

    /// A table has no more rows, whatever is joined.
    static let mostRows = 1 << 30

    mutating func told(_ error: AnalyticsError, at range: SourceRange) -> Mistake {
        switch error {
        case .overflow(_, let values, _):
            let largest = max(values.lowerBound.magnitude, values.upperBound.magnitude)
            let bits = UInt128.bitWidth - largest.leadingZeroBitCount
            let fitting =
                bits <= 59 ? "--ring z64" : bits <= 123 ? "--ring p126" : nil
            return failing(
                .overflow,
                "this may need \(bits) bits, more than the ring can compare "
                    + "(\(limit) at most)", at: range,
                suggestion: fitting.map { "narrow the ranges of its columns, or use \($0)" }
                    ?? "narrow the ranges of its columns: no ring is this wide")
        case .notUnique(let columns):
            return failing(
                .unbounded,
                "several rows may have the same \(columns.joined(separator: ", ")), so that the "
                    + "size of the join is not known", at: range,
                suggestion: "group by it, declare it unique, or say `at most N matches`")
        case .unknownColumn(let name, let known):
            return failing(
                .name, "there is no column \"\(name)\"", at: range,
                suggestion: didYouMean(name, known.filter { !$0.hasPrefix("#") }, "there are"))
        case .duplicateColumn(let name):
            return failing(
                .name, "there are two columns \"\(name)\"", at: range,
                suggestion: "give one another name with `as`")
        case .wrongType(_, let reason):
            return failing(.type, "this \(reason)", at: range)
        case .differentColumns(let reason): return failing(.type, reason, at: range)
        default: return failing(.type, "\(error)", at: range)
        }
    }

    // MARK: The script

    private mutating func check(_ script: ScriptSyntax) -> CheckedScript? {
        let header = header(script)
        gatherWanted(script.items)
        for item in script.items { check(item) }
        checkUse(script)
        guard let header else { return nil }
        return CheckedScript(
            name: script.name.text, version: script.version, purpose: header.purpose,
            basis: header.basis, parties: parties, security: header.security, runs: header.runs,
            period: script.header.period, tables: tables, models: models, choices: choices,
            reveals: reveals, disclosures: disclosures, assumptions: assumptions,
            program: pruned())
    }

    mutating func check(_ item: ItemSyntax) {
        do throws(Mistake) {
            switch item.kind {
            case .table(let table): try declare(table, at: item.range)
            case .prepare(let prepare): try declare(prepare, at: item.range)
            case .model(let model): try declare(model)
            case .constant(let constant): try declare(constant)
            case .choose(let choose): try declare(choose, at: item.range)
            case .assign(let assign): try self.assign(assign)
            case .loop(let loop): try self.loop(loop, at: item.range)
            case .check(let condition): try checkCondition(condition, at: item.range)
            case .reveal(let reveal):
                guard !isInLoop else {
                    throw failing(
                        .place, "a reveal inside `repeat` would tell every step of it",
                        at: reveal.range, suggestion: "reveal after the loop")
                }
                try check(reveal)
            case .disclose(let disclose): try check(disclose)
            case .broken(let name): bindings[name.text] = .broken
            }
        } catch {
            if let name = item.kind.declaredName, bindings[name.text] == nil {
                bindings[name.text] = .broken
            }
        }
    }

    private mutating func loop(_ loop: LoopSyntax, at range: SourceRange) throws(Mistake) {
        let outer = bindings
        rounds.append(0)
        defer { rounds.removeLast() }
        let before = diagnostics.count
        for count in 1...loop.count {
            rounds[rounds.count - 1] = count
            do throws(Mistake) { try spend(1, at: range) } catch { return }
            if let variable = loop.variable { bindings[variable.text] = .counter(count) }
            for item in loop.body { check(item) }
            // What is made inside stays inside; updates go on.
            var kept = outer
            for name in outer.keys { kept[name] = bindings[name] }
            bindings = kept
            guard diagnostics.count == before else { return }
        }
    }

    /// Reveals there must be, and every table must be of use.
    private mutating func checkUse(_ script: ScriptSyntax) {
        if reveals.isEmpty, diagnostics.isEmpty, isReadWhole {
            fail(
                .unreached, "nothing is revealed: nobody would learn anything",
                at: script.name.range,
                suggestion: "add `reveal ... from ... to ...`")
        }
    }

    /// The program without steps that no reveal needs.
    private mutating func pruned() -> Program {
        var needed = Set<Int>()
        var open = releases.map(\.table)
        while let step = open.popLast() {
            if needed.insert(step).inserted { open += steps[step].operation.operands }
        }
        let kept = steps.indices.filter(needed.contains)
        var places: [Int: Int] = [:]
        for (place, step) in kept.enumerated() { places[step] = place }
        return Program(
            parties: parties.filter { $0.party != nil }.map(\.name), computing: computing,
            inputs: inputs,
            steps: kept.map { step in
                Step(
                    steps[step].operation.reading { places[$0] ?? 0 }, schema: steps[step].schema,
                    label: steps[step].label)
            },
            releases: releases.map { release in
                Release(
                    name: release.name, kind: release.kind, table: places[release.table] ?? 0,
                    columns: release.columns, atMost: release.atMost,
                    withNumber: release.withNumber, label: release.label)
            })
    }
}
