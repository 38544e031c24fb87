import Analytics
import GRDB

/// Runs programs in sqlite: rows that are not valid do not exist, and `_i` orders the others.
struct SQLOracle {
    private let database: DatabaseQueue

    init() throws { database = try DatabaseQueue() }

    /// The valid rows of a program's result, in order.
    func run(_ program: Program) throws -> [[Int64]] {
        try database.write { db in
            for name in try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            {
                try db.execute(sql: "DROP TABLE \(name)")
            }
            try load(program.facts, as: "facts", db)
            try load(program.moreFacts, as: "more", db)
            try load(program.unique, as: "uniq", db)
            try db.execute(sql: "CREATE TABLE t0 AS SELECT * FROM facts")
            for (index, step) in program.steps.enumerated() {
                let columns = try db.columns(in: "t\(index)").map(\.name).filter { $0 != "_i" }
                let query = step.query(from: "t\(index)", columns)
                try db.execute(sql: "CREATE TABLE t\(index + 1) AS \(query)")
            }
            return try Row.fetchAll(db, sql: "SELECT * FROM t\(program.steps.count) ORDER BY _i")
                .map { row in row.filter { $0.0 != "_i" }.map { Int64.fromDatabaseValue($1) ?? 0 } }
        }
    }

    private func load(_ input: InputTable, as name: String, _ db: Database) throws {
        let names = ["_i"] + input.schema.names
        try db.execute(
            sql: "CREATE TABLE \(name) (\(names.map { "\($0) INTEGER" }.joined(separator: ", ")))")
        let statement = try db.makeStatement(
            sql: "INSERT INTO \(name) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))")
        for (row, values) in input.rows.integers.enumerated() where input.rows.valid[row] {
            try statement.execute(arguments: StatementArguments([Int64(row)] + values))
        }
    }
}

extension PlainTable {
    /// Every row as integers.
    var integers: [[Int64]] {
        (0..<count).map { row in
            columns.map { column in
                switch column {
                case .numbers(let values): Int64(values[row])
                case .bools(let values): values[row] ? 1 : 0
                case .keys(let values): Int64(values[row])
                case .codes(let values): Int64(values[row])
                }
            }
        }
    }
}

private func list(_ parts: [String]) -> String { parts.joined(separator: ", ") }

extension OrderKey {
    fileprivate var sql: String { column + (descending ? " DESC" : "") }
}

extension Step {
    /// A query whose rows are the step's result.
    fileprivate func query(from t: String, _ columns: [String]) -> String {
        let all = list(columns)
        switch self {
        case .filter(let formula): return "SELECT * FROM \(t) WHERE \(formula.sql)"
        case .extend(let name, let formula): return "SELECT *, \(formula.sql) AS \(name) FROM \(t)"
        case .project(let names): return "SELECT \(list(["_i"] + names)) FROM \(t)"
        case .union:
            return """
                SELECT _i, \(all), 0 AS origin FROM \(t)
                UNION ALL SELECT _i + 1000000, \(all), 1 FROM more
                """
        case .orderBy(let keys, let first):
            return ordered(t, all, by: keys.map(\.sql) + ["_i"])
                + " LIMIT \(first ?? 1_000_000)"
        case .limit(let count): return "SELECT * FROM \(t) ORDER BY _i LIMIT \(count)"
        case .distinct(let names):
            return ordered(
                "(SELECT *, row_number() OVER (PARTITION BY \(list(names)) ORDER BY _i) AS _n FROM \(t))",
                all, by: names, where: "_n = 1")
        case .groupBy(let keys, let aggregates, let bound):
            let groups = keys.isEmpty ? "(1 + 0)" : list(keys)
            let results = aggregates.map { "\($1.sql(t, keys)) AS \($0)" }
            let order = keys.isEmpty ? "1" : list(keys)
            return """
                SELECT row_number() OVER (ORDER BY \(order)) AS _i, \(list(keys + results))
                FROM \(t) AS o GROUP BY \(groups) ORDER BY 1 LIMIT \(bound ?? 1_000_000)
                """
        case .join(let kind):
            let columns = list(columns.map { "l.\($0)" })
            let partner = "EXISTS (SELECT 1 FROM uniq WHERE uk = l.k)"
            switch kind {
            case .inner:
                return "SELECT l._i, \(columns), u, v FROM \(t) AS l JOIN uniq ON uk = l.k"
            case .left:
                return """
                    SELECT l._i, \(columns), coalesce(u, 0) AS u, coalesce(v, 0) AS v,
                    uk IS NOT NULL AS matched FROM \(t) AS l LEFT JOIN uniq ON uk = l.k
                    """
            case .semi: return "SELECT * FROM \(t) AS l WHERE \(partner)"
            case .anti: return "SELECT * FROM \(t) AS l WHERE NOT \(partner)"
            }
        case .joinMany(let cap):
            return """
                SELECT row_number() OVER (ORDER BY _n, l._i) AS _i, \(list(columns.map { "l.\($0)" })),
                r.a AS ma, r.c AS mc FROM \(t) AS l JOIN
                (SELECT *, row_number() OVER (PARTITION BY k ORDER BY _i) AS _n FROM more) AS r
                ON r.k = l.k AND _n <= \(cap)
                """
        case .window(let groups, let order, let functions):
            let inner = list(order.map(\.sql) + ["_i"])
            let ranked = """
                (SELECT *, row_number() OVER (\(partition(groups)) ORDER BY \(inner)) AS _n FROM \(t))
                """
            let results = functions.map { "\($1.sql(ranked, groups)) AS \($0)" }
            let outer = list(groups + order.map(\.sql) + ["_i"])
            return """
                SELECT row_number() OVER (ORDER BY \(outer)) AS _i, \(list(columns + results))
                FROM \(ranked) AS o
                """
        case .groupTotals(let keys, let aggregates):
            let results = aggregates.map { name, aggregate in
                "(SELECT \(aggregate.sql(t, keys)) FROM \(t) AS i WHERE \(same(keys))) AS \(name)"
            }
            return "SELECT \(list(["_i"] + columns + results)) FROM \(t) AS o"
        case .groupJoin(let aggregates):
            let results = aggregates.map { name, aggregate in
                "(SELECT coalesce(\(aggregate.sql("more", ["k"])), 0) FROM more AS i "
                    + "WHERE \(same(["k"]))) AS \(name)"
            }
            return "SELECT \(list(["_i"] + columns + results)) FROM \(t) AS o"
        case .median(let column, let name):
            let median = """
                (SELECT \(column) FROM \(t) ORDER BY \(column) LIMIT 1
                OFFSET ((SELECT count(*) FROM \(t)) - 1) / 2)
                """
            return """
                SELECT *, (SELECT max(\(column)) FROM \(t)) AS \(name)h, \(median) AS \(name) FROM \(t)
                """
        case .compacted: return "SELECT * FROM \(t)"
        case .histogram(let column, let edges):
            return zip(edges, edges.dropFirst()).enumerated().map { index, bin in
                """
                SELECT \(index) AS _i, count(*) AS count FROM \(t)
                WHERE \(column) >= \(bin.0) AND \(column) < \(bin.1)
                """
            }.joined(separator: " UNION ALL ")
        case .quantiles(let column, let fractions):
            return fractions.enumerated().map { index, fraction in
                """
                SELECT \(index) AS _i, * FROM (SELECT \(column) FROM \(t) ORDER BY \(column) LIMIT 1
                OFFSET ((SELECT count(*) FROM \(t)) - 1) * \(fraction.numerator)
                / \(fraction.denominator))
                """
            }.joined(separator: " UNION ALL ")
        }
    }

    private func ordered(
        _ t: String, _ columns: String, by keys: [String], where condition: String = "1"
    ) -> String {
        """
        SELECT row_number() OVER (ORDER BY \(list(keys))) AS _i, \(columns) FROM \(t)
        WHERE \(condition) ORDER BY 1
        """
    }
}

private func partition(_ groups: [String]) -> String {
    groups.isEmpty ? "" : "PARTITION BY \(list(groups))"
}

/// Rows `i` of the group of row `o`.
private func same(_ keys: [String]) -> String {
    keys.isEmpty ? "1" : keys.map { "i.\($0) = o.\($0)" }.joined(separator: " AND ")
}

extension Aggregate {
    fileprivate func sql(_ t: String, _ keys: [String]) -> String {
        switch self {
        case .count: "count(*)"
        case .countWhere(let name): "coalesce(sum(\(name)), 0)"
        case .sum(let name): "sum(\(name))"
        // Rounded down, where sqlite's division rounds towards zero.
        case .average(let name):
            "(sum(\(name)) - ((sum(\(name)) % count(*)) + count(*)) % count(*)) / count(*)"
        case .minimum(let name): "min(\(name))"
        case .maximum(let name): "max(\(name))"
        case .countDistinct(let name): "count(DISTINCT \(name))"
        case .first(let name):
            "(SELECT \(name) FROM \(t) AS i WHERE \(same(keys)) ORDER BY _i LIMIT 1)"
        case .last(let name):
            "(SELECT \(name) FROM \(t) AS i WHERE \(same(keys)) ORDER BY _i DESC LIMIT 1)"
        }
    }
}

extension WindowFunction {
    fileprivate func sql(_ ranked: String, _ groups: [String]) -> String {
        let over = "OVER (\(partition(groups)) ORDER BY _n)"
        switch self {
        case .rowNumber: return "_n"
        case .runningSum(let name): return "sum(\(name)) \(over)"
        case .previous(let name, let rows): return "coalesce(lag(\(name), \(rows)) \(over), 0)"
        case .recent(let aggregate, let rows, let within):
            let near = within.map { " AND o.\($0.column) - i.\($0.column) <= \($0.distance)" } ?? ""
            return """
                (SELECT \(aggregate.sql) FROM \(ranked) AS i
                WHERE \(same(groups)) AND i._n > o._n - \(rows) AND i._n <= o._n\(near))
                """
        }
    }
}

extension WindowFunction.RecentAggregate {
    fileprivate var sql: String {
        switch self {
        case .count: "count(*)"
        case .sum(let name): "sum(\(name))"
        case .minimum(let name): "min(\(name))"
        case .maximum(let name): "max(\(name))"
        case .countDistinct(let name): "count(DISTINCT \(name))"
        }
    }
}
