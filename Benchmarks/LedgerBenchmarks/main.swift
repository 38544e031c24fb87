import BenchmarkKit
import Foundation
import Ledger
import Primitives

/// Nanoseconds that a body took.
func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = SystemClock().monotonicNanoseconds
    try body()
    return Double(SystemClock().monotonicNanoseconds - start)
}

do {
    var benchmarks = try Benchmarks(
        "Ledger: three parties, one disk", clock: .wall,
        arguments: Array(CommandLine.arguments.dropFirst()))
    let entries = benchmarks.isQuick ? 20_000 : 1_000_000
    let consortium = try Consortium()

    // 1. Commits one after the other: each waits for all cosignatures.
    let singles = benchmarks.isQuick ? 40 : 400
    try consortium.lead { ledger, peers in
        try ledger.lead(peers)
        let times = try (0..<singles).map { number in
            try timed {
                try ledger.post("{\"case\":\(number)}", collection: "single", to: nil)
                try ledger.lead(peers)
            }
        }
        benchmarks.record("sequential cosigned commit", elements: 1, nanoseconds: times)
        let total = times.reduce(0, +)
        benchmarks.derive(
            "sequential cosigned commits per second", value: Double(singles) / total * 1e9)
    }

    // 2. Batches: 256 notes of about 200 bytes signed at once by a party that posts, as a node does
    // while it leads.
    let contents = String(repeating: "0123456789", count: 20)
    var times: [Double] = []
    try consortium.lead { ledger, peers in
        let first = try ledger.count
        try consortium.posting((entries - first + 255) / 256, contents, to: ledger) { check in
            while case let count = try ledger.count, count < entries {
                var taken = count
                let time = try timed {
                    while taken == count {
                        try check()
                        try ledger.lead(peers)
                        taken = try ledger.count
                    }
                }
                let batches = (taken - count) / 256
                times += Array(repeating: time / Double(max(1, batches)), count: batches)
            }
        }
    }
    benchmarks.record("batch of 256 notes to all, an entry", elements: 256, nanoseconds: times)
    benchmarks.derive(
        "entries per second in batches of 256",
        value: Double(256 * times.count) / times.reduce(0, +) * 1e9)

    // 3. A proof, from disk.
    let ledger = try consortium.ledger(0)
    let count = try ledger.count
    var index = 1
    benchmarks.measure("inclusion proof of \(count) entries", elements: 20) {
        for _ in 0..<20 {
            index = (index * 7_368_787 + 1) % count
            keep(try? ledger.proof(at: index))
        }
        return nil
    }

    // 4. What decides whether a run may begin, read before each run.
    benchmarks.measure("runs and approvals among \(count) entries", elements: 1) {
        try? LedgerRecord.read(
            file: consortium.file(0), kinds: [.intent, .outcome, .approval]
        ) { keep($0.index) }
        return nil
    }

    // 5. The audit of everything.
    let auditor = LedgerAuditor(.parties(consortium.parties))
    PeakMemory.reset()
    var report = LedgerReport()
    let seconds = timed { report = auditor.audit(consortium.file(1)) } / 1e9
    guard report.isSound, report.entries == count else {
        throw Hub.Failure(description: "the audit found \(report.findings.prefix(3))")
    }
    benchmarks.record(
        "audit of \(count) entries with their contents, an entry", elements: count,
        nanoseconds: [seconds * 1e9])
    benchmarks.derive("audit, seconds", value: seconds, limit: benchmarks.isQuick ? nil : 60)
    benchmarks.derive("audit, peak memory in MiB", value: Double(PeakMemory.bytes ?? 0) / 1048576)
    try benchmarks.report()
} catch {
    FileHandle.standardError.write(Data("LedgerBenchmarks: \(error)\n".utf8))
    exit(1)
}
