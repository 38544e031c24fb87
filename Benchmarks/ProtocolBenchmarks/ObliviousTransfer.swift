import Algebra
import BenchmarkKit
import MPC
import Networking
import ObliviousTransfer
import Primitives
import ReplicatedBenchmarks
import TestSupport

/// Oblivious transfer over TLS: set-up, and batches in one direction of one pair, pads included.
///
/// A repetition takes as long as the slower party; a batch's bytes are all the receiver's but for
/// the check's key.
func measureObliviousTransfer(_ benchmarks: inout Benchmarks) throws {
    let setUp = "OT set-up, 2 parties"
    try measure(setUp, elements: 1, &benchmarks) { session in
        { () throws(MPCError) in _ = try PairwiseOTs.setUp(session) }
    }
    let order = OTOrder(rows: 4, count: 1 << 18)
    for leafBits in [4, 2] {
        try measure("random OTs, k = \(leafBits)", elements: order.total, &benchmarks) {
            session throws(MPCError) in
            let ots = try PairwiseOTs.setUp(session, leafBits: leafBits)
            return { () throws(MPCError) in
                let operation = session.nextOperation()
                if session.isFirst {
                    var offered = try ots.offer(
                        order, to: Party(1), operation: operation, randomChoices: true)
                    keep(offered.nextPads(order.total))
                } else {
                    var received = try ots.chooseRandomly(
                        order, from: Party(0), operation: operation)
                    try session.flush()
                    keep(received.nextPads(order.total))
                }
            }
        }
    }
    try measure("1-of-16 OTs of 2 bits, k = 4", elements: order.count, &benchmarks) {
        session throws(MPCError) in
        let ots = try PairwiseOTs.setUp(session)
        return { () throws(MPCError) in
            let operation = session.nextOperation()
            if session.isFirst {
                keep(
                    try ots.offer(order, to: Party(1), operation: operation, randomChoices: true)
                        .leafPads())
            } else {
                let received = try ots.chooseRandomly(order, from: Party(0), operation: operation)
                try session.flush()
                keep(received.leafPads())
            }
        }
    }
    try measure("random OTs, malicious, k = 4", elements: order.total, &benchmarks) {
        session throws(MPCError) in
        let ots = try MaliciousOTs.setUp(session)
        return { () throws(MPCError) in
            let operation = session.nextOperation()
            if session.isFirst {
                let offering = try ots.offer(
                    order, to: Party(1), operation: operation, randomChoices: true)
                var offered = try ots.check(offering)
                keep(offered.nextPads(order.total))
            } else {
                let choosing = try ots.chooseRandomly(order, from: Party(0), operation: operation)
                var received = try ots.check(choosing)
                try session.flush()
                keep(received.nextPads(order.total))
            }
        }
    }
}

/// Times what `prepare` returns, once to warm up and then repeatedly, at both of two parties.
private func measure(
    _ name: String, elements: Int, _ benchmarks: inout Benchmarks,
    _ prepare: @escaping @Sendable (Session) throws(MPCError) -> () throws(MPCError) -> Void
) throws {
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    let results = runParties(try connectedMesh(partyCount: 2, dealer: false)) {
        session -> [Repetition] in
        let body = try prepare(session)
        let all = try (0...repetitions).map { _ in
            try meet(session)
            let start = session.costs.report.total
            try body()
            return Repetition(from: start, to: session.costs.report.total)
        }
        try meet(session)
        return Array(all.dropFirst())
    }
    let perParty = try results.compactMap { try $0.get() }
    let times = (0..<repetitions).map { r in perParty.map { $0[r].nanoseconds }.max() ?? 0 }
    benchmarks.record(
        name, elements: elements, nanoseconds: times,
        traffic: Traffic(
            rounds: perParty[0][0].rounds, bytes: perParty.reduce(0) { $0 + $1[0].bytes }))
    let seconds = times.sorted()[times.count / 2] / 1e9
    if elements == 1 {
        benchmarks.derive("\(name), seconds, median", value: seconds, limit: 0.08)
    } else {
        benchmarks.derive("\(name), millions a second", value: Double(elements) / seconds / 1e6)
    }
}

/// Both parties come here before either goes on.
private func meet(_ session: Session) throws(MPCError) {
    let operation = session.nextOperation()
    let peer = Participant.party(session.otherParties[0])
    try session.send(.otPayload, to: peer, operation: operation, payload: [])
    _ = try session.receive(.otPayload, from: peer, operation: operation, byteCount: 0)
}
