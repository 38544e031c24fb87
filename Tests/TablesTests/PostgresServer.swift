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

    /// Of the user `guest`, by SCRAM-SHA-256 (RFC 7677).
    static let password = "4711 ab:c"

    static var isInstalled: Bool { programs != nil && hasLibrary }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-pg-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The server does not run as root.
        if geteuid() == 0 { try Self.start("/bin/chown", ["postgres", folder.path]).finish() }
        let data = folder.appending(path: "data").path
        try Self.program("initdb", ["-D", data, "-U", "parley", "-A", "trust", "-E", "UTF8", "-N"])
            .finish()
        // One user must give a password; the file stays its owner's.
        let access = try FileHandle(forWritingTo: URL(filePath: data + "/pg_hba.conf"))
        try access.truncate(atOffset: 0)
        try access.write(
            contentsOf: Data("local all guest scram-sha-256\nlocal all all trust\n".utf8))
        try access.close()
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder.path)", "fsync=off",
            "datestyle=German", "timezone=Asia/Tokyo", "extra_float_digits=-3",
        ]
        let server = try Self.program(
            "postgres", ["-D", data] + settings.flatMap { ["-c", $0] })
        defer {
            server.interrupt()
            server.waitUntilExit()
        }
        let isReady = ["-q", "-h", folder.path]
        var tries = 0
        while try Self.program("pg_isready", isReady).status() != 0 {
            tries += 1
            try #require(server.isRunning && tries < 100, "the server does not start")
            try await Task.sleep(for: .milliseconds(100))
        }
        let role = "CREATE ROLE guest LOGIN PASSWORD '\(Self.password)'"
        try Self.program("psql", isReady + ["-X", "-U", "parley", "-d", "postgres", "-c", role])
            .finish()
        let address = try PostgresAddress(
            "postgresql:///postgres?host=\(folder.path)&user=parley&client_encoding=LATIN1")
        try await Self.$address.withValue(address) { try await function() }
    }

    private static func program(_ name: String, _ arguments: [String]) throws -> Process {
        let file = try #require(programs).appending(path: name).path
        guard geteuid() == 0 else { return try start(file, arguments) }
        let user = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", file]
        return try start("/usr/bin/setpriv", user + arguments)
    }

    private static func start(_ file: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: file)
        process.arguments = arguments
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

extension Process {
    /// Its exit code, when it ends.
    fileprivate func status() -> Int32 {
        waitUntilExit()
        return terminationStatus
    }

    fileprivate func finish() throws { try #require(status() == 0, "\(arguments ?? [])") }
}
