import Algebra
import Analytics
public import Costs
import MPC
public import Script

/// What a script will cost, before it starts.
public struct ScriptPlan: Sendable, Codable {
    public let script: String
    public let version: Int
    public let estimate: CostEstimate
    /// Steps of the program; does not depend on rows.
    public let steps: Int

    /// Runs the script on shapes.
    ///
    /// - Throws: ``RunFailure`` if the protocol is not for this many parties.
    public init(_ script: CheckedScript, by choice: ProtocolChoice, over ring: RingChoice)
        throws(RunFailure)
    {
        let count = script.computingParties.count
        let engine: PlannedEngine
        switch choice {
        case .replicated3:
            guard count == 3 else {
                throw RunFailure(
                    .badInput,
                    "replicated3 is for exactly 3 computing parties and the script has \(count); use "
                        + "--protocol additive-ot")
            }
            engine = .replicated3
        case .additiveDealer where script.program.clients > 0:
            throw RunFailure(
                .badInput,
                "additive-dealer is not built for parties that do not compute; use --protocol "
                    + "additive-ot")
        case .additiveDealer: engine = .additiveDealer(parties: count)
        case .additiveOT: engine = .additiveOT(parties: count)
        }
        (self.script, version) = (script.name, script.version)
        steps = script.program.steps.count
        do {
            estimate = try ring.run(Planning(program: script.program, engine: engine))
        } catch { throw RunFailure(.internal, "planning: \(error)") }
    }
}

extension Program {
    /// The correlated randomness that the additive engine takes; a fifth more than is to be expected
    /// where a sort's random order decides.
    func budget(over ring: some Ring, for engine: PlannedEngine) throws(AnalyticsError) -> Budget {
        var costs = CostEngine(ring, for: engine, clients: clients)
        _ = try costs.run(self, inputs: inputs.map { _ in nil }, context: TableContext())
        let budget = costs.budget
        return budget.translations.isEmpty ? budget : budget.enlarged(percent: 20)
    }
}

private struct Planning: RingProgram {
    let program: Program
    let engine: PlannedEngine

    func run<R: Ring>(over ring: R) throws -> CostEstimate {
        var costs = CostEngine(
            ring, for: engine, clients: program.clients, preparation: .onTheSpot)
        _ = try costs.run(
            program, inputs: program.inputs.map { _ in nil }, context: TableContext())
        return costs.estimate(
            terms: AgreementTerms([("script", String(repeating: " ", count: 1024))]))
    }
}
