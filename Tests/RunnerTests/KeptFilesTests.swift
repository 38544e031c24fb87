import Applications
import Approval
import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Runner
import Script
import Synchronization
import Testing

/// What runs leave in a party's folder: answers when something fails, secrets that belong to a run.
@Suite(.serialized) struct KeptFilesTests {
    private static let replicated: @Sendable (Int, inout RunOptions) -> Void = {
        ($1.protocolChoice, $1.ring) = (.replicated3, .z64)
    }

    /// Runs all parties; when party 0 comes to a step, its folder is damaged.
    private static func run(
        _ consortium: Consortium, at step: String, _ damage: @escaping @Sendable () -> Void
    ) -> [Int: Result<RunReport, RunFailure>] {
        let isDone = Mutex(false)
        return consortium.run(
            dealer: false, options: replicated,
            monitor: { party in
                RunMonitor { line in
                    guard party == 0, line.hasPrefix(step) else { return }
                    isDone.withLock { done in
                        if !done { damage() }
                        done = true
                    }
                }
            })
    }

    private static func failure(_ result: Result<RunReport, RunFailure>?) throws -> RunFailure {
        guard case .failure(let failure)? = result else {
            throw RunFailure(.internal, "no failure")
        }
        return failure
    }

    /// Puts a file where a folder is or should be.
    @Sendable private static func block(_ folder: URL) {
        try? FileManager.default.removeItem(at: folder)
        try? Data().write(to: folder)
    }

    @Test(
        "A folder that cannot be written is found before anything is sent",
        arguments: [
            "runs", "receipts", "commitments", "transcripts",
        ])
    func unwritable(name: String) throws {
        let consortium = try Consortium()
        Self.block(consortium.directory(0).url.appending(path: name))
        let steps = Mutex<[String]>([])
        let results = consortium.run(
            parties: [0], dealer: false, options: Self.replicated,
            monitor: { _ in RunMonitor { step in steps.withLock { $0.append(step) } } })
        let failure = try Self.failure(results[0])
        #expect(failure.code == .cannotCreate && failure.description.contains("/\(name) "))
        #expect(steps.withLock { $0.isEmpty })
    }

    @Test("What a party learned is in its folder, whatever fails afterwards")
    func lateFailure() throws {
        let consortium = try Consortium()
        let directory = consortium.directory(0)
        let results = Self.run(consortium, at: "outcome") {
            Self.block(directory.url.appending(path: "receipts"))
        }
        let failure = try Self.failure(results[0])
        let session = try ReplayTests.session(consortium)
        let folder = directory.runFolder(of: session)
        #expect(failure.code == .cannotCreate)
        #expect(failure.description.hasSuffix("what this party learned is in \(folder.path)"))
        let file = folder.appending(path: "reveal-1.csv")
        let rows = consortium.expectedLarge().map { $0.joined(separator: ",") }
        #expect(
            try String(contentsOf: file, encoding: .utf8)
                == (["number,total"] + rows + [""]).joined(separator: "\n"))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        // All signed the end before: it is not called an abort.
        guard case .outcome(let outcome) = try consortium.records(0).last?.statement else {
            Issue.record("the run has no outcome")
            return
        }
        #expect(outcome.status == .completed)
    }

    @Test("Where no file can be written, the last line of all holds what the party learned")
    func lastResort() throws {
        let consortium = try Consortium()
        let directory = consortium.directory(0)
        let results = Self.run(consortium, at: "where amount") {
            guard let session = try? ReplayTests.session(consortium) else { return }
            Self.block(directory.runFolder(of: session))
        }
        let failure = try Self.failure(results[0])
        #expect(failure.code == .cannotCreate && failure.description.contains("keep it from here"))
        for cell in consortium.expectedLarge().joined() {
            #expect(failure.description.contains(cell))
        }
        // The others have theirs, and all signed the end.
        for party in [1, 2] { _ = try results[party]?.get() }
        #expect(try consortium.records(1).count == 3)
    }

    @Test("A rerun without what opens its commitments says so before anything is sent")
    func missingSecret() throws {
        let consortium = try Consortium()
        for result in consortium.run(dealer: false, options: Self.replicated).values {
            _ = try result.get()
        }
        let session = try ReplayTests.session(consortium)
        let secret = consortium.directory(1).url.appending(
            path: "commitments/\(session.hex).transfers")
        try FileManager.default.removeItem(at: secret)
        let steps = Mutex<[String]>([])
        let results = consortium.run(
            parties: [1], dealer: false,
            options: {
                Self.replicated($0, &$1)
                $1.repeated = session
            },
            monitor: { _ in RunMonitor { step in steps.withLock { $0.append(step) } } })
        let failure = try Self.failure(results[1])
        #expect(failure.code == .badInput && failure.description.contains(secret.path))
        #expect(failure.description.contains("cannot be repeated from this folder"))
        #expect(steps.withLock { $0.isEmpty })
    }

    @Test("Secrets of runs that no log names go after a month; all others stay")
    func forgotten() throws {
        let consortium = try Consortium()
        let folder = consortium.directory(0).url.appending(path: "commitments")
        func names() throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        }
        func age(_ name: String) throws {
            let old = Date(timeIntervalSinceNow: -40 * 86_400)
            try FileManager.default.setAttributes(
                [.modificationDate: old], ofItemAtPath: folder.appending(path: name).path)
        }
        for result in consortium.run(dealer: false, options: Self.replicated).values {
            _ = try result.get()
        }
        let kept = try names()
        #expect(kept.count == 2)
        for name in kept { try age(name) }
        let (old, ended, new) = ("0a", "0b", "0c")
        func file(_ session: String) -> String {
            String(repeating: session, count: 32) + ".transfers"
        }
        for session in [old, ended, new] {
            try Data().write(to: folder.appending(path: file(session)))
            if session != new { try age(file(session)) }
        }
        // A run that came to its end, in another log.
        let report = consortium.directory(0).url.appending(
            path: "runs/\(String(repeating: ended, count: 32))")
        try FileManager.default.createDirectory(at: report, withIntermediateDirectories: true)
        try Data().write(to: report.appending(path: "report.json"))
        for result in consortium.run(dealer: false, options: Self.replicated).values {
            _ = try result.get()
        }
        let rest = try names()
        #expect(rest.isSuperset(of: kept.union([file(ended), file(new)])))
        #expect(!rest.contains(file(old)) && rest.count == 6)
    }

    @Test("A run that ends before its intent leaves nothing behind")
    func beforeIntent() throws {
        let consortium = try Consortium()
        let results = Self.run(consortium, at: "intent") {
            Self.block(consortium.directory(0).url.appending(path: "approvals/x.json"))
            try? FileManager.default.createDirectory(
                at: consortium.directory(0).url.appending(path: "approvals"),
                withIntermediateDirectories: true)
            try? Data().write(
                to: consortium.directory(0).url.appending(path: "approvals/x.json"))
        }
        #expect(try Self.failure(results[0]).description.contains("is no approval"))
        let secrets = consortium.directory(0).url.appending(path: "commitments")
        #expect(try FileManager.default.contentsOfDirectory(atPath: secrets.path).isEmpty)
    }

    @Test("A party's word that results were released counts before it is in the log")
    func delayedOutcome() throws {
        let consortium = try Consortium()
        let text = Consortium.large(consortium.data.banks).replacing("9 per day", with: "1 per day")
        let script = consortium.folder.appending(path: "once.parley")
        try Data(text.utf8).write(to: script)
        let once: @Sendable (Int, inout RunOptions) -> Void = {
            Self.replicated($0, &$1)
            $1.script = script
        }
        let cancellation = Cancellation()
        let results = consortium.run(
            dealer: false, options: once,
            monitor: { party in
                RunMonitor(cancellation: party == 2 ? cancellation : Cancellation()) { line in
                    if party == 2, line.hasPrefix("where amount") { cancellation.cancel() }
                }
            })
        for result in results.values { #expect(throws: RunFailure.self) { try result.get() } }
        // What all say of the end comes into the log: the day is free again.
        let ended = Outcomes<Int>()
        for party in 0..<3 {
            var seat = consortium.options(party).seat
            seat.protocolChoice = .replicated3
            let chosen = seat
            Thread {
                let result = Result { () throws(RunFailure) in
                    try LedgerSynchronization(chosen, monitor: RunMonitor()).run()
                }
                ended.set(party, result)
            }.start()
        }
        for result in ended.wait(for: 3).values { _ = try result.get() }
        let directory = consortium.directory(0)
        let options = consortium.options(0)
        let run = ScriptRun(
            try AgreedScript(script, period: nil, choices: [], over: .z64), by: .replicated3,
            over: .z64, roster: options.roster, rerun: nil, today: ScriptParameters.today)
        #expect(try directory.clear(run, of: "bank-a").contains { $0.hasPrefix("run 1 of 1") })
        let ends = try consortium.records(0).compactMap { record in
            if case .outcome(let outcome) = record.statement { outcome } else { nil }
        }
        let end = try #require(ends.first)
        #expect(ends.count == 3 && ends.allSatisfy { $0.status == .aborted })
        #expect(ends.contains { $0.reason == "cancelled" })
        // Whoever orders the entries does not let this one in.
        try directory.sharedLedger(consortium.roster).recordPending(
            .ended(
                .aborted, session: end.session, intent: end.intent, step: "release",
                accuser: "bank-a", culprit: nil, reason: "gone",
                releases: [.init(recipients: ["bank-a"], commitments: [])], time: end.time + 1))
        #expect {
            _ = try directory.clear(run, of: "bank-a")
        } throws: { "\($0)".contains("is used up by session") }
    }
}
