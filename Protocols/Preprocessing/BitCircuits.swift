import Algebra
import MPC
import Primitives
import SecretSharing

/// Boolean circuits on XOR shares, with bit triples made as they are needed: what masks are made
/// with, before there is an engine.
struct BitCircuits: BitTripleConsuming {
    let work: ObliviousSession

    private var session: Session { work.session }
    var costs: CostMeter { session.costs }

    func takeBitTriples(rows: Int, count: Int) throws(MPCError) -> BitTriples<XORShares> {
        let t = try work.bitTriples(rows * wholeWords(count), width: 1)
        func shaped(_ bits: BitMatrix) -> XORShares {
            XORShares(BitMatrix(maskingTails: bits.words, rows: rows, count: count))
        }
        return BitTriples(a: shaped(t.a), b: shaped(t.b), c: shaped(t.c))
    }

    func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<XORShares>
    {
        let t = try work.bitTriples(rows * wholeWords(count), width: 2)
        func shaped(_ bits: BitMatrix) -> XORShares {
            XORShares(BitMatrix(maskingTails: bits.words, rows: rows, count: count))
        }
        return ForkedBitTriples(
            a: shaped(t.a), b: (shaped(t.b.row(0)), shaped(t.b.row(1))),
            c: (shaped(t.c.row(0)), shaped(t.c.row(1))))
    }

    func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party) throws(MPCError)
        -> XORShares
    {
        XORShares(
            try session.inputShare(bits, shape: BitShape(rows: rows, count: count), from: owner))
    }

    func constant(bits: BitMatrix) -> XORShares {
        XORShares(session.isFirst ? bits : BitMatrix(rows: bits.rows, count: bits.count))
    }

    func xoring(_ c: BitMatrix, into x: XORShares) -> XORShares {
        session.isFirst ? XORShares(x.share ^ c) : x
    }

    func open(bits: XORShares) throws(MPCError) -> Opened<BitMatrix> {
        Opened(masked: try session.open([bits.share])[0])
    }

    func reveal(bits: XORShares) throws(MPCError) -> Revealed<BitMatrix> {
        Revealed(try session.open([session.rerandomised(bits.share)])[0])
    }

    func output(bits: XORShares, to recipients: Recipients) throws(MPCError) -> BitMatrix? {
        try session.release(session.rerandomised(bits.share), to: recipients)
    }

    func outputs(bits parts: [(bits: XORShares, to: Recipients)]) throws(MPCError)
        -> [BitMatrix?]
    {
        try session.release(parts.map { (session.rerandomised($0.bits.share), $0.to) })
    }
}
