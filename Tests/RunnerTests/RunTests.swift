import Foundation
import Ledger
import MPC
import Networking
import Runner
import Synchronization
import Testing

/// Whole runs: three banks and a dealer over TLS on loopback, in threads of this process.
@Suite(.serialized) struct RunTests {
    @Test("Three banks get the flags that plain addition gives, and all sign three entries")
    func completes() throws {
        let consortium = try Consortium()
        let expected = consortium.expectedFlags()
        try #require(!expected.isEmpty && expected.count < 100)
        for (party, result) in consortium.run() {
            let report = try result.get()
            #expect(report.answer.flagged == expected)
            #expect(report.costs.total.bytesSent > 0)
            let ledger = try consortium.verify(party)
            #expect(ledger.isSound && ledger.entries == 3 && ledger.pending == 0)
        }
        // A second run goes on in the same ledger.
        for (party, result) in consortium.run(options: { $1.minimumBanks = 3 }) {
            #expect(try result.get().answer.flagged == consortium.expectedFlags(minimumBanks: 3))
            #expect(try consortium.verify(party).entries == 5)
        }
    }

    @Test("Different parameters are refused and the difference named", arguments: [0, 1, 2])
    func disagreement(kind: Int) throws {
        let consortium = try Consortium()
        let results = consortium.run(options: { party, options in
            guard party == 1 else { return }
            switch kind {
            case 0: options.ring = .z64
            case 1: options.thresholdCents = 600_000
            default: options.minimumBanks = 3
            }
        })
        let field = ["ring", "threshold in cents", "minimum banks"][kind]
        let value = ["bank-b has z64", "bank-b has 600000", "bank-b has 3"][kind]
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
                    guard party == 1, step == "compare" else { return }
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
            #expect(try result.get().answer.flagged == consortium.expectedFlags())
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
        lines[3] = lines[3].replacing(",bank-a,", with: ",bank-a,,")
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

    @Test("A ring that cannot hold the totals is refused with both numbers")
    func smallRing() throws {
        let consortium = try Consortium()
        let results = consortium.run(
            parties: [0], dealer: false, options: { $1.ring = .prime(bits: 32) })
        #expect {
            _ = try results[0]?.get()
        } throws: { error in
            guard let failure = error as? RunFailure else { return false }
            return failure.code == .badInput && failure.description.contains("choose a larger ring")
        }
    }
}
