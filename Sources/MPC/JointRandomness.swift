package import Primitives

extension Session {
    /// A seed that no party could bias, the same at every party.
    ///
    /// Commit and open (M. Blum, *Coin Flipping by Telephone*, 1981): every party commits to 32
    /// random bytes, all commitments are there (and, from three parties on, echoed) before any is
    /// opened, the seed is the hash of all. Two rounds, three from three parties on.
    package func jointSeed() throws(MPCError) -> SecretBytes {
        let mark = costs.begin("coin")
        defer { costs.end(mark) }
        let counter = UInt64(nextOperation())
        func commitment(of party: Party) -> Commitment {
            Commitment(
                domain: "parley/coin/v1", session: id, committer: .party(party), counter: counter)
        }
        // 1. Commit.
        let mine = randomness.bytes(32)
        let (commitmentToMine, opening) = commitment(of: party).commit(
            to: mine, using: randomness)
        let commitments = try broadcast(commitmentToMine.bytes, atMost: Digest.byteCount)
        try verifyBroadcasts()

        // 2. Open and verify.
        let openings = try broadcast(
            mine + opening.copyBytes(), atMost: 32 + Commitment.openingByteCount)
        var hasher = SHA256()
        for (index, message) in openings.enumerated() {
            let party = Party(index)
            guard let digest = Digest(commitments[index]),
                commitment(of: party).verify(
                    digest, message: Array(message.prefix(32)),
                    opening: Array(message.dropFirst(32)))
            else { throw .cheating(.commitmentOpening, by: party) }
            hasher.update(Array(message.prefix(32)))
        }
        return hasher.finalizeSecret()
    }
}
