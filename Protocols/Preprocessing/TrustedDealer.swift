public import Algebra
public import MPC
import Primitives
import SecretSharing

/// The dealer's side: makes correlated randomness for parties that trust it.
///
/// **Trust.** Privacy and correctness of every computation that uses it rest on the dealer's
/// honesty and on its not colluding with any party. It is not a computing party, sends nothing but
/// corrections and receives no input, share or opened value. A dealer that knows the parties'
/// openings could unmask everything.
///
/// D. Beaver, *Commodity-Based Cryptography*, STOC '97; seeds instead of shares are folklore.
public struct TrustedDealer<R: Ring> {
    let ring: R
    let session: Session

    public init(_ ring: R, session: Session) {
        self.ring = ring
        self.session = session
    }

    /// Serves requests until the parties are done.
    ///
    /// - Throws: `.disagreement` if the parties ask for different things; any failure of the session.
    public func serve() throws(MPCError) {
        while true {
            let (operation, request) = try nextRequest()
            switch request.kind {
            case .triples: try deal(dealtTriples(ring), request, operation)
            case .squares: try deal(dealtSquares(ring), request, operation)
            case .daBits: try deal(dealtDaBits(ring), request, operation)
            case .edaBits:
                try deal(dealtEdaBits(ring, MonomialShape(for: ring)), request, operation)
            case .bitTriples: try deal(dealtBitTriples, request, operation)
            case .forkedBitTriples: try deal(dealtForkedBitTriples, request, operation)
            case .truncationMasks:
                let shape = TruncationShape(for: ring, bits: request.bits)
                try deal(dealtTruncationMasks(ring, shape), request, operation)
            case .translations: try dealTranslation(request, operation)
            case .finish: return
            }
        }
    }

    /// The next request, the same from every party.
    private func nextRequest() throws(MPCError) -> (operation: UInt32, request: DealtRequest) {
        var requests: [(operation: UInt32, request: DealtRequest)] = []
        for party in session.allParties {
            let (operation, payload) = try session.receiveAnyOperation(
                .dealRequest, from: .party(party), byteCount: DealtRequest.byteCount)
            guard let request = DealtRequest(payload), isPossible(request) else {
                throw .cheating(.malformedMessage(step: "request to the dealer"), by: party)
            }
            requests.append((operation, request))
        }
        for (index, other) in requests.enumerated() where other != requests[0] {
            throw .disagreement(
                field: "request to the dealer",
                values: [0, index].map {
                    let (operation, request) = requests[$0]
                    return Disagreement(
                        participant: .party(Party($0)),
                        value: "operation \(operation): \(request.kind) x \(request.count)")
                })
        }
        guard requests[0].request.ring == DealtRequest.code(of: ring) else {
            throw .disagreement(
                field: "the dealer's ring",
                values: [
                    Disagreement(participant: .dealer, value: ring.name),
                    Disagreement(participant: .party(Party(0)), value: "another ring"),
                ])
        }
        return requests[0]
    }

    /// Whether the request fits this ring and session.
    private func isPossible(_ request: DealtRequest) -> Bool {
        switch request.kind {
        case .truncationMasks: TruncationShape.isPossible(for: ring, bits: request.bits)
        case .translations: request.owner < session.partyCount
        default: true
        }
    }

    private func deal<Free, Fixed>(
        _ correlation: DealtCorrelation<Free, Fixed>, _ request: DealtRequest, _ operation: UInt32
    ) throws(MPCError) {
        let streams = session.allParties.map {
            DealtStream(session, with: .party($0), operation: operation)
        }
        let last = streams.count - 1
        for count in request.chunks {
            // 1. The sums of what the parties draw.
            var free = correlation.free(count).map(Free.zero)
            var drawn = correlation.fixed(count).map(Fixed.zero)
            for i in streams.indices {
                for k in free.indices { free[k].add(streams[i].draw(free[k].shape)) }
                guard i < last else { continue }
                for k in drawn.indices { drawn[k].add(streams[i].draw(drawn[k].shape)) }
            }
            // 2. The last party's share makes the fixed vectors come out.
            var corrections = correlation.complete(free)
            for k in corrections.indices { corrections[k].subtract(drawn[k]) }
            let bytes = corrections.reduce(0) { $0 + Fixed.wireByteCount($1.shape) }
            try session.send(
                .dealCorrection, to: .party(Party(last)), operation: operation, byteCount: bytes
            ) { frame in
                for correction in corrections { correction.appendWire(to: &frame) }
            }
            for k in free.indices { free[k].wipe() }
            // One chunk after the other, so that no more than one waits in memory.
            try session.flush()
        }
    }
}

/// The pseudorandom stream that the dealer and one party have in common for one request.
final class DealtStream {
    private var generator: CounterGenerator

    init(_ session: Session, with participant: Participant, operation: UInt32) {
        generator = session.generator(with: participant, "deal", operation)
    }

    func draw<V: AbelianVector>(_ shape: V.Shape) -> V { .random(shape, using: &generator) }

    func drawPermutation(_ rows: Int) -> Permutation { .random(rows, using: &generator) }
}
