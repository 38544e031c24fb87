import ArgumentParser
import Costs
import Foundation
import Runner

/// `parley calibrate`: how fast this machine is, so that plans can tell seconds.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure this machine, so that `parley plan --link` tells seconds.",
        discussion: """
            Examples: parley calibrate
                      parley calibrate --parties 5 --directory settings

            Runs every operation of replicated sharing, and of additive sharing by oblivious \
            transfers, over z64, z128, p62 and p126, with all parties in this process: a minute or \
            two. Do it while the machine has nothing else to do. Nothing is sent anywhere.
            """)

    @OptionGroup var settings: SettingsFolder
    @Option(help: "Also for so many parties of additive sharing, beside 2 and 3.")
    var parties: [Int] = []

    func validate() throws {
        guard parties.allSatisfy({ (2...10).contains($0) }) else {
            throw ValidationError("--parties is 2 to 10")
        }
    }

    func run() throws {
        let progress = ProgressPrinter()
        let calibration = try MachineCalibration.measure(
            parties: Set(parties + [2, 3]).sorted()
        ) { progress.report($0) }
        progress.finish()
        try calibration.save(in: settings.folder)
        Console.print(calibration.summary)
        for item in calibration.items {
            func nanoseconds(_ work: Work) -> String {
                item.speed.secondsPerUnit[work].map { String(format: "%.0f", $0 * 1e9) } ?? "-"
            }
            Console.print(
                "\(item.engine.name) over \(item.ring): "
                    + String(format: "%.0f", item.speed.secondsPerRound * 1e6)
                    + " us a round; ns for a product \(nanoseconds(.multiply)), a comparison "
                    + "\(nanoseconds(.compare)), a byte shuffled \(nanoseconds(.shuffle))")
        }
        Console.print("kept in \(MachineCalibration.file(in: settings.folder).path)")
    }
}

/// Where a user's settings are.
struct SettingsFolder: ParsableArguments {
    @Option(
        name: .customLong("directory"),
        help: "Your folder of settings, if not $XDG_CONFIG_HOME/parley or ~/.config/parley.")
    var directory: String?

    var folder: URL { directory.map { URL(filePath: $0) } ?? MachineCalibration.defaultFolder }
}
