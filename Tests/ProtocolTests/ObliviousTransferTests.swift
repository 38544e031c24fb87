import Algebra
import MPC
import Networking
import ObliviousTransfer
import Primitives
import TestSupport
import Testing

/// What one party has of a batch: as the sender, as the receiver.
struct PadsOfBatch: Sendable {
    var offered: [Party: (zero: [UInt64], one: [UInt64])] = [:]
    var received: [Party: (choices: BitMatrix, pads: [UInt64])] = [:]
}

/// Both directions of every pair at once.
func padsOfBatch(
    _ ots: PairwiseOTs, _ session: Session, _ order: OTOrder, choices: BitMatrix?, width: Int
) throws(MPCError) -> PadsOfBatch {
    var result = PadsOfBatch()
    let operation = session.nextOperation()
    for peer in session.otherParties {
        var received =
            if let choices {
                try ots.choose(choices, from: peer, operation: operation)
            } else {
                try ots.chooseRandomly(order, from: peer, operation: operation)
            }
        result.received[peer] = (
            received.choices, received.nextPads(order.total, width: width).words
        )
    }
    for peer in session.otherParties {
        var offered = try ots.offer(
            order, to: peer, operation: operation, randomChoices: choices == nil)
        let (zero, one) = offered.nextPads(order.total, width: width)
        result.offered[peer] = (zero.words, one.words)
    }
    return result
}

func randomBits(_ order: OTOrder, seed: UInt64) -> BitMatrix {
    var generator = SeededGenerator(seed: seed)
    return .random(rows: order.rows, count: order.count, using: &generator)
}

func parties<T: Sendable>(
    _ count: Int, seed: UInt64 = 1, _ program: @escaping @Sendable (Session) throws -> T
) throws -> [T] {
    try runParties(InMemoryTransport.mesh(partyCount: count), seed: seed, program)
        .map { try #require(try $0.get()) }
}

@Suite struct ObliviousTransferTests {
    /// Every receiver's pad is the sender's of its choice and differs from the other.
    func expectTransfers(_ views: [PadsOfBatch], _ order: OTOrder, width: Int) throws {
        for me in views.indices {
            for (peer, received) in views[me].received {
                let offered = try #require(views[peer.index].offered[Party(me)])
                let bits = received.choices
                #expect(bits.rows == order.rows && bits.count == order.count)
                for e in 0..<order.total {
                    let choice = bits[row: e / order.count, lane: e % order.count]
                    let place = 2 * width * e..<2 * width * (e + 1)
                    let (own, other) = choice ? (offered.one, offered.zero) : offered
                    try #require(received.pads[place] == own[place], "OT \(e)")
                    try #require(received.pads[place] != other[place], "OT \(e)")
                }
            }
        }
    }

    @Test(arguments: [(2, 4), (2, 2), (3, 4), (5, 4)])
    func receiversHaveThePadOfTheirChoice(partyCount: Int, leafBits: Int) throws {
        // Less than a group of columns, more than one, more than one chunk.
        let batches = [
            (OTOrder(rows: 1, count: 64), 1, false), (OTOrder(rows: 3, count: 1024), 1, true),
            (OTOrder(rows: 2, count: 4160), 3, true), (OTOrder(rows: 5, count: 1728), 2, false),
            (OTOrder(rows: 0, count: 64), 1, false),
        ]
        let views = try parties(partyCount) { session in
            let ots = try PairwiseOTs.setUp(session, leafBits: leafBits)
            return try batches.enumerated().map { number, batch in
                let (order, width, isRandom) = batch
                let choices =
                    isRandom
                    ? nil : randomBits(order, seed: UInt64(8 * number + session.party.index))
                return try padsOfBatch(ots, session, order, choices: choices, width: width)
            }
        }
        for (number, batch) in batches.enumerated() {
            try expectTransfers(views.map { $0[number] }, batch.0, width: batch.1)
        }
    }

    @Test func choicesAreTheOnesAsked() throws {
        let order = OTOrder(rows: 2, count: 192)
        let views = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session)
            let chosen = randomBits(order, seed: UInt64(session.party.index))
            return (
                try padsOfBatch(ots, session, order, choices: chosen, width: 1),
                try padsOfBatch(ots, session, order, choices: nil, width: 1)
            )
        }
        #expect(views[0].0.received[Party(1)]?.choices == randomBits(order, seed: 0))
        // Random choices are neither constant nor the same in both directions.
        let random = try [0, 1].map { try #require(views[$0].1.received[Party(1 - $0)]?.choices) }
        #expect(random[0] != random[1])
        let ones = random[0].words.reduce(0) { $0 + $1.nonzeroBitCount }
        #expect((140...244).contains(ones), "\(ones) of 384")
    }

    @Test(arguments: [2, 4]) func bitPadsAreTheLowBitsOfPads(leafBits: Int) throws {
        let order = OTOrder(rows: 2, count: 320)
        let views = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session, leafBits: leafBits)
            let operation = session.nextOperation()
            guard session.isFirst else {
                var received = try ots.choose(
                    randomBits(order, seed: 3), from: Party(0), operation: operation)
                try session.flush()
                return [
                    received.nextBitPads(100, bits: 2), received.nextBitPads(540, bits: 64),
                ]
            }
            var offered = try ots.offer(
                order, to: Party(1), operation: operation, randomChoices: false)
            let first = offered.nextBitPads(100, bits: 2)
            let second = offered.nextBitPads(540, bits: 64)
            return [first.zero, first.one, second.zero, second.one]
        }
        let choices = randomBits(order, seed: 3)
        for e in 0..<order.total {
            let choice = choices[row: e / order.count, lane: e % order.count]
            let (batch, lane) = e < 100 ? (0, e) : (1, e - 100)
            for bit in [0, 1, 17, 63] where bit < (batch == 0 ? 2 : 64) {
                let pad = views[0][2 * batch + (choice ? 1 : 0)][row: bit, lane: lane]
                try #require(views[1][batch][row: bit, lane: lane] == pad)
            }
        }
    }

    @Test(arguments: [64, 1088]) func leafPadsAreThoseOfTheChosenValue(lanes: Int) throws {
        let order = OTOrder(rows: 4, count: lanes)
        let views = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session)
            let operation = session.nextOperation()
            guard session.isFirst else {
                let received = try ots.chooseRandomly(order, from: Party(0), operation: operation)
                try session.flush()
                let choices = received.choices
                return [choices, received.leafPads()]
            }
            return [
                try ots.offer(order, to: Party(1), operation: operation, randomChoices: true)
                    .leafPads()
            ]
        }
        let (table, choices, pads) = (views[0][0], views[1][0], views[1][1])
        #expect(table.rows == 32 && pads.rows == 2)
        for lane in 0..<lanes {
            let value = (0..<4).reduce(0) { $0 | (choices[row: $1, lane: lane] ? 1 << $1 : 0) }
            for m in 0..<2 {
                try #require(pads[row: m, lane: lane] == table[row: 2 * value + m, lane: lane])
            }
        }
        // The sixteen values have different keys: their columns of pads all differ.
        let columns = Set((0..<16).map { table[2 * $0..<2 * $0 + 2].words })
        #expect(columns.count == 16)
    }

    /// Two batches, and both directions, with the same place in their batch: no pad comes twice.
    @Test func noPadRepeatsOverBatchesAndDirections() throws {
        let order = OTOrder(rows: 1, count: 512)
        let views = try parties(3) { session in
            let ots = try PairwiseOTs.setUp(session)
            return try (0..<2).map { _ in
                try padsOfBatch(ots, session, order, choices: nil, width: 2)
            }
        }
        let pads = views.flatMap { $0 }.flatMap { $0.offered.values }.flatMap { [$0.zero, $0.one] }
        let blocks = pads.flatMap { words in
            stride(from: 0, to: words.count, by: 2).map { [words[$0], words[$0 + 1]] }
        }
        #expect(blocks.count == 3 * 2 * 2 * 2 * 2 * 512)
        #expect(Set(blocks).count == blocks.count)
    }

    /// More OTs than one frame takes, the last piece short.
    @Test func batchesOfSeveralFramesTransfer() throws {
        let order = OTOrder(rows: 1, count: (1 << 20) + 8192 + 64)
        let views = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session)
            let operation = session.nextOperation()
            guard session.isFirst else {
                var received = try ots.choose(
                    randomBits(order, seed: 9), from: Party(0), operation: operation)
                try session.flush()
                return [received.nextBitPads(order.total, bits: 1)]
            }
            var offered = try ots.offer(
                order, to: Party(1), operation: operation, randomChoices: false)
            let (zero, one) = offered.nextBitPads(order.total, bits: 1)
            return [zero, one]
        }
        let (zero, one) = (views[0][0], views[0][1])
        let chosen = zero ^ randomBits(order, seed: 9) & (zero ^ one)
        let isRight = views[1][0] == chosen
        #expect(isRight)
    }

    /// The hash's tweak of an OT is its number in its direction: batches go on where the last ended,
    /// at both ends, whatever was sacrificed.
    @Test func tweaksRunOnOverBatches() throws {
        let randomness = SeededRandomness(seed: 6)
        let keys = randomness.secret(512 * 16)
        let receiver = SoftSpokenReceiver(
            leaves: LeafStreams(keys: keys, depth: 4, hasAllLeaves: true))
        let sender = SoftSpokenSender(
            leaves: LeafStreams(keys: keys, depth: 4, hasAllLeaves: false),
            delta: PuncturePoint(depth: 4, randomness: randomness))
        var expected: UInt64 = 0
        for (rows, sacrificed) in [(1, 0), (3, 192), (0, 128), (2, 0)] {
            let order = OTOrder(rows: rows, count: 64)
            let chosen = try receiver.choose(order, choices: nil, sacrificed: sacrificed) {
                (count, fill) throws(MPCError) in
                _ = [UInt8](capacity: count) { fill(&$0) }
            }
            let offered = try sender.offer(order, randomChoices: true, sacrificed: sacrificed) {
                (count) throws(MPCError) in [UInt8](repeating: 0, count: count)[...]
            }
            #expect(chosen.rows.first == expected && offered.first == expected)
            expected += UInt64(order.total)
        }
    }

    @Test(arguments: [(2, false), (2, true), (4, false), (4, true)])
    func correctionsCostWhatTheCatalogueSays(leafBits: Int, isRandom: Bool) throws {
        let order = OTOrder(rows: 3, count: 8192 + 64)
        let bytes = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session, leafBits: leafBits)
            let operation = session.nextOperation()
            let before = session.costs.report.total.bytesSent
            let choices = isRandom ? nil : randomBits(order, seed: 5)
            guard session.isFirst else {
                _ = try ots.offer(
                    order, to: Party(0), operation: operation, randomChoices: isRandom)
                return 0
            }
            if let choices {
                _ = try ots.choose(choices, from: Party(1), operation: operation)
            } else {
                _ = try ots.chooseRandomly(order, from: Party(1), operation: operation)
            }
            try session.flush()
            return session.costs.report.total.bytesSent - before
        }
        let payload = order.total / 8 * (128 / leafBits - (isRandom ? 1 : 0))
        #expect(bytes[0] == payload + FrameHeader.byteCount)
    }
}

/// What set-up costs, and what of it must not be accepted.
@Suite struct OTSetUpTests {
    @Test func setUpCostsWhatTheCatalogueSays() throws {
        let costs = try parties(3) { session in
            let before = session.costs.report.total
            _ = try PairwiseOTs.setUp(session)
            try session.flush()
            let after = session.costs.report.total
            return [after.bytesSent - before.bytesSent, after.rounds - before.rounds]
        }
        let payload = 32 + 128 * 64 + 128 * 32
        #expect(
            costs == Array(repeating: [2 * (payload + 3 * FrameHeader.byteCount), 3], count: 3))
    }

    /// A base receiver's view is independent of what it does not choose; a sender's of the choice:
    /// over many runs either point is equally often the one that was hashed.
    @Test func pointsOfBothChoicesLookAlike() throws {
        let randomness = SeededRandomness(seed: 3)
        let sender = BaseOT.Sender(randomness: randomness)
        let choices = SecretBytes(count: 128) { for i in 0..<128 { $0[i] = UInt8(i % 2) } }
        let (response, _) = try #require(
            BaseOT.respond(
                to: sender.message, choices: choices, at: place, randomness: randomness))
        // The low bits of the second byte of all points of a kind: about half are ones.
        for slot in 0..<2 {
            for choice in 0..<2 {
                var ones = 0
                for ot in stride(from: choice, to: 128, by: 2) {
                    let point = response[64 * ot + 32 * slot..<64 * ot + 32 * slot + 32]
                    ones += point.dropFirst().prefix(16).reduce(0) { $0 + $1.nonzeroBitCount }
                }
                // 64 points of 128 bits: mean 4096, deviation 45.
                #expect((3870...4320).contains(ones), "\(ones)")
            }
        }
        let points = stride(from: 0, to: response.count, by: 32).map { response[$0..<$0 + 32] }
        #expect(Set(points).count == 256)
    }

    private var place: BaseOT.Place {
        BaseOT.Place(
            session: SHA256.hash([1]), sender: Party(0), receiver: Party(1))
    }

    private func run(
        _ senderPlace: BaseOT.Place, _ receiverPlace: BaseOT.Place
    ) throws -> (offered: [UInt8], chosen: [UInt8], choices: [Int]) {
        let randomness = SeededRandomness(seed: 4)
        let sender = BaseOT.Sender(randomness: randomness)
        let choices = SecretBytes(count: 128) { for i in 0..<128 { $0[i] = UInt8(i / 3 % 2) } }
        let (response, keys) = try #require(
            BaseOT.respond(
                to: sender.message, choices: choices, at: receiverPlace, randomness: randomness))
        let offered = try #require(sender.keys(from: response, at: senderPlace))
        return (offered.copyBytes(), keys.copyBytes(), (0..<128).map { $0 / 3 % 2 })
    }

    @Test func chosenKeysAgreeAndOthersDoNot() throws {
        let (offered, chosen, choices) = try run(place, place)
        for ot in 0..<128 {
            let key = Array(chosen[16 * ot..<16 * ot + 16])
            for c in 0..<2 {
                let start = 32 * ot + 16 * c
                let theirs = Array(offered[start..<start + 16])
                #expect((key == theirs) == (c == choices[ot]))
            }
        }
    }

    /// Keys of swapped roles or of another session fit nothing here.
    @Test func swappedRolesAndOtherSessionsHaveOtherKeys() throws {
        for other in [
            BaseOT.Place(session: SHA256.hash([1]), sender: Party(1), receiver: Party(0)),
            BaseOT.Place(session: SHA256.hash([2]), sender: Party(0), receiver: Party(1)),
        ] {
            let (offered, chosen, _) = try run(place, other)
            let keys = Set(stride(from: 0, to: 4096, by: 16).map { offered[$0..<$0 + 16] })
            for start in stride(from: 0, to: 2048, by: 16) {
                #expect(!keys.contains(chosen[start..<start + 16]))
            }
        }
    }

    /// Encodings that a peer may send instead of a point: the identity, also with the bit that some
    /// versions of libsodium ignore, a number that is not reduced, one that is odd, too few bytes.
    static let invalidPoints: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32), [UInt8](repeating: 255, count: 32),
        [1] + [UInt8](repeating: 0, count: 31), [UInt8](repeating: 2, count: 31),
        [UInt8](repeating: 0, count: 31) + [128],
    ]

    @Test(arguments: invalidPoints) func invalidPointsAreRefused(_ point: [UInt8]) throws {
        let randomness = SeededRandomness(seed: 5)
        #expect(RistrettoPoint(point) == nil)
        let choices = SecretBytes(count: 128) { _ in }
        let sender = BaseOT.Sender(randomness: randomness)
        let answer = BaseOT.respond(
            to: point, choices: choices, at: place, randomness: randomness)
        let isRefused = answer == nil
        #expect(isRefused)
        let (honest, _) = try #require(
            BaseOT.respond(
                to: sender.message, choices: choices, at: place, randomness: randomness))
        #expect(sender.keys(from: honest, at: place) != nil)
        for position in [0, 255] {
            var response = honest
            response.replaceSubrange(32 * position..<32 * position + 32, with: point)
            let keys = sender.keys(from: response, at: place)
            #expect(keys == nil)
        }
    }

    /// In the protocol the peer that sent it is named: `B` and points of the identity.
    @Test(arguments: [Message.baseKey, .basePoints]) func invalidPointsNameTheirSender(
        _ message: Message
    ) throws {
        let results = runParties(InMemoryTransport.mesh(partyCount: 2)) { session in
            guard session.party == Party(1) else {
                _ = try PairwiseOTs.setUp(session)
                return
            }
            let operation = session.nextOperation()
            let base = BaseOT.Sender(randomness: session.randomness)
            let identity = [UInt8](repeating: 0, count: 32)
            let isKey = message == .baseKey
            try session.send(
                .baseKey, to: .party(Party(0)), operation: operation,
                payload: isKey ? identity : base.message)
            if !isKey {
                let response = identity + [UInt8](repeating: 0, count: 128 * 64 - 32)
                try session.send(
                    .basePoints, to: .party(Party(0)), operation: operation, payload: response)
            }
            try session.flush()
            _ = try session.receive(
                .otTrees, from: .party(Party(0)), operation: operation, byteCount: 0)
        }
        #expect(throws: MPCError.cheating(.malformedMessage(step: "set-up"), by: Party(1))) {
            try results[0].get()
        }
    }

    /// Scalars, points' discrete logarithms and Δ never print.
    @Test func secretsDoNotPrint() {
        let delta = PuncturePoint(depth: 4, randomness: SeededRandomness(seed: 1))
        for text in [String(reflecting: delta), "\(delta.block)", String(reflecting: delta.block)] {
            #expect(!text.contains("low") && !text.contains("["))
        }
        #expect(Mirror(reflecting: delta.block).children.isEmpty)
    }
}
