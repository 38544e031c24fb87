import Algebra
import Applications
import Foundation
import MPC
import Networking
import Primitives
import Tables

/// A party's checked inputs and what of them is public.
struct PartyInputs {
    static let protocolName = "additive sharing, semi-honest, Beaver triples"

    let transfers: Table
    let accounts: [String]
    let local: WatchlistJob.LocalInputs
    private let watchlistDigest: Digest

    /// - Throws: ``RunFailure`` with every mistake in the files, or if the table is another bank's.
    init(_ options: RunOptions, me: Party) throws(RunFailure) {
        let watchlist: Table
        do {
            transfers = try CSVReader.read(
                file: options.transfers, schema: WatchlistJob.transfersSchema)
            watchlist = try CSVReader.read(
                file: options.watchlist, schema: WatchlistJob.watchlistSchema)
            local = try WatchlistJob.localInputs(transfers: transfers, watchlist: watchlist)
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
        let column = watchlist.texts("account")
        accounts = (0..<column.count).map { column[$0] }
        var hasher = SHA256()
        for account in accounts { hasher.update(Array("\(account)\n".utf8)) }
        watchlistDigest = hasher.finalize()
    }

    /// What all parties compare; the dealer knows the first field only.
    func terms(_ options: RunOptions, _ ring: some Ring) -> AgreementTerms {
        AgreementTerms([
            ("roster", options.roster.digest.hex),
            ("program", WatchlistProgram.name),
            ("program hash", SHA256.hash(Array(WatchlistProgram.text.utf8)).hex),
            ("ring", options.ring.description),
            ("ring's order", ring.order.text(radix: 16)),
            ("protocol", Self.protocolName),
            ("preprocessing", "dealer \(options.roster.dealer?.name ?? "none")"),
            ("threshold in cents", "\(options.thresholdCents)"),
            ("minimum banks", "\(options.minimumBanks)"),
            ("watch-list accounts", "\(accounts.count)"),
            ("watch-list", watchlistDigest.hex),
        ])
    }
}

/// What a party tells about its input before the intent: rows, commitment, its clock.
struct InputNotice {
    static let byteCount = 8 + 8 + Digest.byteCount
    let rows: Int
    let commitment: Digest
    let time: Int64

    init(rows: Int, commitment: Digest, time: Int64) {
        (self.rows, self.commitment, self.time) = (rows, commitment, time)
    }

    var bytes: [UInt8] {
        littleEndian(UInt64(rows)) + littleEndian(UInt64(bitPattern: time)) + commitment.bytes
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let digest = Digest(Array(bytes.suffix(32))) else {
            return nil
        }
        func integer(_ range: Range<Int>) -> UInt64 {
            bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard let rows = Int(exactly: integer(0..<8)), rows > 0,
            let time = Int64(exactly: integer(8..<16)), time < 1 << 40
        else { return nil }
        self.init(rows: rows, commitment: digest, time: time)
    }
}

func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
