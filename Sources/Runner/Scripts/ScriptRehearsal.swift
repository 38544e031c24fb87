import Analytics
public import Foundation
public import MPC
import Primitives
public import Script

/// A script tried by one person: all parties' data in one folder or made up, all parties here.
public struct ScriptRehearsal {
    public let script: CheckedScript
    private let inputs: [ScriptInputs]

    /// What each party learned.
    public struct Outcome: Sendable, Codable {
        public struct Member: Sendable, Codable {
            public let party: String
            public let answers: [ScriptAnswer]
        }
        public let members: [Member]
        /// Of the first party; nil in the clear.
        public let costs: CostReport?
    }

    /// Reads `FOLDER/PARTY/NAME.csv` of every party.
    public init(_ script: CheckedScript, folder: URL) throws(RunFailure) {
        self.script = script
        var inputs: [ScriptInputs] = []
        for (index, name) in script.program.parties.enumerated() {
            var sources: [String: ScriptSource] = [:]
            for table in script.brought(by: Party(index)) {
                sources[table.source] = .csv(
                    folder.appending(path: "\(name)/\(table.source).csv"))
            }
            inputs.append(try ScriptInputs(script, me: Party(index), sources: sources))
        }
        self.inputs = inputs
    }

    public var warnings: [String] { inputs.flatMap(\.warnings) }

    public func run(
        on engine: SimulationEngine, over ring: RingChoice,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RunFailure) -> Outcome {
        var plain: [PlainTable] = []
        for (number, input) in script.program.inputs.enumerated() {
            guard let table = inputs[input.owner.index].plain[number] else {
                throw RunFailure(.internal, "the table \(input.table) was not read")
            }
            plain.append(table)
        }
        let outcome = try ScriptSimulation(script, on: engine, over: ring).run(
            plain, progress: progress)
        return Outcome(
            members: zip(script.program.parties, outcome.results).enumerated().map { index, end in
                .init(
                    party: end.0,
                    answers: end.1.map {
                        ScriptAnswer($0, of: script, keyTexts: inputs[index].keyTexts)
                    })
            }, costs: outcome.costs)
    }
}
