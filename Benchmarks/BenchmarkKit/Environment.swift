import CMalloc
import Foundation

/// Where and from what a benchmark ran, so that its figures can be judged later.
struct Environment: Codable, Sendable {
    var cpu: String
    var cores: Int
    var kernel: String
    var swift: String?
    var commit: String?
    var date: String

    static func current() -> Environment {
        let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let release = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        return Environment(
            cpu: model?.split(separator: ": ").last.map(String.init) ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            kernel: (release ?? "unknown").trimmingCharacters(in: .whitespacesAndNewlines),
            swift: firstLine(of: ["swift", "--version"]),
            commit: firstLine(of: ["git", "rev-parse", "--short", "HEAD"]),
            date: Date().ISO8601Format())
    }

    /// The first line that a command prints, or `nil` where it cannot run or fails.
    private static func firstLine(of command: [String]) -> String? {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }

    var text: String {
        """
        cpu     \(cpu), \(cores) cores
        kernel  \(kernel)
        swift   \(swift ?? "not in the path")
        commit  \(commit ?? "not in a repository")
        date    \(date)
        """
    }
}

/// The peak resident memory of this process since the last reset, by Linux's own account.
public enum PeakMemory {
    public static func reset() {
        // What earlier measurements have freed goes back, so that it does not count for the next.
        malloc_trim(0)
        // Without the right to reset, the peak is the process's whole life: an upper bound.
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }

    public static var bytes: Int? {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
