package import MPC
package import Primitives

/// Additive sharing between the computing parties and a client, which takes part in nothing else.
///
/// The client shares what it brings as a party that computes would, by the seeds that it has in common
/// with each of them, but for one share that it sends: a party outside has none of its own. It
/// receives results like every recipient of a release.
extension Session {
    /// A client's x, shared by it in ``bring(_:)``, at a computing party: one round.
    ///
    /// 1. Party j ≠ 0 takes xⱼ = G(seed it has in common with the client).
    /// 2. Party 0 receives x₀ = x − Σ xⱼ.
    ///
    /// Uniform at every set of computing parties but all of them.
    package func inputShare<V: AbelianVector>(shape: V.Shape, fromClient client: Party)
        throws(MPCError) -> V
    {
        let session = whole
        let operation = session.nextOperation()
        session.countRound()
        guard !isFirst else {
            return try session.receive(shape, from: client, .inputShare, operation)
        }
        var generator = session.generator(with: .party(client), "input", operation)
        return .random(shape, using: &generator)
    }

    /// Shares what this client brings: one vector, to party 0.
    package func bring<V: AbelianVector>(_ values: consuming V) throws(MPCError) {
        let operation = nextOperation()
        for peer in allParties[1..<computingCount] {
            var generator = generator(with: .party(peer), "input", operation)
            values.subtract(.random(values.shape, using: &generator))
        }
        try send(values, to: Party(0), .inputShare, operation)
        try flush()
    }

    /// Lets another client's input pass, at a client: no message.
    package func passInput() { _ = nextOperation() }

    /// What a client receives of a release of numbers and bits to `recipients`, in the order of the
    /// parts that are for it: the sums of the computing parties' shares.
    ///
    /// - Parameter shapes: of the parts for this client; empty if it is no recipient.
    package func receiveRelease<V: AbelianVector>(of shapes: [V.Shape], to recipients: [Party])
        throws(MPCError) -> [V]
    {
        let openings = try receiveRelease(
            to: recipients,
            byteCount: recipients.contains(party)
                ? shapes.reduce(0) { $0 + V.wireByteCount($1) } : nil)
        return try openings.map { messages throws(MPCError) -> [V] in
            try Self.sums(of: messages, shapes)
        } ?? []
    }
}
