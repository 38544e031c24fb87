import Applications
public import Foundation
public import Networking
import Primitives

/// What a party asks for on the command line.
public struct RunOptions: Sendable {
    public var roster: Roster
    public var directory: PartyDirectory
    public var transfers: URL
    public var watchlist: URL
    public var thresholdCents = WatchlistJob.defaultThresholdCents
    public var minimumBanks = WatchlistJob.defaultMinimumBanks
    public var ring = RingChoice.prime(bits: 128)
    /// Of every wait for a peer.
    public var timeout: Duration = .seconds(30)
    /// How long to wait for everybody to come.
    public var connectTimeout: Duration = .seconds(60)

    public init(roster: Roster, directory: PartyDirectory, transfers: URL, watchlist: URL) {
        (self.roster, self.directory) = (roster, directory)
        (self.transfers, self.watchlist) = (transfers, watchlist)
    }
}

/// What a run tells while it goes on, and how it is told to stop.
public struct RunMonitor: Sendable {
    /// The name of what begins: connecting, a phase, an operator.
    public var progress: @Sendable (String) -> Void
    public var cancellation: Cancellation

    public init(
        cancellation: Cancellation = Cancellation(),
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.cancellation, self.progress) = (cancellation, progress)
    }
}
