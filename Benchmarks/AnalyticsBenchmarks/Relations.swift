import Algebra
import Analytics
import BenchmarkKit
import HonestMajority
import MPC
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

private typealias Engine3 = Replicated3<Z64>

func measureRelations(_ benchmarks: inout Benchmarks) throws {
    let context = TableContext(memoryBudget: 256 << 20)

    /// n rows, of which about two have the same key.
    func groupBy(_ n: Int, limit: Double?) throws {
        try measure(
            ReplicatedOperation(
                name: "group-by-sum of \(n) rows, 64-bit keys", elements: n,
                shareBytes: n * 2 * 16, limit: limit,
                prepare: { (engine: inout Engine3) throws(MPCError) in
                    try table(&engine, n, keys: UInt64(n / 2), owner: Party(0), context)
                },
                run: { (engine, rows) throws(MPCError) in
                    try computed { () throws(AnalyticsError) in
                        _ = try engine.groupBy(rows, ["key"], [("sum", .sum("amount"))])
                    }
                }),
            over: Z64(), &benchmarks)
    }

    /// n rows with keys below n, and a row for each of these keys.
    func join(_ n: Int, limit: Double?) throws {
        try measure(
            ReplicatedOperation(
                name: "join of \(n) with \(n) rows on a unique 64-bit key", elements: 2 * n,
                shareBytes: 2 * n * 2 * 16, limit: limit,
                prepare: { (engine: inout Engine3) throws(MPCError) in
                    let left = try table(&engine, n, keys: UInt64(n), owner: Party(0), context)
                    let right = try table(&engine, n, keys: nil, owner: Party(1), context)
                    return (left, right)
                },
                run: { (engine, tables) throws(MPCError) in
                    try computed { () throws(AnalyticsError) in
                        let right = try engine.rename(tables.1, "amount", to: "limit")
                        _ = try engine.join(tables.0, right, on: [("key", "key")], .inner)
                    }
                }),
            over: Z64(), &benchmarks)
    }

    try groupBy(10_000, limit: nil)
    try groupBy(1 << 20, limit: 8)
    try join(10_000, limit: nil)
    try join(1 << 19, limit: 10)
}

/// n rows with a key and an amount; keys 0 ..< n in another order if `keys` is nil.
private func table(
    _ engine: inout Engine3, _ n: Int, keys: UInt64?, owner: Party, _ context: TableContext
) throws(MPCError) -> SecretTable<Engine3> {
    var generator = SeededGenerator(seed: 7)
    let values =
        keys.map { keys in (0..<n).map { _ in UInt128(generator.next() % keys) } }
        ?? (0..<UInt128(n)).shuffled(using: &generator)
    let amounts = (0..<n).map { Int128($0 % 10_000) }
    let isOwner = engine.session.party == owner
    return try computed { () throws(AnalyticsError) in
        let schema = try TableSchema(
            [
                Field("key", .key(domain: "account", bits: 64)),
                Field("amount", .money(currency: "EUR", 0...10_000)),
            ], bound: n)
        return try engine.input(
            isOwner ? PlainTable([.keys(values), .numbers(amounts)]) : nil, schema, from: owner,
            context: context)
    }
}

/// Passes on the computation's own errors; the tables here give no others.
private func computed<T>(_ body: () throws(AnalyticsError) -> T) throws(MPCError) -> T {
    do { return try body() } catch {
        guard case .computation(let error) = error else { preconditionFailure("\(error)") }
        throw error
    }
}
