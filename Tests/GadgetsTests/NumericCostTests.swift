import Algebra
import Foundation
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// `Gadgets.docc` states what numeric gadgets cost on three parties; this measures it.
@Suite struct NumericCostTests {
    typealias Engine = Replicated3<Z64>
    typealias Shares = ReplicatedShares<Z64>

    static let gadgets:
        [(
            name: String,
            run: @Sendable (inout Engine, Shares, Shares) throws(MPCError) -> Void
        )] = [
            ("product", { (e, x, y) throws(MPCError) in _ = try e.product(x, y) }),
            ("minimum", { (e, x, y) throws(MPCError) in _ = try e.minimum(x, y) }),
            ("absoluteValue", { (e, x, y) throws(MPCError) in _ = try e.absoluteValue(x) }),
            ("sigmoid", { (e, x, y) throws(MPCError) in _ = try e.sigmoid(x) }),
            ("exponential", { (e, x, y) throws(MPCError) in _ = try e.exponential(x) }),
            (
                "logarithm",
                { (e, x, y) throws(MPCError) in _ = try e.logarithm(x, integerBits: 14) }
            ),
            (
                "reciprocal",
                { (e, x, y) throws(MPCError) in _ = try e.reciprocal(x, integerBits: 14) }
            ),
            (
                "squareRoot",
                { (e, x, y) throws(MPCError) in _ = try e.squareRoot(x, integerBits: 14) }
            ),
            (
                "quotient",
                { (e, x, y) throws(MPCError) in
                    _ = try e.quotient(x, y, xBits: 14, yBits: 14)
                }
            ),
            (
                "divide, public",
                { (e, x, y) throws(MPCError) in _ = try e.divide(x, by: 1000, numeratorBits: 26) }
            ),
        ]

    @Test("Rounds and bytes of the documentation are those measured")
    func documented() throws {
        let n = 1000
        let results = runParties(InMemoryTransport.mesh(partyCount: 3)) {
            session -> [(rounds: Int, bytes: Int)] in
            var engine = try Engine(Z64(), session: session)
            let x = engine.constant(Vector(Z64(), Array(repeating: Int64(70_000), count: n)))
            return try Self.gadgets.map { gadget in
                let start = session.costs.report.total
                try gadget.run(&engine, x, x)
                let end = session.costs.report.total
                return (end.rounds - start.rounds, end.bytesSent - start.bytesSent)
            }
        }
        let costs = try results.map { try #require(try $0.get()) }
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Sources/Gadgets/Gadgets.docc/Numbers.md"), encoding: .utf8)
        for (index, gadget) in Self.gadgets.enumerated() {
            let bytes = costs.reduce(0) { $0 + $1[index].bytes }
            let row = "| \(gadget.name) | \(costs[0][index].rounds) | \((bytes + n / 2) / n) |"
            #expect(page.contains(row), "the page lacks \(row)")
        }
    }
}
