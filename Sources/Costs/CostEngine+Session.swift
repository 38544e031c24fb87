import Algebra
import MPC
import Primitives

/// What the session itself sends: the agreement at its beginning, and releases.
extension CostEngine {
    /// As `Session.agree(on:over:)`: two rounds, everybody with everybody, a dealer too.
    ///
    /// - Parameter bytes: of the terms.
    func agree(termBytes bytes: Int) {
        let participants = tally.total.bytesSent.count
        for sender in 0..<participants {
            tally.frame(64 + bytes, from: sender, copies: participants - 1)
            tally.frame(Digest.byteCount, from: sender, copies: participants - 1)
        }
        tally.round(2)
    }

    /// - Parameter clientBytes: what clients send; as much as the others if nil.
    private func broadcast(_ bytes: Int, byClients clientBytes: Int? = nil) {
        tally.nextOperationOfAll()
        tally.round()
        let all = tally.partiesAndClients
        for party in all {
            tally.frame(
                party < tally.parties ? bytes : clientBytes ?? bytes, from: party,
                copies: all.count - 1)
        }
    }

    /// As `Session.release(_:to:)` of additive shares that have been re-randomised.
    func release(_ parts: [(bytes: Int, to: Recipients)]) {
        let bytes = parts.reduce(0) { $0 + $1.bytes }
        tally.engine(.output, bytes) {
            for _ in parts { _ = tally.nextOperation() }
            let messages = tally.partiesAndClients.compactMap { recipient -> (Int, Int)? in
                let own = parts.filter { $0.to.contains(Party(recipient)) }
                return own.isEmpty ? nil : (recipient, own.reduce(0) { $0 + $1.bytes })
            }
            tally.nextOperationOfAll()
            // 1. Commit.
            broadcast(Digest.byteCount * messages.count, byClients: 0)
            if tally.partiesAndClients.count > 2 { broadcast(Digest.byteCount) }
            // 2. Sign.
            if signs { broadcast(VerifyingKey.signatureByteCount) }
            // 3. Hand over.
            for (recipient, bytes) in messages {
                for party in tally.everyParty where party != recipient {
                    tally.vector(bytes + Commitment.openingByteCount, from: party)
                }
            }
            tally.round()
        }
    }
}
