import Applications
import Foundation
import Ledger
import Runner
import TestSupport
import Testing

/// The tool itself: processes that are killed and stopped, and exit codes.
@Suite(.serialized) struct ProcessTests {
    final class Child {
        let process = Process()
        let log: URL

        init(_ arguments: [String], log: URL) throws {
            self.log = log
            try Data().write(to: log)
            process.executableURL = ToolProcess.tool
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            let handle = try FileHandle(forWritingTo: log)
            process.standardOutput = handle
            process.standardError = handle
            try process.run()
        }

        var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

        /// Waits until the log has `text`; false if the process ends before.
        func waits(for text: String) -> Bool {
            while !self.text.contains(text) {
                guard process.isRunning else { return self.text.contains(text) }
                usleep(2_000)
            }
            return true
        }

        /// The exit code, or -1 if the process does not end in time.
        func exitCode(within seconds: Int) -> Int32 {
            for _ in 0..<seconds * 100 where process.isRunning { usleep(10_000) }
            guard !process.isRunning else {
                process.terminate()
                return -1
            }
            return process.terminationStatus
        }
    }

    /// The processes of a run that takes a while: preprocessing for many comparisons, or a sort of
    /// many rows.
    static func start(_ consortium: Consortium, _ choice: ProtocolChoice) throws -> [Child] {
        let script = consortium.folder.appending(path: "long.parley")
        let text =
            choice == .replicated3
            ? try String(contentsOf: consortium.exposureFile, encoding: .utf8)
                .replacing("at most 400 rows", with: "at most 200_000 rows")
            : Consortium.large(consortium.data.banks, rows: 20_000)
        try Data(text.utf8).write(to: script)
        return try (0...(choice.needsDealer ? 3 : 2)).map { member in
            let directory = consortium.directory(member)
            let common = [
                "--roster", consortium.rosterFile.path, "--directory", directory.url.path,
                "--timeout", "5", "--wait", "20",
            ]
            func table(_ name: String) -> [String] {
                ["--table", "\(name)=\(directory.url.appending(path: "\(name).csv").path)"]
            }
            let how =
                ["--protocol", choice.rawValue] + table("transfers")
                + (choice == .replicated3
                    ? table("account") : ["--ring", choice.needsDealer ? "prime:1024" : "p62"])
            return try Child(
                member == 3 ? ["deal"] + common : ["run", script.path] + common + how,
                log: directory.url.appending(path: "run.log"))
        }
    }

    @Test(
        "A bank that is killed or stopped in mid-run is named by all, without any output",
        arguments: [
            (SIGKILL, ProtocolChoice.additiveDealer), (SIGSTOP, .additiveDealer),
            (SIGKILL, .replicated3), (SIGSTOP, .replicated3), (SIGKILL, .additiveOT),
        ])
    func killed(signal: Int32, choice: ProtocolChoice) throws {
        let consortium = try Consortium()
        let children = try Self.start(consortium, choice)
        defer {
            for child in children where child.process.isRunning {
                kill(child.process.processIdentifier, SIGKILL)
            }
        }
        try #require(children[1].waits(for: choice == .replicated3 ? "totals for" : "where amount"))
        kill(children[1].process.processIdentifier, signal)
        for party in [0, 2] {
            #expect(children[party].exitCode(within: 30) == RunFailure.Code.unavailable.rawValue)
            #expect(children[party].text.contains("bank-b"))
            let runs = consortium.directory(party).url.appending(path: "runs")
            let files = FileManager.default.enumerator(atPath: runs.path)?.allObjects ?? []
            #expect(!files.contains { "\($0)".hasSuffix(".csv") })
            let records = try consortium.records(party)
            guard case .outcome(let outcome) = records.last?.statement else {
                Issue.record("party \(party) has no outcome")
                continue
            }
            #expect(outcome.status == .aborted && outcome.culprit == "bank-b")
        }
        if choice.needsDealer { #expect(children[3].exitCode(within: 30) != 0) }
    }

    @Test("Wrong command lines and files end in the documented exit codes")
    func exitCodes() throws {
        let consortium = try Consortium(banks: 2)
        let log = consortium.folder.appending(path: "log")
        func code(_ arguments: [String]) throws -> Int32 {
            try Child(arguments, log: log).exitCode(within: 20)
        }
        let ledger = [
            "--roster", consortium.rosterFile.path, "--directory",
            consortium.directory(0).url.path,
        ]
        #expect(try code(["run"]) == 64)
        #expect(try code(["run", "nowhere.parley"] + ledger + ["--table", "x"]) == 64)
        #expect(try code(["run", "nowhere.parley"] + ledger) == 65)
        #expect(try code(["ledger", "verify"] + ledger) == 80)
        #expect(
            try code(["roster", "--party", "nowhere.json", "--out", "/dev/null/x"]) == 65)
        #expect(
            try code(
                [
                    "init", "--name", "bank-a", "--port", "1", "--directory",
                    consortium.directory(0).url.path,
                ]) == 73)
        #expect(
            try code(
                [
                    "audit", "check-row", "nowhere.json", "--roster", consortium.rosterFile.path,
                    "--ledger", "nowhere.sqlite",
                ]) == 65)
        #expect(try code(["run", "--transcript", "0"]) == 64)
        #expect(try code(["demo", "--parties", "1"]) == 64)
        #expect(try code(["demo", "--parties", "11"]) == 64)
        #expect(try code(["demo", "other"]) == 64)
        #expect(try code(["demo", "--protocol", "other"]) == 64)
        #expect(try code(["prepare", "--for", "x.parley", "--triples", "1"] + ledger) == 64)
        #expect(try code(["--help"]) == 0)
    }

    @Test("The demo runs, and finds the byte that it changes")
    func demo() throws {
        let consortium = try Consortium(banks: 2)
        let log = consortium.folder.appending(path: "log")
        let child = try Child(
            [
                "demo", "statistics", "--rows", "20", "--parties", "2", "--tamper",
                "--directory", consortium.folder.appending(path: "demo").path,
            ], log: log)
        #expect(child.exitCode(within: 60) == 0)
        #expect(child.text.contains("every party's copy verifies"))
        #expect(child.text.contains("DAMAGED entry 1"))
    }
}
