import Foundation
import Networking
import Runner

/// Runs every member of the demo as a process of its own and collects what each wrote.
struct DemoProcesses {
    let folder: DemoFolder
    let roster: Roster
    let job: JobOptions
    let jobName: JobChoice.Name
    let protocolChoice: ProtocolChoice

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
        return try roster.parties.map {
            try JSONDecoder().decode(
                RunReport.self,
                from: Data(contentsOf: folder.member($0.name).url.appending(path: "report.json")))
        }
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
            ? ["deal"] + common
            : ["run", "--job", jobName.rawValue, "--protocol", protocolChoice.rawValue] + common
                + ["--table", "transfers=\(folder.transfers(member).path)"] + options(of: member)
        let log = log(of: member)
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// What the job takes, and what was given.
    private func options(of member: String) -> [String] {
        let given: [(String, String?)] = [
            ("--ring", job.ring), ("--threshold", job.threshold),
            ("--publish", job.publish.map(String.init)), ("--bound", job.bound.map(String.init)),
            ("--accounts", jobName == .exposure ? folder.accounts(member).path : nil),
            ("--watchlist", jobName == .watchlist ? folder.watchlist.path : nil),
            ("--banks", "\(job.banks)"), ("--threads", "\(job.threads)"),
        ]
        return given.flatMap { name, value in value.map { [name, $0] } ?? [] }
    }
}
