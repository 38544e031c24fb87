import Algebra
import Analytics
import MPC
import Primitives

/// One engine on which programs run: add a line to ``engineRunners`` for each.
protocol EngineRunner: Sendable {
    var name: String { get }
    /// The program's output, as one recipient got it.
    func run(_ program: Program) throws -> PlainTable
}

/// Every engine that must give the same results, bit for bit.
let engineRunners: [any EngineRunner] = [
    PlainRunner(Z64()), PlainRunner(Prime62()), PlainRunner(Prime126()),
]

struct PlainRunner<R: Ring>: EngineRunner {
    let ring: R
    init(_ ring: R) { self.ring = ring }
    var name: String { "plain, \(ring.name)" }

    func run(_ program: Program) throws -> PlainTable {
        var engine = PlainEngine(ring)
        guard let result = try program.run(on: &engine, me: nil) else { throw NoOutput() }
        return result
    }
}

struct NoOutput: Error {}
