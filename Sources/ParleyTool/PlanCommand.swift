import ArgumentParser
import Costs
import Runner
import Script

/// `parley plan`: what a script will cost, before anybody is involved.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tell what a script will cost: rounds, bytes and memory by operator.",
        discussion: """
            Examples: parley plan structuring.parley
                      parley plan structuring.parley --protocol additive-ot --json

            Nothing is computed and nobody is asked: the plan follows from the script, its limits \
            of rows, the protocol and the ring. Where a sort's random order decides, it is what is \
            to be expected.
            """)

    @OptionGroup var file: ScriptFile
    @Option(
        name: .customLong("protocol"),
        help: "replicated3, additive-ot or additive-dealer; the script's security decides.")
    var protocolChoice: ProtocolChoice?
    @Flag(help: "JSON instead of text.")
    var json = false

    func run() throws {
        let script = try file.approved()
        let choice = protocolChoice ?? script.protocolChoice
        let plan = try ScriptPlan(script, by: choice, over: file.ringChoice)
        if json {
            Console.print(String(decoding: try encodedJSON(plan).dropLast(), as: UTF8.self))
        } else {
            Console.print("\(script.name) version \(script.version), \(choice) over \(file.ring)")
            Console.print(String(plan.estimate.text().dropLast()))
        }
    }
}
