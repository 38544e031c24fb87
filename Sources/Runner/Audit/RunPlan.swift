package import Foundation
import Networking
package import Primitives

/// What one party was asked to run: with its tables, seed and transcript enough to run it again.
///
/// Kept beside the transcript, and in a bundle for an auditor. It claims nothing that counts: all of it
/// is compared with the intent that all signed.
package struct RunPlan: Codable, Hashable, Sendable {
    package static let format = "parley-run/1"
    /// The largest file that is read as one, in bytes.
    private static let byteLimit = 1 << 16

    package var format = RunPlan.format
    package var session: Digest
    package var party: String
    package var job: String
    package var protocolName: String
    package var ring: String
    package var thresholdCents: Int64
    package var minimumBanks: Int
    package var bound: Int?
    package var publishing: Int?
    package var batch: Int
    /// Whether it drew on randomness from an earlier session.
    package var isPrepared: Bool
    /// Where the party's own tables were; absent from a bundle, which has them under their own names.
    package var files: [String: String]?

    init(_ options: RunOptions, session: Digest, party: String) {
        (self.session, self.party) = (session, party)
        (protocolName, ring) = (options.protocolChoice.rawValue, options.ring.description)
        (thresholdCents, minimumBanks) = (options.thresholdCents, options.minimumBanks)
        batch = options.batch
        isPrepared = options.preparation != nil
        var files = ["transfers": options.transfers.path]
        switch options.job {
        case .watchlist(let file):
            job = JobChoice.Name.watchlist.rawValue
            files["watchlist"] = file.path
        case .exposure(let accounts, let bound, let publishing):
            job = JobChoice.Name.exposure.rawValue
            files["accounts"] = accounts.path
            (self.bound, self.publishing) = (bound, publishing)
        }
        self.files = files
    }

    /// The tables that the run reads, by the names that they have in a bundle.
    package var tableNames: [String] {
        ["transfers", job == JobChoice.Name.watchlist.rawValue ? "watchlist" : "accounts"]
    }

    /// The options with which the run is run again, with the tables in `folder`.
    ///
    /// Anybody may have written the plan: whatever cannot be run is an error.
    func options(roster: Roster, tablesIn folder: URL) throws(RunFailure) -> RunOptions {
        guard format == Self.format, let choice = ProtocolChoice(rawValue: protocolName),
            let ring = RingChoice(ring), let job = JobChoice.Name(rawValue: job),
            (64...1 << 30).contains(batch), batch.isMultiple(of: 64),
            (bound ?? 1) > 0, (1...1_000_000).contains(publishing ?? 1)
        else { throw RunFailure(.badInput, "run.json names no run that this program can run") }
        var seat = Seat(
            roster: roster, directory: PartyDirectory(folder), protocolChoice: choice, ring: ring)
        seat.threads = 1
        func file(_ name: String) -> URL { folder.appending(path: "\(name).csv") }
        var options = RunOptions(
            seat, transfers: file("transfers"),
            job: job == .watchlist
                ? .watchlist(file: file("watchlist"))
                : .exposure(accounts: file("accounts"), bound: bound, publishing: publishing))
        (options.thresholdCents, options.minimumBanks) = (thresholdCents, minimumBanks)
        options.batch = batch
        return options
    }

    package static func read(_ file: URL) throws(RunFailure) -> RunPlan {
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: byteLimit + 1), data.count <= byteLimit,
            let plan = try? JSONDecoder().decode(RunPlan.self, from: data)
        else { throw RunFailure(.badInput, "\(file.path) is no plan of a run") }
        return plan
    }
}
