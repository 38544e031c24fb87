import Foundation
import Networking
import Runner

/// The processes of one plan, in a folder of their own that is removed afterwards.
struct BenchProcesses {
    private let plan: BenchPlan
    private let withDealer: Bool
    private let folder: DemoFolder

    init(_ plan: BenchPlan, withDealer: Bool) {
        (self.plan, self.withDealer) = (plan, withDealer)
        folder = DemoFolder(
            FileManager.default.temporaryDirectory.appending(path: "parley-bench-\(UUID())"))
    }

    /// - Throws: ``RunFailure`` with what every process that failed said last.
    func run(progress: (String) -> Void) throws -> [BenchResult] {
        try folder.create()
        defer { try? FileManager.default.removeItem(at: folder.url) }
        let names = (0..<plan.parties).map { "party-\($0)" }
        let roster = try folder.makeRoster(parties: names, withDealer: withDealer)
        try JSONEncoder().encode(plan).write(to: planFile)

        progress("\(plan.protocolName), \(plan.parties) parties, \(plan.cases.count) cases")
        let members = roster.members.map(\.name)
        let processes = try members.map { try start($0) }
        // Each waits for the others, so that the first one's end is everybody's.
        for process in processes { process.waitUntilExit() }
        let failed = zip(members, processes).filter { $0.1.terminationStatus != 0 }
        guard failed.isEmpty else {
            let lines = failed.map { "\n  \($0.0): \(lastLine(of: $0.0))" }
            let code = RunFailure.Code(rawValue: failed[0].1.terminationStatus) ?? .internal
            throw RunFailure(code, "the benchmark failed:" + lines.joined())
        }
        return BenchResult.results(of: plan, try names.flatMap(samples))
    }

    private var planFile: URL { folder.url.appending(path: "plan.json") }

    private func output(_ member: String, _ name: String) -> URL {
        folder.member(member).url.appending(path: name)
    }

    private func samples(of member: String) throws -> [BenchSample] {
        let text = try String(contentsOf: output(member, "samples"), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(BenchSample.self, from: Data($0.utf8))
        }
    }

    private func lastLine(of member: String) -> String {
        let text = (try? String(contentsOf: output(member, "log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "no output"
    }

    private func start(_ member: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "bench-party", "--roster", folder.roster.path, "--directory",
            folder.member(member).url.path, "--plan", planFile.path,
        ]
        process.standardOutput = try file(output(member, "samples"))
        process.standardError = try file(output(member, "log"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}
