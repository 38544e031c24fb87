import Algebra
import Analytics
import MPC
import Primitives
import Testing

/// Public parameters at their ends: an answer or an error, never a trap.
@Suite struct EdgeInputTests {
    @Test("A table of no rows may have keys of 128 bits")
    func emptyWideKeys() throws {
        var engine = PlainEngine(Z64())
        let schema = try TableSchema([Field("k", .key(domain: "d", bits: 128))], bound: 0)
        let table = try engine.input(PlainTable([.keys([])]), schema, from: Party(0))
        let output = try engine.output(table, to: .all)
        #expect(output == PlainTable([.keys([])]))
    }

    @Test("A quantile's denominator may be beyond 64 bits times the rows")
    func fineQuantiles() throws {
        var engine = PlainEngine(Prime126())
        let schema = try TableSchema([Field("x", .integer(0...9))], bound: 5)
        let table = try engine.input(
            PlainTable([.numbers([3, 1, 5, 4, 2])]), schema, from: Party(0))
        let half = 1 << 61
        let result = try engine.quantiles(table, of: "x", [(half, 2 * half), (2 * half, 2 * half)])
        #expect(try engine.output(result, to: .all)?.columns == [.numbers([3, 5])])
    }

    @Test("Keys of other than 64 or 128 bits are refused before anything is sent")
    func keyWidths() throws {
        var engine = PlainEngine(Z64())
        let schema = try TableSchema([Field("k", .key(domain: "d", bits: 32))], bound: 1)
        #expect(throws: AnalyticsError.self) {
            try engine.input(PlainTable([.keys([7])]), schema, from: Party(0))
        }
    }

    @Test("Windows that look at no row above, or beyond every number, are refused")
    func windows() throws {
        let schema = try TableSchema([Field("t", .integer(0...9))], bound: 5)
        for function in [
            WindowFunction.previous("t", rows: 0), .previous("t", rows: -1),
            .recent(.count, rows: 2, within: .init("t", .max)),
            .recent(.count, rows: 2, within: .init("t", .min)),
        ] {
            #expect(throws: AnalyticsError.self) {
                try function.type(in: schema, bound: 1 << 60)
            }
        }
    }

    @Test("On large fields ranges and sums beyond 128 bits are refused")
    func widestSums() throws {
        let ring = try PrimeField(modulus: (BigInteger(1) << 255) - 19)
        let limit = ring.numberLimit
        func schema(_ range: ClosedRange<Int128>) throws -> TableSchema {
            try TableSchema([Field("x", .integer(range))], bound: 0)
        }
        for (operation, range) in [
            (Expression.Arithmetic.add, 0...limit), (.add, -limit...0), (.subtract, -limit...limit),
        ] {
            #expect(throws: AnalyticsError.self) {
                try Expression.arithmetic(operation, .column("x"), .column("x"))
                    .type(in: schema(range), bound: limit)
            }
        }
        var engine = PlainEngine(ring)
        #expect(throws: AnalyticsError.self) {
            try engine.input(PlainTable([.numbers([])]), schema(-limit...limit), from: Party(0))
        }
    }

    @Test("A literal number of a type without numbers is refused when it is built")
    func literalTypes() throws {
        let schema = try TableSchema([Field("b", .bool)], bound: 1)
        for type in [ColumnType.bool, .key(domain: "d", bits: 64), .code(["a"])] {
            #expect(throws: AnalyticsError.self) {
                try Expression.number(1, type).type(in: schema, bound: 1 << 60)
            }
        }
    }
}
