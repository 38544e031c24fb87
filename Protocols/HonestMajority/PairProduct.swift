import Algebra
import MPC
import Primitives
import SecretSharing

/// c + s · u for u known to P₀ alone and (s, c) known to both P₁ and P₂.
///
/// Two rounds, three elements. In the notation of Araki et al.: P₁ and P₂ hold s as a component
/// that both know, so that one of the two cross terms of a general product is missing.
///
/// 1. P₀ sends m = u − ρ to P₂, ρ = G(k₁).
/// 2. z₁ = F(k₁), z₀ = F(k₀). P₁ sends s·ρ − z₁ to P₂ and P₂ sends c + s·m − z₀ to P₁; the sum of
///    the two is z₂.
///
/// P₀ receives nothing. P₁ sees c + s·m − z₀, P₂ sees m and s·ρ − z₁: each masked by a stream that
/// it does not know.
extension Session {
    func pairProduct<R: Ring>(
        _ ring: R, count: Int, u: Vector<R>?, scale: Vector<R>?, constant: Vector<R>?
    ) throws(MPCError) -> Replicated<Vector<R>> {
        let operation = nextOperation()
        let shape = VectorShape(ring: ring, count: count)
        func draw(_ index: Int, _ purpose: String) -> Vector<R> {
            var generator = stream(ofKey: index, purpose, operation)
            return .random(shape, using: &generator)
        }
        countRound()
        countRound()
        switch party.index {
        case 0:
            guard let u else { preconditionFailure("P0 passes its factor") }
            // 1.
            try send(u - draw(1, "rho"), to: Party(2), .pairProduct, operation)
            try flush()
            return Replicated(draw(0, "zero"), draw(1, "zero"))
        case 1:
            guard let scale else { preconditionFailure("P1 passes the common factor") }
            // 2.
            let z1 = draw(1, "zero")
            let mine = scale * draw(1, "rho") - z1
            try send(mine, to: Party(2), .pairProduct, operation)
            let theirs: Vector<R> = try receive(shape, from: Party(2), .pairProduct, operation)
            return Replicated(z1, mine + theirs)
        default:
            guard let scale, let constant else {
                preconditionFailure("P2 passes the common factor")
            }
            let m: Vector<R> = try receive(shape, from: Party(0), .pairProduct, operation)
            let z0 = draw(0, "zero")
            let mine = constant + scale * m - z0
            try send(mine, to: Party(1), .pairProduct, operation)
            let theirs: Vector<R> = try receive(shape, from: Party(1), .pairProduct, operation)
            return Replicated(mine + theirs, z0)
        }
    }
}
