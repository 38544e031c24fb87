import Algebra
import Applications
import Foundation
import MPC
import Networking
import Primitives
import Tables

/// A party's checked inputs and what of them is public.
struct PartyInputs {
    /// What the party computes with.
    enum Local {
        case watchlist(WatchlistJob.LocalInputs)
        case exposure(ExposureJob.LocalInputs, publishing: Int?)
    }

    /// What it commits to, with the names by which the intent calls them.
    let tables: [(name: String, table: Table)]
    let local: Local
    /// The accounts that a result is about: of the watch-list, or those that this party holds.
    let accounts: [String]
    /// What all parties compare of the job.
    private let jobTerms: [(name: String, value: String)]
    let thresholds: [(name: String, value: String)]
    /// The rows that every party puts in by agreement; nil if as many as it has transfers.
    private let agreedRows: Int?

    var transfers: Table { tables[0].table }

    /// - Throws: ``RunFailure`` with every mistake in the files, or if the table is another bank's.
    init(_ options: RunOptions, me: Party) throws(RunFailure) {
        let common = [
            ("minimum banks", "\(options.minimumBanks)"),
            ("threshold cents", "\(options.thresholdCents)"),
        ]
        do {
            let transfers = try CSVReader.read(
                file: options.transfers, schema: WatchlistJob.transfersSchema)
            switch options.job {
            case .watchlist(let file):
                let list = try CSVReader.read(file: file, schema: WatchlistJob.watchlistSchema)
                tables = [("transfers", transfers)]
                local = .watchlist(
                    try WatchlistJob.localInputs(transfers: transfers, watchlist: list))
                accounts = Self.names(list)
                agreedRows = accounts.count
                var hasher = SHA256()
                for account in accounts { hasher.update(Array("\(account)\n".utf8)) }
                let digest = hasher.finalize().hex
                jobTerms = [
                    ("program", WatchlistProgram.name),
                    ("program hash", SHA256.hash(Array(WatchlistProgram.text.utf8)).hex),
                    ("watch-list accounts", "\(accounts.count)"), ("watch-list", digest),
                ]
                thresholds = common + [("watch-list", digest)]
            case .exposure(let file, let bound, let publishing):
                let own = try CSVReader.read(file: file, schema: ExposureJob.accountsSchema)
                local = .exposure(
                    try ExposureJob.localInputs(transfers: transfers, accounts: own, bound: bound),
                    publishing: publishing)
                tables = [("transfers", transfers), ("accounts", own)]
                accounts = Self.names(own)
                agreedRows = bound
                let parameters = [
                    ("rows of a bank", bound.map { "\($0)" } ?? "those of its transfers"),
                    ("result", publishing.map { "to all, at most \($0)" } ?? "to the holder"),
                ]
                jobTerms =
                    [
                        ("program", ExposureProgram.name),
                        ("program hash", SHA256.hash(Array(ExposureProgram.text.utf8)).hex),
                    ] + parameters + [
                        // It decides what goes in a message.
                        ("comparisons at once", "\(options.batch)")
                    ]
                thresholds = common + parameters
            }
        } catch {
            throw RunFailure(.badInput, "\(error)")
        }
        let name = options.roster.parties[me.index].name
        let bank = transfers.texts("orig_bank")[0]
        guard bank == name else {
            throw RunFailure(
                .badInput,
                "\(options.transfers.path): the transfers leave \(bank), but this party is \(name)")
        }
    }

    private static func names(_ table: Table) -> [String] {
        let column = table.texts("account")
        return (0..<column.count).map { column[$0] }
    }

    /// The public number of rows that this party puts in.
    var inputRows: Int {
        switch local {
        case .watchlist: accounts.count
        case .exposure(let local, _): local.keys.count
        }
    }

    /// Whether a party puts in as many rows as the agreement says.
    func fits(_ notice: InputNotice) -> Bool {
        notice.inputRows == agreedRows ?? notice.tables[0].rows
    }

    var program: String { jobTerms[0].value }
    var programHash: Digest {
        SHA256.hash(
            Array(
                (program == WatchlistProgram.name ? WatchlistProgram.text : ExposureProgram.text)
                    .utf8))
    }

    /// The largest number that is compared, for `banks` banks.
    func largestTotal(banks: Int) -> BigInteger {
        BigInteger(WatchlistJob.maxInflowCents) * BigInteger(banks)
    }

    /// What all parties compare; the dealer knows the first field only.
    ///
    /// - Parameter preparation: the identifier of what was prepared; nil for none.
    func terms(_ options: RunOptions, _ ring: some Ring, preparation: String?) -> AgreementTerms {
        let dealer = options.protocolChoice.needsDealer ? options.roster.dealer?.name : nil
        return AgreementTerms(
            options.seat.terms(ring) + [
                ("randomness", options.protocolChoice.randomness(dealer: dealer)),
                ("preparation", preparation ?? "none"),
                ("only what was prepared", options.isOnlineOnly ? "yes" : "no"),
                ("threshold in cents", "\(options.thresholdCents)"),
                ("minimum banks", "\(options.minimumBanks)"),
            ] + jobTerms)
    }

    /// What all parties compare of the job when they prepare for it.
    var purpose: [(name: String, value: String)] { jobTerms }
}

extension Seat {
    /// What all parties compare whatever they do.
    func terms(_ ring: some Ring) -> [(name: String, value: String)] {
        [
            ("roster", roster.digest.hex), ("ring", self.ring.description),
            ("ring's order", ring.order.text(radix: 16)), ("protocol", protocolChoice.rawValue),
        ]
    }
}

/// What a party tells about its inputs before the intent: rows and commitment of each table, the
/// rows that it puts in, its clock, and if it keeps a transcript the commitment to its seed.
package struct InputNotice {
    package struct Table: Hashable {
        let rows: Int
        let commitment: Digest
    }

    /// Without a seed.
    private static func byteCount(tables: Int) -> Int { 16 + tables * (8 + Digest.byteCount) }

    static func byteLimit(tables: Int) -> Int { byteCount(tables: tables) + Digest.byteCount }

    package let tables: [Table]
    /// The public number of rows that enter the computation.
    let inputRows: Int
    let time: Int64
    /// The commitment to the seed of the party's randomness; nil without a transcript.
    let seed: Digest?

    init(tables: [Table], inputRows: Int, time: Int64, seed: Digest?) {
        (self.tables, self.inputRows, self.time) = (tables, inputRows, time)
        self.seed = seed
    }

    var bytes: [UInt8] {
        littleEndian(UInt64(inputRows)) + littleEndian(UInt64(bitPattern: time))
            + tables.flatMap { littleEndian(UInt64($0.rows)) + $0.commitment.bytes }
            + (seed?.bytes ?? [])
    }

    /// Nil unless it is the notice of `count` tables with rows within their limits.
    ///
    /// Of the first table, the transfers, only the commitment is used; rows of the others are input,
    /// and their number decides what memory is taken.
    package init?(_ bytes: [UInt8], tables count: Int) {
        let end = Self.byteCount(tables: count)
        guard bytes.count == end || bytes.count == Self.byteLimit(tables: count) else {
            return nil
        }
        func integer(at start: Int) -> UInt64 {
            bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        func rows(at start: Int) -> Int? {
            Int(exactly: integer(at: start)).flatMap { (1...1 << 40).contains($0) ? $0 : nil }
        }
        guard let inputRows = rows(at: 0), inputRows <= ExposureJob.maxRows,
            let time = Int64(exactly: integer(at: 8)), time < 1 << 40
        else { return nil }
        var tables: [Table] = []
        for start in stride(from: 16, to: end, by: 8 + Digest.byteCount) {
            guard let rows = rows(at: start), tables.isEmpty || rows <= ExposureJob.maxRows,
                let digest = Digest(Array(bytes[start + 8..<start + 8 + Digest.byteCount]))
            else { return nil }
            tables.append(Table(rows: rows, commitment: digest))
        }
        self.init(
            tables: tables, inputRows: inputRows, time: time, seed: Digest(Array(bytes[end...])))
    }
}

func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
