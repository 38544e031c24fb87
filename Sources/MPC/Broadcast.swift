import Primitives

/// A running digest of everything broadcast, in canonical order.
struct BroadcastTranscript {
    var digest: Digest?

    mutating func record(_ payloads: [[UInt8]]) {
        var hasher = SHA256()
        if let digest { hasher.update(digest) }
        for payload in payloads { hasher.update(SHA256.hash(payload)) }
        digest = hasher.finalize()
    }
}

extension Session {
    /// Sends `mine` to every party and returns what each sent, in party order.
    ///
    /// One round. A cheater can tell different parties different things until
    /// ``verifyBroadcasts()`` passes.
    ///
    /// - Parameter limit: the largest payload accepted from a peer, in bytes.
    package func broadcast(_ mine: [UInt8], atMost limit: Int) throws(MPCError) -> [[UInt8]] {
        let operation = nextOperation()
        for peer in otherParties {
            try send(.broadcast, to: .party(peer), operation: operation, payload: mine)
        }
        countRound()
        var all = Array(repeating: mine, count: partyCount)
        for peer in otherParties {
            all[peer.index] = try Array(
                receive(.broadcast, from: .party(peer), operation: operation, atMost: limit))
        }
        broadcasts.record(all)
        return all
    }

    /// Checks that all parties received the same broadcasts.
    ///
    /// One round; none between two parties.
    package func verifyBroadcasts() throws(MPCError) {
        guard partyCount > 2, let digest = broadcasts.digest else { return }
        let echoes = try broadcast(digest.bytes, atMost: Digest.byteCount)
        guard echoes.allSatisfy({ $0 == digest.bytes }) else {
            throw .cheating(.inconsistentBroadcast, by: nil)
        }
    }
}
