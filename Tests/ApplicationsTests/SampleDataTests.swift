import Applications
import Foundation
import Primitives
import Tables
import Testing

@Suite struct SampleDataTests {
    static let small = SampleData.generate(
        seed: 1, banks: 3, accounts: 2_000, transfersPerBank: 5_000)

    static func bytes(_ data: SampleData) -> [[UInt8]] {
        (data.transfers + [data.labels, data.watchlist]).map { $0.encoded(as: .csv) }
    }

    @Test("A seed gives the same bytes on every machine, another seed others")
    func reproducible() throws {
        let again = SampleData.generate(
            seed: 1, banks: 3, accounts: 2_000, transfersPerBank: 5_000)
        #expect(Self.bytes(again) == Self.bytes(Self.small))
        let other = SampleData.generate(
            seed: 2, banks: 3, accounts: 2_000, transfersPerBank: 5_000)
        #expect(Self.bytes(other) != Self.bytes(Self.small))
        let digest = SHA256.hash(Self.bytes(Self.small).flatMap(\.self))
        #expect(digest.hex == "7da2cf35cc22103b6ae9498d8a0251554a46ec10dc6365d8e98884701371d7df")
    }

    @Test("Each bank has its number of transfers, all leaving it, within 90 days, and in order")
    func shape() throws {
        for (bank, table) in zip(Self.small.banks, Self.small.transfers) {
            #expect(table.rowCount == 5_000)
            let text = String(decoding: table.encoded(as: .csv), as: UTF8.self)
            let header = "tran_id,orig_acct,orig_bank,bene_acct,bene_bank,amount,tran_timestamp\n"
            #expect(text.hasPrefix(header + "\(bank)-00000001,A"))
            let origins = table.texts("orig_bank")
            #expect((0..<table.rowCount).allSatisfy { origins[$0] == bank })
            let times = table.integers("tran_timestamp")
            #expect(times == times.sorted())
            let (first, last) = (times[0], times[times.count - 1])
            #expect(first >= 1_767_225_600 && last < 1_767_225_600 + 90 * 86_400)
            #expect(table.integers("amount").allSatisfy { $0 > 0 })
        }
    }

    @Test("Transfers cross banks, in-degrees have a heavy tail, some payments occur twice")
    func distribution() {
        var inDegree: [String: Int] = [:]
        var (crossing, repeated, rows) = (0, 0, 0)
        for table in Self.small.transfers {
            var seen = Set<String>()
            let (from, to) = (table.texts("orig_acct"), table.texts("bene_acct"))
            let (bank, beneficiaryBank) = (table.texts("orig_bank"), table.texts("bene_bank"))
            let (cents, times) = (table.integers("amount"), table.integers("tran_timestamp"))
            for row in 0..<table.rowCount {
                inDegree[to[row], default: 0] += 1
                crossing += bank[row] == beneficiaryBank[row] ? 0 : 1
                let key = "\(from[row]) \(to[row]) \(cents[row]) \(times[row])"
                repeated += seen.insert(key).inserted ? 0 : 1
                rows += 1
            }
        }
        #expect(crossing * 2 > rows)
        #expect(repeated * 128 > rows && repeated * 32 < rows)
        let degrees = inDegree.values.sorted()
        let (median, largest) = (degrees[degrees.count / 2], degrees[degrees.count - 1])
        #expect(largest > 20 * median)
    }

    @Test("Labelled accounts form alerts over at least two banks; the watch-list mixes")
    func labels() {
        let (accounts, alerts) = (
            Self.small.labels.texts("account"), Self.small.labels.integers("alert_id")
        )
        var banks: [Int64: Set<Int>] = [:]
        var labelled = Set<String>()
        for row in 0..<accounts.count {
            banks[alerts[row], default: []].insert((Int(accounts[row].dropFirst()) ?? 0) % 3)
            #expect(labelled.insert(accounts[row]).inserted)
        }
        #expect(banks.values.allSatisfy { $0.count == 3 })
        let watched = Self.small.watchlist.texts("account")
        let names = Set((0..<watched.count).map { watched[$0] })
        #expect(names.count == 1_000)
        #expect(!names.isDisjoint(with: labelled) && !names.isSubset(of: labelled))
    }

    @Test("Files read back with the job's schemas, and the flags are a meaningful minority")
    func files() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = SampleData.generate(seed: 7)
        try data.write(to: folder)
        #expect(throws: FileError.self) { try data.write(to: folder) }
        let count = try Self.flags(folder, data.banks).count { $0.flagged }
        #expect((50...250).contains(count), "\(count) of 1000 are flagged")
    }

    @Test(
        "A separate program in Python flags the same accounts",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
    func reference() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.small.write(to: folder)
        let ours = try Self.flags(folder, Self.small.banks)
            .map { "\($0.account),\($0.flagged ? 1 : 0)\n" }
        #expect(ours.contains { $0.hasSuffix("1\n") } && ours.contains { $0.hasSuffix("0\n") })
        let theirs = try Self.reference(folder, Self.small.banks)
        #expect(theirs == "account,flagged\n" + ours.joined())
    }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sample-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        return folder
    }

    /// The job's answer for the files in a folder, from every bank's local inputs.
    static func flags(
        _ folder: URL, _ banks: [String]
    ) throws -> [(account: String, flagged: Bool)] {
        let watchlist = try CSVReader.read(
            file: folder.appendingPathComponent("watchlist.csv"),
            schema: WatchlistJob.watchlistSchema)
        var totals = [Int64](repeating: 0, count: watchlist.rowCount)
        var bankCounts = [Int](repeating: 0, count: watchlist.rowCount)
        for bank in banks {
            let table = try CSVReader.read(
                file: folder.appendingPathComponent("\(bank)/transfers.csv"),
                schema: WatchlistJob.transfersSchema)
            let inputs = try WatchlistJob.localInputs(transfers: table, watchlist: watchlist)
            for index in totals.indices {
                totals[index] += inputs.inflowCents[index]
                bankCounts[index] += inputs.hasTransfer[index] ? 1 : 0
            }
        }
        let accounts = watchlist.texts("account")
        return totals.indices.map {
            let isFlagged =
                totals[$0] >= WatchlistJob.defaultThresholdCents
                && bankCounts[$0] >= WatchlistJob.defaultMinimumBanks
            return (accounts[$0], isFlagged)
        }
    }

    /// What the separate Python program prints for the same files.
    static func reference(_ folder: URL, _ banks: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        let tests = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = tests.appendingPathComponent("Reference/watchlist_reference.py")
        process.arguments =
            [
                script.path,
                "--watchlist", folder.appendingPathComponent("watchlist.csv").path,
                "--threshold", "\(WatchlistJob.defaultThresholdCents)",
                "--min-banks", "\(WatchlistJob.defaultMinimumBanks)",
            ] + banks.map { folder.appendingPathComponent("\($0)/transfers.csv").path }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
