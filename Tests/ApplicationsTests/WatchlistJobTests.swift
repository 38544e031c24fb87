import Applications
import Foundation
import Tables
import Testing

@Suite struct WatchlistJobTests {
    static func transfers(_ rows: [(to: String, amount: String)]) throws -> Table {
        let lines = rows.enumerated().map { "t\($0),A,bank-a,\($1.to),bank-b,\($1.amount),0\n" }
        let header = "tran_id,orig_acct,orig_bank,bene_acct,bene_bank,amount,tran_timestamp\n"
        return try CSVReader.read(
            Array((header + lines.joined()).utf8), name: "transfers.csv",
            schema: WatchlistJob.transfersSchema)
    }

    static func watchlist(_ accounts: [String]) throws -> Table {
        try CSVReader.read(
            Array(("account\n" + accounts.joined(separator: "\n")).utf8), name: "watchlist.csv",
            schema: WatchlistJob.watchlistSchema)
    }

    @Test("Inflows are added, equal payments twice, accounts not watched left out")
    func inflows() throws {
        let inputs = try WatchlistJob.localInputs(
            transfers: Self.transfers([
                ("X", "1.50"), ("Y", "0"), ("X", "1.50"), ("x", "7"), ("Q", "2"), ("X", "0.01"),
            ]), watchlist: Self.watchlist(["Z", "Y", "X"]))
        #expect(inputs.inflowCents == [0, 0, 301])
        #expect(inputs.hasTransfer == [false, true, true])
        #expect(!String(reflecting: inputs).contains("301"))
    }

    @Test("An account listed twice is refused with both lines")
    func duplicate() throws {
        let error = try #require(throws: TableError.self) {
            try WatchlistJob.localInputs(
                transfers: Self.transfers([("X", "1")]),
                watchlist: Self.watchlist(["X", "Y", "X"]))
        }
        #expect(
            error.description
                == "watchlist.csv: line 4, column account: is already on line 2; remove one")
    }

    @Test("More than 100,000 accounts are refused, 100,000 are not")
    func longest() throws {
        let accounts = (0...WatchlistJob.maxAccounts).map { "A\($0)" }
        let transfers = try Self.transfers([("A5", "1")])
        let most = try WatchlistJob.localInputs(
            transfers: transfers, watchlist: Self.watchlist(accounts.dropLast()))
        #expect(most.inflowCents[5] == 100)
        #expect(throws: TableError.self) {
            try WatchlistJob.localInputs(
                transfers: transfers, watchlist: Self.watchlist(accounts))
        }
    }

    @Test("A total above the range of one-word rings is refused with the line")
    func tooLarge() throws {
        let largest = Int64(1_000_000_000_000)
        let fitting = Int(WatchlistJob.maxInflowCents / largest)
        let watchlist = try Self.watchlist(["X"])
        let rows = Array(repeating: (to: "X", amount: "10000000000"), count: fitting)
        let inputs = try WatchlistJob.localInputs(
            transfers: Self.transfers(rows), watchlist: watchlist)
        #expect(inputs.inflowCents == [largest * Int64(fitting)])
        let error = try #require(throws: TableError.self) {
            try WatchlistJob.localInputs(
                transfers: Self.transfers(rows + [rows[0]]), watchlist: watchlist)
        }
        #expect(error.mistakes.first?.line == fitting + 2)
    }

    @Test("Transfers of another bank in the file are refused")
    func foreignRow() throws {
        let text =
            "tran_id,orig_acct,orig_bank,bene_acct,bene_bank,amount,tran_timestamp\n"
            + "1,A,bank-a,X,bank-b,1,0\n2,B,bank-b,X,bank-b,1,0\n"
        let table = try CSVReader.read(
            Array(text.utf8), name: "t", schema: WatchlistJob.transfersSchema)
        let error = try #require(throws: TableError.self) {
            try WatchlistJob.localInputs(transfers: table, watchlist: Self.watchlist(["X"]))
        }
        #expect(error.mistakes.first?.line == 3)
    }
}
