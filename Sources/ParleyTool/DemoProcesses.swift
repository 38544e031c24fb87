import Foundation
import Networking
import Runner

/// Runs every member of the demo as a process of its own and collects what each wrote.
struct DemoProcesses {
    let folder: DemoFolder
    let roster: Roster
    let engine: EngineOptions
    let protocolChoice: ProtocolChoice
    let script: DemoScript

    /// - Returns: the parties' reports, in order.
    /// - Throws: ``RunFailure`` with the last line of every member that failed.
    func run(progress: (String) -> Void) throws -> [RunReport] {
        let members = roster.members.map(\.name)
        let processes = try members.map { try start($0) }
        for (name, process) in zip(members, processes) {
            progress("running; the log of each member is in its folder (waiting for \(name))")
            process.waitUntilExit()
        }
        let failed = zip(members, processes).filter { $0.1.terminationStatus != 0 }
        guard failed.isEmpty else {
            let lines = failed.map { "\n  \($0.0): \(lastLine(of: $0.0))" }
            let code = RunFailure.Code(rawValue: failed[0].1.terminationStatus) ?? .internal
            throw RunFailure(code, "the run failed:" + lines.joined())
        }
        return try roster.parties.map { try RunReport.newest(in: folder.member($0.name)) }
    }

    private func log(of member: String) -> URL {
        folder.member(member).url.appending(path: "run.log")
    }

    private func lastLine(of member: String) -> String {
        let text = (try? String(contentsOf: log(of: member), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "no output"
    }

    private func start(_ member: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let common = [
            "--roster", folder.roster.path, "--directory", folder.member(member).url.path,
        ]
        process.arguments =
            member == DemoFolder.dealerName
            ? ["deal"] + common : ["run", folder.script.path] + common + (try options(of: member))
        let log = log(of: member)
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func options(of member: String) throws -> [String] {
        try script.tables(of: member, in: folder).flatMap { ["--table", $0] }
            + ["--protocol", protocolChoice.rawValue, "--threads", "\(engine.threads)"]
            + (engine.ring.map { ["--ring", $0] } ?? [])
    }
}
