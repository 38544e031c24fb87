package import Foundation
package import Primitives

/// What the sequencer asks of another replica.
package enum ReplicaRequest: Hashable, Sendable, Codable {
    /// How far it is and what it wants appended.
    case state
    /// Its signature of a statement that all parties make.
    case sign(Statement)
    /// To store a batch and to cosign the checkpoint with it.
    case propose(ProposedBatch)
    /// The cosigned checkpoint of the batch that it cosigned.
    case commit(Data)
    /// Batches that it lacks.
    case extend([CommittedBatch])
    /// Batches that the sequencer lacks: those after this size.
    case fetch(Int)
    /// A pending statement of its own can never be appended; it finds out for itself why.
    case reject(Digest)
    /// Nothing more for now.
    case end
}

/// What a replica answers.
package enum ReplicaResponse: Hashable, Sendable, Codable {
    case state(ReplicaState)
    case signature(Data)
    case cosignature(Data)
    case batches([CommittedBatch])
    case done
    case refused(String)
}

/// What every party tells the others first: who, in its copy, orders entries.
package struct ReplicaGreeting: Hashable, Sendable, Codable {
    package let size: Int
    package let sequencer: String
    /// The newest cosigned checkpoint; absent in an empty log.
    package let note: Data?
}

package struct ReplicaState: Hashable, Sendable, Codable {
    package let size: Int
    /// The newest cosigned checkpoint's note; absent in an empty log.
    package let note: Data?
    /// The batch that it has cosigned and not seen committed.
    package let prepared: ProposedBatch?
    package let pending: [CarriedStatement]
    /// Its clock, in seconds since 1970.
    package let time: Int64
}

/// An entry with what its recipients keep beside the log.
package struct CarriedEntry: Hashable, Sendable, Codable {
    package let entry: Entry
    /// For all parties, or for whom this message is.
    package let payload: Payload?
}

package struct ProposedBatch: Hashable, Sendable, Codable {
    package let entries: [CarriedEntry]
    /// The checkpoint with the log's signature.
    package let note: Data
    /// Sealed payloads for the receiver of this message, by the entry's place in the batch.
    package let sealed: [Int: Data]
    /// Whether it was made earlier and interrupted, so that its time may be long ago.
    package let isResumed: Bool

    package init(
        entries: [CarriedEntry], note: Data, sealed: [Int: Data], isResumed: Bool
    ) {
        (self.entries, self.note) = (entries, note)
        (self.sealed, self.isResumed) = (sealed, isResumed)
    }
}

package struct CommittedBatch: Hashable, Sendable, Codable {
    package let entries: [CarriedEntry]
    package let note: Data
    /// What was kept for the receiver while it was away, by the entry's place; absent if nothing.
    package let sealed: [Int: Data]?
}

/// A party's own statement on its way to the sequencer.
package struct CarriedStatement: Hashable, Sendable, Codable {
    /// The entry at the statement's own time.
    package let entry: Entry
    /// Only if all parties are recipients.
    package let payload: Payload?
    package let sealed: [String: Data]
}

/// In a message an entry is its bytes, which whoever receives it parses; nothing more is checked.
extension Entry: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: Array(try decoder.singleValueContainer().decode(Data.self)))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes))
    }
}
