public import Foundation
public import Networking
public import Primitives

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
    /// The script's file.
    public var script: URL
    /// Where this party has its tables, by the names in the script.
    package var tables: [String: ScriptSource]
    /// As in "2026-11"; nil for the current one.
    public var period: String?
    /// `NAME=VALUE`, for choices that are not the first of their values.
    public var choices: [String] = []
    /// The session whose run is repeated on the same tables.
    public var repeated: Digest?
    /// Randomness from an earlier session; nil for none.
    public var preparation: PreparationChoice?
    /// Whether the run ends where the preparation does not suffice.
    public var isOnlineOnly = false
    /// For how many days the run's transcript and seed are kept, so that it can be replayed to an
    /// auditor; nil for no transcript.
    public var transcriptDays: Int? = 30

    package init(_ seat: Seat, script: URL, tables: [String: ScriptSource]) {
        (self.seat, self.script, self.tables) = (seat, script, tables)
    }

    /// - Parameter tables: `NAME=SOURCE` for each table that this party brings.
    /// - Throws: ``RunFailure`` if one makes no sense or two have one name.
    public init(_ seat: Seat, script: URL, tables: [String]) throws(RunFailure) {
        self.init(seat, script: script, tables: try ScriptSource.parse(tables))
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
