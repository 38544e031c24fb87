package import Analytics
package import MPC
import Primitives

/// What recipients of a release receive, and what they read in it: the same whether they compute or
/// not.
extension Release {
    /// The tables that are released together, each with its recipients: rows, and one row that is
    /// said about them.
    ///
    /// - Parameter schema: that of the release's step.
    package func tables(of schema: TableSchema) throws(AnalyticsError) -> [(
        schema: TableSchema, to: Recipients
    )] {
        let rows = try schema.projected(to: columns.map { ($0, $0) })
        func statement(_ parts: [Range<Int>]) throws(AnalyticsError) -> TableSchema {
            try .statement(on: rows, parts: parts, to: atMost, counting: withNumber)
        }
        switch kind {
        case .rows(let recipient, _):
            return [
                (rows.limited(to: atMost ?? rows.bound), recipient.recipients),
                (try statement([0..<rows.bound]), recipient.recipients),
            ]
        case .holders(let parts):
            let statement = try statement(Self.ranges(of: parts))
            return parts.map { (rows.limited(to: $0.rows), .only($0.owner)) }
                + parts.map { (statement, .only($0.owner)) }
        case .check: return [(rows, .all)]
        }
    }

    /// Where the rows of each part are.
    static func ranges(of parts: [Part]) -> [Range<Int>] {
        var start = 0
        return parts.map { part in
            defer { start += part.rows }
            return start..<start + part.rows
        }
    }

    /// What is learned of these tables.
    ///
    /// - Parameters:
    ///   - index: the release's number.
    ///   - outputs: in the order of ``tables(of:)``; nil where this party is no recipient.
    package func results(
        _ index: Int, of outputs: [PlainTable?], _ schema: TableSchema
    ) throws(AnalyticsError) -> [ReleaseResult] {
        let schema = try schema.projected(to: columns.map { ($0, $0) })
        switch kind {
        case .rows(let recipient, let isOrdered):
            guard let values = outputs[0], let statement = outputs[1] else { return [] }
            let only = values.validRows
            let party: Party? = if case .party(let party) = recipient { party } else { nil }
            return [
                ReleaseResult(
                    index: index, recipient: party,
                    schema: schema.limited(to: atMost ?? schema.bound),
                    rows: isOrdered ? only : only.sorted, statement)
            ]
        case .holders(let parts):
            var results: [ReleaseResult] = []
            for (number, part) in parts.enumerated() {
                guard let rows = outputs[number], let statement = outputs[parts.count + number]
                else { continue }
                results.append(
                    ReleaseResult(
                        index: index, recipient: part.owner,
                        schema: schema.limited(to: part.rows), rows: rows, statement))
            }
            return results
        case .check:
            // Everybody has it, but in a plan, which has no values: there all checks hold.
            return [
                ReleaseResult(
                    index: index, recipient: nil, schema: schema,
                    rows: PlainTable(schema.fields.map { PlainColumn(none: $0.type) }),
                    isSuppressed: false,
                    holds: outputs[0].map { $0.columns == [.bools([true])] } ?? true)
            ]
        }
    }
}

extension Release.Recipient {
    var recipients: Recipients {
        switch self {
        case .all: .all
        case .party(let party): .only(party)
        }
    }
}

extension ReleaseResult {
    /// - Parameter statement: the row of ``Engine/limited(_:parts:to:counting:)``.
    fileprivate init(
        index: Int, recipient: Party?, schema: TableSchema, rows: PlainTable,
        _ statement: PlainTable
    ) {
        var (isSuppressed, number): (Bool, Int?) = (false, nil)
        for column in statement.columns {
            switch column {
            case .bools(let values): isSuppressed = values == [true]
            case .numbers(let values): number = values.first.map { Int($0) }
            default: break
            }
        }
        self.init(
            index: index, recipient: recipient, schema: schema,
            rows: isSuppressed
                ? PlainTable(schema.fields.map { PlainColumn(none: $0.type) }) : rows,
            isSuppressed: isSuppressed, number: number)
    }
}
