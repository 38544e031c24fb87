import Applications
public import Foundation
public import Networking
import Primitives

/// The joint computation of a run, with the files and parameters that are its own.
public enum JobChoice: Sendable, Hashable {
    /// ``WatchlistJob``, on a list that all parties have.
    case watchlist(file: URL)
    /// ``ExposureJob``, for the accounts that this party holds.
    ///
    /// - `bound`: the public number of rows that each bank puts in; nil for that of its transfers.
    /// - `publishing`: to all, at most so many accounts; nil for flags to each account's holder.
    case exposure(accounts: URL, bound: Int?, publishing: Int?)

    /// The names by which a command chooses.
    public enum Name: String, CaseIterable, Sendable {
        case watchlist, exposure
    }
}

/// A member's place in whatever the parties do together.
public struct Seat: Sendable {
    public var roster: Roster
    public var directory: PartyDirectory
    public var protocolChoice: ProtocolChoice
    public var ring: RingChoice
    /// Threads for vectors within this process.
    public var threads = 1
    /// Of every wait for a peer.
    public var timeout: Duration = .seconds(30)
    /// How long to wait for everybody to come.
    public var connectTimeout: Duration = .seconds(60)

    /// - Parameter ring: the protocol's default if nil.
    public init(
        roster: Roster, directory: PartyDirectory, protocolChoice: ProtocolChoice,
        ring: RingChoice? = nil
    ) {
        (self.roster, self.directory) = (roster, directory)
        self.protocolChoice = protocolChoice
        self.ring = ring ?? protocolChoice.defaultRing
    }
}

/// What a party asks for on the command line of a run.
@dynamicMemberLookup
public struct RunOptions: Sendable {
    public var seat: Seat
    public var transfers: URL
    public var job: JobChoice
    public var thresholdCents = WatchlistJob.defaultThresholdCents
    public var minimumBanks = WatchlistJob.defaultMinimumBanks
    /// Comparisons of a sort at once, a multiple of 64: bounds memory.
    public var batch = 1 << 18
    /// Randomness from an earlier session; nil for none.
    public var preparation: PreparationChoice?
    /// Whether the run ends where the preparation does not suffice.
    public var isOnlineOnly = false
    /// For how many days the run's transcript and seed are kept, so that it can be replayed to an
    /// auditor; nil for no transcript.
    public var transcriptDays: Int? = 30

    public init(_ seat: Seat, transfers: URL, job: JobChoice) {
        (self.seat, self.transfers, self.job) = (seat, transfers, job)
    }

    public subscript<T>(dynamicMember path: WritableKeyPath<Seat, T>) -> T {
        get { seat[keyPath: path] }
        set { seat[keyPath: path] = newValue }
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
