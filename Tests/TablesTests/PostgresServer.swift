import Foundation
import Glibc
import Tables
import Testing

/// A PostgreSQL server for a suite: on a socket in a folder of its own, gone with the suite.
///
/// Its settings differ from what the reader asks for.
struct PostgresServer: SuiteTrait, TestScoping {
    /// Within the suite.
    @TaskLocal static var address: PostgresAddress?

    static let hasLibrary: Bool = {
        guard let library = unsafe dlopen("libpq.so.5", RTLD_NOW) else { return false }
        unsafe dlclose(library)
        return true
    }()

    /// Debian keeps the server's programs apart from others, by version.
    private static let programs: URL? = {
        let found = try? FileManager.default.contentsOfDirectory(
            at: URL(filePath: "/usr/lib/postgresql"), includingPropertiesForKeys: nil)
        return found?.map { $0.appending(path: "bin") }.first {
            FileManager.default.isExecutableFile(atPath: $0.appending(path: "initdb").path)
        }
    }()

    static var isInstalled: Bool { programs != nil && hasLibrary }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-pg-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The server does not run as root.
        if geteuid() == 0 { try Self.run("/bin/chown", ["postgres", folder.path]) }
        let data = folder.appending(path: "data").path
        try Self.program("initdb", ["-D", data, "-U", "parley", "-A", "trust", "-E", "UTF8", "-N"])
        let settings =
            "-c listen_addresses='' -k \(folder.path) -c fsync=off -c datestyle=German "
            + "-c timezone=Asia/Tokyo -c extra_float_digits=-3"
        let control = ["-D", data, "-l", folder.appending(path: "log").path, "-w"]
        try Self.program("pg_ctl", control + ["-o", settings, "start"])
        let address = try PostgresAddress(
            "postgresql:///postgres?host=\(folder.path)&user=parley&client_encoding=LATIN1")
        let outcome: Result<Void, any Error>
        do {
            try await Self.$address.withValue(address) { try await function() }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        try Self.program("pg_ctl", control + ["-m", "immediate", "stop"])
        try outcome.get()
    }

    private static func program(_ name: String, _ arguments: [String]) throws {
        let file = try #require(programs).appending(path: name).path
        if geteuid() == 0 {
            try run("/sbin/runuser", ["-u", "postgres", "--", file] + arguments)
        } else {
            try run(file, arguments)
        }
    }

    private static func run(_ file: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: file)
        process.arguments = arguments
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(file)")
    }
}
