import Algebra
import Analytics
import MPC
import Primitives

extension Engine where Self: ~Copyable {
    /// Carries out one release of a table; `schema` is that of its step.
    mutating func release(
        _ release: Release, _ index: Int, of table: SecretTable<Self>, _ schema: TableSchema
    ) throws(AnalyticsError) -> [ReleaseResult] {
        let outputs =
            switch release.kind {
            case .rows(let recipient, let isOrdered):
                try releaseRows(release, table, to: recipient.recipients, isOrdered)
            case .holders(let parts): try releaseToHolders(release, table, parts)
            case .check: try releaseCheck(release, table)
            }
        return try release.results(index, of: outputs, schema)
    }

    /// The valid rows to one recipient or all; rows and what else is said in one release.
    ///
    /// 1. Are there more than the limit? Then no row is valid any more.
    /// 2. In an order that tells nothing: shuffled, or the valid rows first in theirs.
    /// 3. As many rows as the limit allows.
    private mutating func releaseRows(
        _ release: Release, _ table: SecretTable<Self>, to recipients: Recipients,
        _ isOrdered: Bool
    ) throws(AnalyticsError) -> [PlainTable?] {
        let limit = min(release.atMost ?? table.bound, table.bound)
        let named = try project(table, to: release.columns)
        let limited = try limited(
            named, parts: [0..<table.bound], to: release.atMost, counting: release.withNumber)
        var rows = limited.table
        if !isOrdered { rows = try shuffled(rows) }
        if isOrdered || limit < table.bound { rows = try self.limit(rows, to: limit) }
        return try outputs(
            zeroed: [(zeroed(rows), recipients), (limited.statements[0], recipients)])
    }

    /// To each owner the rows of its parts, in their order, all in one release.
    private mutating func releaseToHolders(
        _ release: Release, _ table: SecretTable<Self>, _ parts: [Release.Part]
    ) throws(AnalyticsError) -> [PlainTable?] {
        guard parts.reduce(0, { $0 + $1.rows }) == table.bound else {
            throw .differentColumns(
                reason: "\(release.name) has \(table.bound) rows, not those that its holders "
                    + "brought: \(parts.map { "\($0.rows)" }.joined(separator: " + "))")
        }
        guard !parts.isEmpty else { return [] }
        let ranges = Release.ranges(of: parts)
        let named = try project(table, to: release.columns)
        let limited = try limited(
            named, parts: ranges, to: release.atMost, counting: release.withNumber)
        let tables = try zeroed(limited.table).parts(ranges)
        return try outputs(
            zeroed: zip(tables + limited.statements, parts + parts)
                .map { (table: $0, to: Recipients.only($1.owner)) })
    }

    /// One bit to all; no row, or one that is not valid, does not hold.
    private mutating func releaseCheck(_ release: Release, _ table: SecretTable<Self>)
        throws(AnalyticsError) -> [PlainTable?]
    {
        let named = try project(table, to: release.columns)
        guard table.bound <= 1, named.schema.fields[0].type == .bool else {
            throw .wrongType(
                expression: release.name, reason: "is no condition of a table of one row")
        }
        return try outputs(zeroed: [(zeroed(named), .all)])
    }
}
