extension RevealSyntax {
    var hasAggregates: Bool {
        var calls: [(CallSyntax, SourceRange)] = []
        for item in items { item.expression.collectAggregates(into: &calls) }
        return !calls.isEmpty
    }

    var hiddenCounts: Set<Checker.HiddenCount> {
        var counts: Set<Checker.HiddenCount> = []
        for limit in limits {
            switch limit {
            case .groups(_, let column, _):
                counts.insert(column.map { .distinct($0.text) } ?? .rows)
            case .banks: counts.insert(.banks)
            default: break
            }
        }
        return counts
    }

    var atMost: Int? {
        limits.compactMap { if case .rows(let count, _) = $0 { count } else { nil } }.min()
    }
    var percent: Int? {
        limits.compactMap { if case .percent(let count, _) = $0 { count } else { nil } }.min()
    }
    var percentRange: SourceRange? {
        limits.compactMap { if case .percent(_, let range) = $0 { range } else { nil } }.first
    }
    var groups: (count: Int, of: String)? {
        for case .groups(let count, let column, _) in limits {
            return (count, column?.text ?? "rows")
        }
        return nil
    }
    var banks: Int? {
        limits.compactMap { if case .banks(let count, _) = $0 { count } else { nil } }.max()
    }
    var rounding: String? {
        limits.compactMap {
            if case .rounded(let unit, _) = $0 { Formatter.text(unit) } else { nil }
        }.first
    }
    var withNumber: Bool {
        limits.contains { if case .number = $0 { true } else { false } }
    }
}

extension ExpressionSyntax {
    /// The comparisons by size in a condition.
    func collectOrders(
        into comparisons: inout [(ExpressionSyntax, ExpressionSyntax, SourceRange)]
    ) {
        switch kind {
        case .binary(.less, let a, let b), .binary(.lessOrEqual, let a, let b),
            .binary(.greater, let a, let b), .binary(.greaterOrEqual, let a, let b):
            comparisons.append((a, b, range))
        case .binary(.and, let a, let b), .binary(.or, let a, let b):
            a.collectOrders(into: &comparisons)
            b.collectOrders(into: &comparisons)
        case .not(let a): a.collectOrders(into: &comparisons)
        default: break
        }
    }
}
