import Applications
import Tables
import Testing

@Suite struct ExposureJobTests {
    typealias Other = WatchlistJobTests

    @Test("Each beneficiary once, padded to the rows or to the bound, own accounts in order")
    func aggregation() throws {
        let transfers = try Other.transfers([
            ("X", "1.50"), ("Y", "0"), ("X", "1.50"), ("x", "7"), ("X", "0.01"),
        ])
        let accounts = try Other.watchlist(["Z", "X"])
        let keys = ["X", "Y", "x"].map(ExposureJob.key(of:))
        for (bound, padding) in [(Int?.none, 2), (3, 0), (10, 7)] {
            let inputs = try ExposureJob.localInputs(
                transfers: transfers, accounts: accounts, bound: bound)
            let zeros = Array(repeating: Int64(0), count: padding)
            #expect(inputs.keys == keys + zeros.map { UInt64($0) })
            #expect(inputs.inflowCents == [301, 0, 700] + zeros)
            #expect(inputs.present == [1, 1, 1] + zeros)
            #expect(inputs.ownKeys == ["Z", "X"].map(ExposureJob.key(of:)))
            #expect(!String(reflecting: inputs).contains("301"))
        }
        #expect(Set(keys).count == 3)
    }

    @Test("More beneficiaries than the bound are refused with both numbers")
    func bound() throws {
        let error = try #require(throws: TableError.self) {
            try ExposureJob.localInputs(
                transfers: Other.transfers([("X", "1"), ("Y", "1"), ("Z", "1")]),
                accounts: Other.watchlist(["X"]), bound: 2)
        }
        #expect(error.description.contains("has 3 beneficiaries and the run takes 2 rows"))
    }

    @Test("An account listed twice is refused with both lines")
    func duplicate() throws {
        let error = try #require(throws: TableError.self) {
            try ExposureJob.localInputs(
                transfers: Other.transfers([("X", "1")]),
                accounts: Other.watchlist(["X", "Y", "X"]), bound: nil)
        }
        #expect(error.description.contains("line 4, column account: is already on line 2"))
    }
}
