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
                      parley plan structuring.parley --link wan

            Nothing is computed and nobody is asked: the plan follows from the script, its limits \
            of rows, the protocol and the ring. Where a sort's random order decides, it is what is \
            to be expected. Rounds are those of parties that compute. Seconds are told for a link, by \
            what `parley calibrate` measured here.
            """)

    @OptionGroup var file: ScriptFile
    @Option(
        name: .customLong("protocol"),
        help: "replicated3, additive-ot or additive-dealer; the script's security decides.")
    var protocolChoice: ProtocolChoice?
    @Option(
        help:
            "Seconds for local, lan (1 Gbit/s, 0.5 ms round trip), wan (100 Mbit/s, 40 ms), or as in 1Gbit,10ms."
    )
    var link: PlannedLink?
    @OptionGroup var settings: SettingsFolder
    @Flag(help: "JSON instead of text.")
    var json = false

    func run() throws {
        let script = try file.approved()
        let choice = protocolChoice ?? script.protocolChoice
        let ring = file.ringChoice
        let plan = try ScriptPlan(script, by: choice, over: ring)
        guard !json else {
            Console.print(String(decoding: try encodedJSON(plan).dropLast(), as: UTF8.self))
            return
        }
        Console.print("\(script.name) version \(script.version), \(choice) over \(file.ring)")
        let (speed, note) = try measured(plan.estimate.engine, over: ring)
        Console.print(String(plan.estimate.text(on: link?.link, speed: speed).dropLast()))
        Console.print("seconds: \(note)")
    }

    /// How fast the engine is here, if seconds are asked for and known; and what to tell of it.
    private func measured(
        _ engine: PlannedEngine, over ring: RingChoice
    ) throws(RunFailure) -> (MachineSpeed?, String) {
        guard link != nil else { return (nil, "add --link local, lan or wan") }
        guard let calibration = try MachineCalibration.read(in: settings.folder) else {
            return (nil, "run `parley calibrate` once, which measures this machine")
        }
        guard let speed = calibration.speed(of: engine, over: ring) else {
            return (
                nil,
                "\(engine.name) over \(ring) is not calibrated; `parley calibrate` measures "
                    + "replicated3 and additive-ot over z64, z128, p62 and p126, with --parties for "
                    + "more than three"
            )
        }
        return (speed, "all parties on one machine, by the \(calibration.summary)")
    }
}
