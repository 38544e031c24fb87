import Applications
import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Runner
import Synchronization
import Testing

/// Whole runs: three banks and a dealer over TLS on loopback, in threads of this process.
@Suite(.serialized) struct RunTests {
    @Test("Three banks get what plain addition gives, and all sign three entries")
    func completes() throws {
        let consortium = try Consortium()
        let expected = consortium.expectedLarge()
        for (party, result) in consortium.run() {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [expected])
            #expect(report.costs.total.bytesSent > 0)
            let ledger = try consortium.verify(party)
            #expect(ledger.isSound && ledger.entries == 3 && ledger.pending == 0)
        }
        // A second run goes on in the same ledger.
        let other = consortium.expectedLarge(thresholdCents: 200_000)
        try #require(other != expected)
        for (party, result) in consortium.run(
            options: { $1.choices = ["threshold=EUR 2_000.00"] })
        {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [other])
            #expect(report.choices == ["threshold=EUR 2000.00"])
            #expect(try consortium.verify(party).entries == 5)
        }
    }

    @Test("Different parameters are refused and the difference named", arguments: [0, 1, 2, 3])
    func disagreement(kind: Int) throws {
        let consortium = try Consortium()
        let results = consortium.run(options: { party, options in
            guard party == 1 else { return }
            switch kind {
            case 0: options.ring = .z64
            case 1: options.choices = ["threshold=2000"]
            case 2: options.period = "2026-11-01"
            default:
                let text = Consortium.large(consortium.data.banks)
                    .replacing("groups of at least 3", with: "groups of at least 2")
                options.script = consortium.folder.appending(path: "other.parley")
                try? Data(text.utf8).write(to: options.script)
            }
        })
        let field = ["ring", "choice threshold", "period", "script's hash"][kind]
        let value = [
            "bank-b has z64", "bank-b has EUR 2000.00", "bank-b has 2026-11-01", "bank-b has ",
        ][kind]
        for result in results.values {
            #expect {
                _ = try result.get()
            } throws: { error in
                guard let failure = error as? RunFailure else { return false }
                return failure.code == .refused && failure.description.contains(value)
                    && failure.description.contains(field)
            }
        }
        // The ledger was opened, and nothing entered.
        #expect(try consortium.records(0).isEmpty)
    }

    @Test("A bank that is missing is named while the others wait, and at their deadline")
    func missing() throws {
        let consortium = try Consortium()
        let lines = Mutex<[String]>([])
        let results = consortium.run(
            parties: [0, 2], options: { $1.connectTimeout = .seconds(4) },
            monitor: { _ in RunMonitor { line in lines.withLock { $0.append(line) } } })
        let address = "127.0.0.1:\(consortium.roster.parties[1].port)"
        for result in results.values {
            #expect {
                _ = try result.get()
            } throws: { error in
                guard let failure = error as? RunFailure else { return false }
                return failure.code == .unavailable && failure.description.contains("bank-b")
            }
        }
        let waiting = lines.withLock { $0.filter { $0.contains("waiting for bank-b") } }
        #expect(waiting.contains { $0.contains(address) })
    }

    @Test("A frozen bank is named by every other; nothing is released; the ledger tells it")
    func frozen() throws {
        let consortium = try Consortium()
        let thaw = DispatchSemaphore(value: 0)
        // The deadline is long enough for every other step on a busy machine. The dealer's is longer:
        // it waits for bank-b too, and would else be the first to say so at times, in a step of its own.
        let results = consortium.run(
            options: { party, options in options.timeout = .seconds(party < 0 ? 20 : 12) },
            monitor: { party in
                RunMonitor { step in
                    // Bank-b stops dead when its comparison begins, until both others gave up.
                    guard party == 1, step.hasPrefix("where amount") else { return }
                    for _ in 0..<2 { _ = thaw.wait(timeout: .now() + 120) }
                }
            },
            onEnd: { party in if party != 1 { thaw.signal() } })
        for party in [0, 2] {
            #expect {
                _ = try results[party]?.get()
            } throws: { error in
                guard let failure = error as? RunFailure else { return false }
                return failure.code == .unavailable && failure.description.contains("bank-b")
                    && failure.description.contains("compare")
            }
            let records = try consortium.records(party)
            guard case .outcome(let outcome) = records.last?.statement else {
                Issue.record("party \(party) has no outcome")
                continue
            }
            #expect(outcome.status == .aborted && outcome.culprit == "bank-b")
            #expect(records.last?.index == nil && records.count == 3)
            #expect(outcome.releases.isEmpty)
        }
        #expect(throws: RunFailure.self) { try results[1]?.get() }

        // The next run brings every party's statement about the end into the common ledger.
        for (party, result) in consortium.run() {
            #expect(try result.get().answers.map(\.rows) == [consortium.expectedLarge()])
            let report = try consortium.verify(party)
            #expect(report.isSound && report.pending == 0 && report.entries == 7)
        }
    }

    @Test("A cancelled bank tells the others, and its own ledger")
    func cancelled() throws {
        let consortium = try Consortium()
        let cancellation = Cancellation()
        let results = consortium.run(monitor: { party in
            RunMonitor(cancellation: party == 2 ? cancellation : Cancellation()) { step in
                if party == 2, step == "online" { cancellation.cancel() }
            }
        })
        for party in [0, 1] {
            #expect {
                _ = try results[party]?.get()
            } throws: { error in
                (error as? RunFailure)?.description.contains("bank-c") ?? false
            }
        }
        for party in [0, 1, 2] { #expect(try consortium.verify(party).pending == 1) }
    }

    @Test("A file with mistakes is refused before anything is sent")
    func badInput() throws {
        let consortium = try Consortium()
        let file = consortium.directory(0).url.appending(path: "transfers.csv")
        var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        lines[3] += ",,"
        lines[5] = "x"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        let steps = Mutex<[String]>([])
        let results = consortium.run(
            parties: [0], dealer: false,
            monitor: { _ in RunMonitor { step in steps.withLock { $0.append(step) } } })
        #expect {
            _ = try results[0]?.get()
        } throws: { error in
            guard let failure = error as? RunFailure else { return false }
            return failure.code == .badInput && failure.description.contains("line 4")
                && failure.description.contains("line 6")
        }
        #expect(steps.withLock { $0.isEmpty })
    }

    @Test("A ring that cannot hold the totals is refused, with one that can")
    func smallRing() throws {
        let consortium = try Consortium()
        let results = consortium.run(
            parties: [0], dealer: false, options: { $1.ring = .prime(bits: 32) })
        #expect {
            _ = try results[0]?.get()
        } throws: { error in
            guard let failure = error as? RunFailure else { return false }
            return failure.code == .badInput && failure.description.contains("--ring")
        }
    }

    @Test(
        "A script that is not canonical, or for other parties, is refused before anything is sent")
    func otherScripts() throws {
        let consortium = try Consortium()
        let file = consortium.folder.appending(path: "other.parley")
        func refusal(_ text: String, _ choice: ProtocolChoice = .additiveDealer) throws -> String {
            try Data(text.utf8).write(to: file)
            let results = consortium.run(
                parties: [0], dealer: false,
                options: { ($1.script, $1.protocolChoice) = (file, choice) })
            guard case .failure(let failure)? = results[0] else { return "" }
            return failure.description
        }
        let text = Consortium.large(consortium.data.banks)
        #expect(try refusal(text + " ").contains("parley format"))
        #expect(
            try refusal(Consortium.large(["bank-a", "bank-b", "bank-d"])).contains("bank-d"))
        #expect(
            try refusal(text.replacing("1 of 3 corrupt", with: "2 of 3 corrupt"), .replicated3)
                .contains("safe against 2 of 3 parties"))
    }

    @Test("A rerun on the same tables gives the same; on another table it is refused by name")
    func rerun() throws {
        let consortium = try Consortium()
        for result in consortium.run().values { _ = try result.get() }
        let session = try #require(
            try consortium.records(0).compactMap {
                if case .intent(let intent) = $0.statement { intent.session } else { nil }
            }.first)
        for result in consortium.run(options: { $1.repeated = session }).values {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [consortium.expectedLarge()])
            #expect(report.rerunOf == session.hex)
        }
        let intents = try consortium.records(1).compactMap {
            if case .intent(let intent) = $0.statement { intent } else { nil }
        }
        #expect(intents.count == 2 && intents[0].inputs == intents[1].inputs)
        #expect(intents[0].inputs.allSatisfy { $0.rows == 600 && $0.table == "transfers" })
    }

    private static func replicated(_ party: Int, _ options: inout RunOptions) {
        (options.protocolChoice, options.ring) = (.replicated3, .z64)
    }

    @Test("Of two runs at once in a period of one, the later intent ends before any share leaves")
    func atOnce() throws {
        let consortium = try Consortium()
        let script = consortium.folder.appending(path: "once.parley")
        let text = Consortium.large(consortium.data.banks).replacing("9 per day", with: "1 per day")
        try Data(text.utf8).write(to: script)
        let once: @Sendable (Int, inout RunOptions) -> Void = {
            Self.replicated($0, &$1)
            $1.script = script
        }
        // When every party has found the period free, another run takes place from beginning to end.
        let inner = Mutex<[Int: Result<RunReport, RunFailure>]>([:])
        let isOver = DispatchSemaphore(value: 0)
        let outer = consortium.run(
            dealer: false, options: once,
            monitor: { party in
                RunMonitor { line in
                    guard line.hasPrefix("run 1 of 1") else { return }
                    if party == 0 {
                        let results = consortium.run(dealer: false, options: once)
                        inner.withLock { $0 = results }
                        for _ in 0..<2 { isOver.signal() }
                    } else {
                        _ = isOver.wait(timeout: .now() + 120)
                    }
                }
            })
        let completed = inner.withLock { $0 }
        #expect(completed.count == 3)
        for result in completed.values { _ = try result.get() }
        for result in outer.values {
            #expect {
                _ = try result.get()
            } throws: { error in
                guard let failure = error as? RunFailure else { return false }
                return failure.code == .refused && failure.description.contains("is used up by")
            }
        }
        let records = try consortium.records(1)
        guard case .outcome(let outcome) = records.last?.statement else {
            Issue.record("the later run has no outcome")
            return
        }
        #expect(records.count == 5 && outcome.status == .aborted && outcome.releases.isEmpty)
    }

    @Test("What opens an intent stays where it is not known whether the intent is in the log")
    func interruptedIntent() throws {
        let consortium = try Consortium()
        let cancellation = Cancellation()
        let results = consortium.run(
            dealer: false, options: Self.replicated,
            monitor: { party in
                RunMonitor(cancellation: party == 2 ? cancellation : Cancellation()) { line in
                    if party == 2, line.hasPrefix("run 1 of") { cancellation.cancel() }
                }
            })
        for (party, result) in results {
            #expect(throws: RunFailure.self) { try result.get() }
            for folder in ["runs", "transcripts"] {
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: consortium.directory(party).url.appending(path: folder).path)
                #expect(names.count == 1, "\(folder) of party \(party)")
            }
        }
    }
}
