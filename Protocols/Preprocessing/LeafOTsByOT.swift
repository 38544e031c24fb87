import Algebra
import MPC
import ObliviousTransfer
import Primitives

/// Random 1-of-16 oblivious transfers between two parties, each from four transfers of bits.
///
/// The sixteen keys differ by sixteen multiples of Δ, after V. Kolesnikov and R. Kumaresan, *Improved
/// OT Extension for Transferring Short Secrets*, CRYPTO 2013 (``OfferedOTs/leafPads()`` has the
/// assumption); all choices random, for the leaves of a comparison as in *CrypTFlow2*,
/// <https://eprint.iacr.org/2020/1002>.
extension ObliviousSession {
    /// - Parameter count: a multiple of 64.
    func leafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs {
        let isSender = session.party == sender
        var (pads, choices): ([BitMatrix], [BitMatrix]) = ([], [])
        // One way only: the receiver runs ahead, and the system's buffers slow it down.
        for lanes in laneChunks(count, size: chunkTransfers / 4) {
            let operation = session.nextOperation()
            let order = OTOrder(rows: 4, count: lanes.count)
            for peer in session.otherParties {
                if isSender {
                    pads.append(
                        try transfers.offer(
                            order, to: peer, operation: operation, randomChoices: true
                        ).leafPads())
                } else {
                    let received = try transfers.chooseRandomly(
                        order, from: peer, operation: operation)
                    try session.flush()
                    choices.append(received.choices)
                    pads.append(received.leafPads())
                }
            }
        }
        session.countRound()
        func joined(_ parts: [BitMatrix], rows: Int) -> BitMatrix {
            .concatenating(lanes: parts + [BitMatrix(rows: rows, count: 0)])
        }
        return isSender
            ? .sender(pads: joined(pads, rows: 32))
            : .receiver(choice: joined(choices, rows: 4), pad: joined(pads, rows: 2))
    }
}
