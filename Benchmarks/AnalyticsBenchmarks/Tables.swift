import Algebra
import Analytics
import BenchmarkKit
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

/// Group-by and joins on 64-bit keys, and logistic inference.
func measureTables(_ benchmarks: inout Benchmarks) throws {
    try measureGroupBy(1 << 20, &benchmarks)
    try measureJoin(1 << 19, &benchmarks)
    try measureGroupJoin(100_000, banks: 3, &benchmarks)
    try measureInference(rows: 10_000, features: 30, &benchmarks)
}

private let money = ColumnType.money(currency: "EUR", 0...1_000_000_000)
private let account = ColumnType.key(domain: "account", bits: 64)

/// Keys and amounts of one party; `distinct` keys occur, in a mixed order.
private func rows(_ count: Int, distinct: Int, _ engine: borrowing Replicated3<Z64>) -> PlainTable?
{
    guard engine.session.party.index == 0 else { return nil }
    let keys = (0..<count).map { UInt128(UInt64($0 * 7_919 % distinct) &* 0x9E37_79B9_7F4A_7C15) }
    return PlainTable([.keys(keys), .numbers((0..<count).map { Int128($0 % 1_000_003) })])
}

private func measureGroupBy(_ n: Int, _ benchmarks: inout Benchmarks) throws {
    let schema = try TableSchema([Field("account", account), Field("amount", money)], bound: n)
    try measure(
        ReplicatedOperation(
            name: "group by account, sum, \(n) rows", elements: n, shareBytes: n * 2 * 16, limit: 8,
            prepare: { (engine: inout Replicated3<Z64>) in
                try engine.input(rows(n, distinct: n / 8, engine), schema, from: Party(0))
            },
            run: { (engine, table) in
                _ = try engine.groupBy(table, ["account"], [("total", .sum("amount"))])
            }),
        over: Z64(), &benchmarks)
}

private func measureJoin(_ n: Int, _ benchmarks: inout Benchmarks) throws {
    let left = try TableSchema([Field("account", account), Field("amount", money)], bound: n)
    let right = try TableSchema([Field("holder", account), Field("limit", money)], bound: n)
    try measure(
        ReplicatedOperation(
            name: "join of \(n) with \(n) rows on a unique key", elements: 2 * n,
            shareBytes: 2 * n * 2 * 16, limit: 10,
            prepare: { (engine: inout Replicated3<Z64>) in
                (
                    try engine.input(rows(n, distinct: n / 4, engine), left, from: Party(0)),
                    try engine.input(
                        rows(n, distinct: n, engine), right, unique: ["holder"], from: Party(0))
                )
            },
            run: { (engine, tables) in
                _ = try engine.join(
                    tables.0, tables.1, on: [(left: "account", right: "holder")], .inner)
            }),
        over: Z64(), &benchmarks)
}

/// Accounts of one bank with the sum and number of all banks' transfers to each.
private func measureGroupJoin(_ n: Int, banks: Int, _ benchmarks: inout Benchmarks) throws {
    let left = try TableSchema([Field("holder", account), Field("limit", money)], bound: n)
    let right = try TableSchema(
        [Field("account", account), Field("amount", money)], bound: banks * n)
    try measure(
        ReplicatedOperation(
            name: "group join of \(n) with \(banks) x \(n) rows, sum and count",
            elements: (2 + banks) * n, shareBytes: (1 + banks) * n * 2 * 16, limit: 8,
            prepare: { (engine: inout Replicated3<Z64>) in
                (
                    try engine.input(rows(n, distinct: n, engine), left, from: Party(0)),
                    try engine.input(
                        rows(banks * n, distinct: n, engine), right, from: Party(0))
                )
            },
            run: { (engine, tables) in
                _ = try engine.groupJoin(
                    tables.0, tables.1, on: [(left: "holder", right: "account")],
                    [("total", .sum("amount")), ("transfers", .count)])
            }),
        over: Z64(), &benchmarks)
}

/// Private features times private weights, with 16 fraction bits each, and the sigmoid.
private func measureInference(rows: Int, features: Int, _ benchmarks: inout Benchmarks) throws {
    try measure(
        ReplicatedOperation(
            name: "logistic inference, \(rows) rows of \(features) features", elements: rows,
            shareBytes: 16 * (rows * features + features + rows), limit: 0.05,
            prepare: { (engine: inout Replicated3<Z64>) in
                let isOwner = engine.session.party.index == 0
                func numbers(_ count: Int) -> Vector<Z64>? {
                    isOwner
                        ? Vector(Z64(), (0..<Int64(count)).map { $0 &* 7_919 % 131_072 - 65_536 })
                        : nil
                }
                return (
                    try engine.input(
                        numbers(rows * features), count: rows * features, from: Party(0)),
                    try engine.input(numbers(features), count: features, from: Party(0))
                )
            },
            run: { (engine, model) in
                let logits = try engine.matrixProduct(
                    model.0, model.1, rows: rows, inner: features, columns: 1)
                _ = try engine.sigmoid(logits, fractionBits: 32)
            }),
        over: Z64(), &benchmarks)
}
