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

/// From which cells a value comes, and on which path.
///
/// Kept for every column while a script is checked; what a reveal says about its columns is the
/// disclosure manifest.
public struct Lineage: Hashable, Sendable {
    public struct Trace: Hashable, Sendable {
        public var form: Form
        /// Whether it may be a cell of another row than the one that the value stands in.
        public var isForeign: Bool
        /// "cash.amount", "sum by customer", ">= 10_000": what was done to it, in order.
        public var path: [String]
    }
    public private(set) var traces: [SourceColumn: Trace] = [:]

    public init() {}

    init(_ source: SourceColumn) {
        traces[source] = Trace(
            form: .exact, isForeign: false, path: ["\(source.table).\(source.column)"])
    }

    /// A path longer than this is cut in its middle.
    fileprivate static let longestPath = 12

    /// What a value tells that depends on both.
    func union(_ other: Self) -> Self {
        var result = self
        for (source, trace) in other.traces {
            guard let own = result.traces[source] else {
                result.traces[source] = trace
                continue
            }
            // The more telling path stays.
            let chosen = (trace.form, trace.isForeign ? 1 : 0) > (own.form, own.isForeign ? 1 : 0)
            var both = chosen ? trace : own
            both.form = max(own.form, trace.form)
            both.isForeign = own.isForeign || trace.isForeign
            result.traces[source] = both
        }
        return result
    }

    /// After an operation that lets through at most a form of it.
    func through(_ step: String, atMost form: Form) -> Self {
        map { trace in
            trace.form = min(trace.form, form)
            trace.add(step)
        }
    }

    /// After rows were put together: what is told may be of any row.
    func across(_ step: String, as form: (Form) -> Form = { $0 }) -> Self {
        map { trace in
            trace.form = form(trace.form)
            trace.isForeign = true
            trace.add(step)
        }
    }

    func noting(_ step: String) -> Self { map { $0.add(step) } }

    private func map(_ change: (inout Trace) -> Void) -> Self {
        var result = self
        for source in traces.keys { change(&result.traces[source, default: .none]) }
        return result
    }

    var isEmpty: Bool { traces.isEmpty }

    /// By table and column.
    public var sorted: [(source: SourceColumn, trace: Trace)] {
        traces.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension Lineage.Trace {
    fileprivate static let none = Self(form: .bit, isForeign: false, path: [])

    fileprivate mutating func add(_ step: String) {
        guard path.last != step else { return }
        // A larger expression tells what its parts were.
        if path.count > 1, let last = path.last, step.contains(last) { path.removeLast() }
        path.append(step)
        if path.count > Lineage.longestPath { path[1...2] = ["..."] }
    }
}
