import Algebra
import Analytics
import MPC
import Script

/// A checked script over any engine.
struct ScriptProgram: EngineProgram {
    let program: Program
    /// By number of the program's input; nil for those of other parties.
    let inputs: [PlainTable?]
    let context: TableContext
    let progress: @Sendable (String) -> Void

    /// What is drawn from a preparation before the program begins; else randomness is made where it
    /// is taken, so that memory is bounded.
    var prepared = Budget()

    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget { prepared }

    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) -> [ReleaseResult] {
        do throws(AnalyticsError) {
            return try engine.run(program, inputs: inputs, context: context, progress: progress)
        } catch {
            if case .computation(let cause) = error { throw cause }
            // Types, ranges and rows were checked before; what is left is this program's fault.
            throw .local(step: "script: \(error)")
        }
    }
}
