import Applications
import Foundation
import Primitives
import Tables
import Testing

@Suite struct SampleDataTests {
    static let small = SampleData.generate(
        seed: 1, banks: 3, accounts: 2_000, transfersPerBank: 5_000)

    static func bytes(_ data: SampleData) -> [[UInt8]] {
        (data.transfers + data.accounts + [data.labels]).map { $0.encoded(as: .csv) }
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
        #expect(digest.hex == "4d72d59f4f386345c2e260050f503a9f8cf244d13d588701c751563df59f3368")
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

    @Test("Labelled accounts form alerts over at least two banks")
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
    }

    @Test("Files read back, and those who receive much from several banks are a minority")
    func files() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = SampleData.generate(seed: 7)
        try data.write(to: folder)
        #expect(throws: FileError.self) { try data.write(to: folder) }
        var totals: [String: Int64] = [:]
        var banks: [String: Set<String>] = [:]
        for bank in data.banks {
            let table = try CSVReader.read(
                file: folder.appendingPathComponent("\(bank)/transfers.csv"),
                schema: SampleData.transfersSchema)
            let (accounts, amounts) = (table.texts("bene_acct"), table.integers("amount"))
            for row in 0..<table.rowCount {
                totals[accounts[row], default: 0] += amounts[row]
                banks[accounts[row], default: []].insert(bank)
            }
        }
        let count = totals.count { $0.value >= 2_500_000 && (banks[$0.key]?.count ?? 0) >= 2 }
        #expect((500...4_000).contains(count), "\(count) of \(totals.count) accounts")
    }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sample-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        return folder
    }
}
