import Algebra
import Analytics
import MPC
import Primitives

extension Engine where Self: ~Copyable {
    /// Carries out one release of a table; `schema` is that of its step.
    mutating func release(
        _ release: Release, _ index: Int, of table: SecretTable<Self>, _ schema: TableSchema
    ) throws(AnalyticsError) -> [ReleaseResult] {
        switch release.kind {
        case .rows(let recipient, let isOrdered):
            return try releaseRows(release, index, table, schema, to: recipient, isOrdered)
        case .holders(let parts):
            return try releaseToHolders(release, index, table, schema, parts)
        case .check(let column):
            return [try releaseCheck(release, index, table, schema, column)]
        }
    }

    /// The valid rows to one recipient or all; rows and what else is said in one release.
    ///
    /// 1. Are there more than the limit? Then no row is valid any more.
    /// 2. In an order that tells nothing: shuffled, or the valid rows first in theirs.
    /// 3. As many rows as the limit allows.
    private mutating func releaseRows(
        _ release: Release, _ index: Int, _ table: SecretTable<Self>, _ schema: TableSchema,
        to recipient: Release.Recipient, _ isOrdered: Bool
    ) throws(AnalyticsError) -> [ReleaseResult] {
        let limit = min(release.atMost ?? table.bound, table.bound)
        let named = try project(table, to: release.columns)
        let limited = try limited(
            named, parts: [0..<table.bound], to: release.atMost, counting: release.withNumber)
        var rows = limited.table
        if !isOrdered { rows = try shuffled(rows) }
        if isOrdered || limit < table.bound { rows = try self.limit(rows, to: limit) }

        let (recipients, party): (Recipients, Party?) =
            switch recipient {
            case .all: (.all, nil)
            case .party(let one): (.only(one), one)
            }
        let outputs = try outputs(
            zeroed: [(zeroed(rows), recipients), (limited.statements[0], recipients)])
        guard let values = outputs[0], let statement = outputs[1] else { return [] }
        let only = values.validRows
        let resultSchema = try schema.projected(to: release.columns.map { ($0, $0) })
        return [
            ReleaseResult(
                index: index, recipient: party, schema: resultSchema.limited(to: limit),
                rows: isOrdered ? only : only.sorted, statement)
        ]
    }

    /// To each owner the rows of its parts, in their order, all in one release.
    private mutating func releaseToHolders(
        _ release: Release, _ index: Int, _ table: SecretTable<Self>, _ schema: TableSchema,
        _ parts: [Release.Part]
    ) throws(AnalyticsError) -> [ReleaseResult] {
        guard parts.reduce(0, { $0 + $1.rows }) == table.bound else {
            throw .differentColumns(
                reason: "\(release.name) has \(table.bound) rows, not those that its holders "
                    + "brought: \(parts.map { "\($0.rows)" }.joined(separator: " + "))")
        }
        guard !parts.isEmpty else { return [] }
        var (ranges, start): ([Range<Int>], Int) = ([], 0)
        for part in parts {
            ranges.append(start..<start + part.rows)
            start += part.rows
        }
        let named = try project(table, to: release.columns)
        let limited = try limited(
            named, parts: ranges, to: release.atMost, counting: release.withNumber)
        let tables = try zeroed(limited.table).parts(ranges)
        let all = zip(tables + limited.statements, parts + parts)
            .map { (table: $0, to: Recipients.only($1.owner)) }
        let outputs = try outputs(zeroed: all)

        let resultSchema = try schema.projected(to: release.columns.map { ($0, $0) })
        var results: [ReleaseResult] = []
        for (number, part) in parts.enumerated() {
            guard let rows = outputs[number], let statement = outputs[parts.count + number] else {
                continue
            }
            results.append(
                ReleaseResult(
                    index: index, recipient: part.owner,
                    schema: resultSchema.limited(to: part.rows), rows: rows, statement))
        }
        return results
    }

    /// One bit to all; no row, or one that is not valid, does not hold.
    private mutating func releaseCheck(
        _ release: Release, _ index: Int, _ table: SecretTable<Self>, _ schema: TableSchema,
        _ column: String
    ) throws(AnalyticsError) -> ReleaseResult {
        let named = try project(table, to: [column])
        guard table.bound <= 1, named.schema.fields[0].type == .bool else {
            throw .wrongType(
                expression: release.name, reason: "is no condition of a table of one row")
        }
        // Everybody has it, but in a plan, which has no values: there all checks hold.
        let output = try outputs(zeroed: [(zeroed(named), .all)])[0]
        let resultSchema = try schema.projected(to: [(column, column)])
        return ReleaseResult(
            index: index, recipient: nil, schema: resultSchema,
            rows: PlainTable(resultSchema.fields.map { PlainColumn(none: $0.type) }),
            isSuppressed: false, holds: output.map { $0.columns == [.bools([true])] } ?? true)
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
