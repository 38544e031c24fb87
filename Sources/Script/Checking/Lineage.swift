/// A column of a declared table.
public struct SourceColumn: Hashable, Sendable, Comparable, Codable {
    public let table: String
    public let column: String

    public static func < (a: Self, b: Self) -> Bool { (a.table, a.column) < (b.table, b.column) }
}

/// How much of a cell a value can tell, from least to most.
public enum Form: Int, Hashable, Sendable, Comparable, Codable {
    /// Whether a condition holds.
    case bit
    /// In which of a few ranges a value lies.
    case band
    /// A sum or count over several rows.
    case aggregate
    /// One of several rows' values: a minimum, a median.
    case pick
    /// The value itself, or what is computed from it alone.
    case exact

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One question with two answers: a condition, or one constant of a band, in one round of its loops.
struct Cut: Hashable, Sendable {
    var place: SourceRange
    var number: Int
    var rounds: [Int]
}

/// From which cells a value comes, and on which path.
///
/// Kept for every column while a script is checked; what a reveal says about its columns is the
/// disclosure manifest. What comes of the row's own cells and what comes of other rows' is kept apart.
public struct Lineage: Hashable, Sendable {
    struct Origin: Hashable, Sendable {
        var source: SourceColumn
        var isForeign: Bool
    }
    public struct Trace: Hashable, Sendable {
        public var form: Form
        /// Whether it may be a cell of another row than the one that the value stands in.
        public var isForeign: Bool
        /// The steps from the cell, each once, and those that come again.
        fileprivate var steps: [String]
        fileprivate var repeated: String?
        /// What is asked about the cell, of a bit or band; empty for more telling forms.
        var cuts: Set<Cut> = []
        /// The grouping over whose groups it is a sum or pick; nil if there are several or none.
        var group: Int?
        /// Whether a condition, or a missing partner, may have set rows to zero before they were
        /// summed, so that a group's rows are more than the sum tells of.
        var isChosen = false
        /// Whether one cell may stand in several rows that were counted.
        var isCopied = false
    }
    private(set) var traces: [Origin: Trace] = [:]

    public init() {}

    init(_ source: SourceColumn) {
        traces[Origin(source: source, isForeign: false)] = Trace(
            form: .exact, isForeign: false, steps: ["\(source.table).\(source.column)"])
    }

    /// A path longer than this is cut in its middle.
    fileprivate static let longestPath = 8

    /// What a value tells that depends on both.
    func union(_ other: Self) -> Self {
        var result = self
        result.traces.merge(other.traces) { $0.union($1) }
        return result
    }

    /// After an operation that lets through at most a form of it, and answers these questions only.
    func through(_ step: String, atMost form: Form, asking cuts: Set<Cut>? = nil) -> Self {
        map { trace in
            trace.form = min(trace.form, form)
            if let cuts { trace.cuts = cuts }
            trace.add(step)
        }
    }

    /// After rows were put together: what is told may be of any row.
    func across(_ step: String, group: Int? = nil, as form: (Form) -> Form = { $0 }) -> Self {
        var result = Self()
        for (origin, trace) in traces {
            var trace = trace
            (trace.form, trace.isForeign, trace.group) = (form(trace.form), true, group)
            trace.add(step)
            let place = Origin(source: origin.source, isForeign: true)
            result.traces[place] = result.traces[place].map { $0.union(trace) } ?? trace
        }
        return result
    }

    /// After one more condition on which rows there are: the answer to all of them is one.
    func asking(_ cuts: Set<Cut>) -> Self {
        map { $0.cuts = $0.cuts.count > 1 ? $0.cuts.union(cuts) : cuts }
    }

    func noting(_ step: String) -> Self { map { $0.add(step) } }

    /// What a value tells that is computed of both: an answer may make the other count or not.
    func mixed(with other: Self) -> Self {
        isOfCuts == other.isOfCuts || isEmpty || other.isEmpty
            ? union(other) : union(other).chosen
    }

    /// After a condition decided whether a row's value counts.
    var chosen: Self { map { $0.isChosen = $0.isChosen || $0.form > .band } }

    /// After a row was put beside several others.
    var copied: Self { map { $0.isCopied = true } }

    private func map(_ change: (inout Trace) -> Void) -> Self {
        var result = self
        result.traces = traces.mapValues { trace in
            var trace = trace
            change(&trace)
            return trace
        }
        return result
    }

    var isEmpty: Bool { traces.isEmpty }

    /// Whether it is made of answers alone.
    var isOfCuts: Bool { !isEmpty && traces.values.allSatisfy { $0.form <= .band } }

    /// By table and column; what comes of the row's own cells first.
    public var sorted: [(source: SourceColumn, trace: Trace)] {
        traces.sorted {
            $0.key.source == $1.key.source
                ? !$0.key.isForeign && $1.key.isForeign : $0.key.source < $1.key.source
        }.map { ($0.key.source, $0.value) }
    }
}

extension Lineage.Trace {
    /// "cash.amount", "sum by customer", ">= 10_000": what was done to it, in order.
    public var path: [String] {
        steps.map { $0 == repeated ? "\($0) (and again)" : $0 }
    }

    /// The more telling path stays, of equal ones the shorter.
    fileprivate func union(_ other: Self) -> Self {
        let isOther =
            (other.form, -other.steps.count) > (form, -steps.count)
            || (other.form, other.steps.count) == (form, steps.count)
                && other.steps.lexicographicallyPrecedes(steps)
        var both = isOther ? other : self
        both.cuts = cuts.union(other.cuts)
        both.group = group == other.group ? group : nil
        both.isChosen = isChosen || other.isChosen
        both.isCopied = isCopied || other.isCopied
        return both
    }

    fileprivate mutating func add(_ step: String) {
        guard steps.last != step else { return }
        // What a loop does again is told once.
        if steps.contains(step) {
            repeated = repeated ?? step
            return
        }
        // A larger expression tells what its parts were.
        if steps.count > 1, let last = steps.last, step.contains(last) { steps.removeLast() }
        steps.append(step)
        if steps.count > Lineage.longestPath { steps[2...3] = ["..."] }
    }
}
