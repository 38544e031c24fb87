import Algebra
import MPC
import Networking
import ObliviousTransfer
import Primitives
import TestSupport
import Testing

/// SoftSpokenOT against peers that deviate: honest runs, and each deviation by name.
@Suite struct MaliciousOTTests {
    @Test(arguments: [(2, 4, true), (2, 2, false), (3, 4, false)])
    func honestRunsPassAndTransfer(partyCount: Int, leafBits: Int, isRandom: Bool) throws {
        let orders = [OTOrder(rows: 1, count: 64), OTOrder(rows: 3, count: 4160)]
        let views = try parties(partyCount) { session in
            let ots = try MaliciousOTs.setUp(session, leafBits: leafBits)
            return try orders.map { order in
                try batch(ots, session, order, isRandom: isRandom).pads
            }
        }
        for (number, order) in orders.enumerated() {
            for me in 0..<partyCount {
                for (peer, received) in views[me][number].received {
                    let offered = try #require(views[peer.index][number].offered[Party(me)])
                    for e in 0..<order.total {
                        let bit = received.choices[row: e / order.count, lane: e % order.count]
                        let (own, other) = bit ? (offered.one, offered.zero) : offered
                        try #require(received.pads[2 * e] == own[2 * e])
                        try #require(received.pads[2 * e] != other[2 * e])
                    }
                }
            }
        }
    }

    private func batch(
        _ ots: MaliciousOTs, _ session: Session, _ order: OTOrder, isRandom: Bool
    ) throws(MPCError) -> (pads: PadsOfBatch, bytes: Int) {
        let before = session.costs.report.total.bytesSent
        var result = PadsOfBatch()
        let operation = session.nextOperation()
        let chosen = isRandom ? nil : randomBits(order, seed: UInt64(session.party.index))
        let peers = session.otherParties
        // Batches of types that cannot be copied are kept apart by peer.
        func exchange(_ peer: Party) throws(MPCError) {
            let choosing =
                if let chosen {
                    try ots.choose(chosen, from: peer, operation: operation)
                } else {
                    try ots.chooseRandomly(order, from: peer, operation: operation)
                }
            let offering = try ots.offer(
                order, to: peer, operation: operation, randomChoices: isRandom)
            var received = try ots.check(choosing)
            var offered = try ots.check(offering)
            let (zero, one) = offered.nextPads(order.total)
            result.received[peer] = (received.choices, received.nextPads(order.total).words)
            result.offered[peer] = (zero.words, one.words)
        }
        for peer in peers { try exchange(peer) }
        return (result, session.costs.report.total.bytesSent - before)
    }

    @Test func checksCostWhatTheCatalogueSays() throws {
        let order = OTOrder(rows: 1, count: 1088)
        let bytes = try parties(2) { session in
            let start = session.costs.report.total.bytesSent
            let ots = try MaliciousOTs.setUp(session)
            try session.flush()
            let setUp = session.costs.report.total.bytesSent - start
            return [setUp, try batch(ots, session, order, isRandom: false).bytes]
        }
        let header = FrameHeader.byteCount
        // 1088 = 8 · 128 + 64, so 64 + 128 OTs are sacrificed.
        #expect(bytes[0][0] == 32 + 8192 + 4096 + 32 * 64 + 3 * header)
        #expect(bytes[0][1] == (1088 + 192) * 32 / 8 + 16 + 129 * 16 + 3 * header)
    }

    // MARK: Deviations of a receiver, in the core of the protocol

    /// Both ends of one direction with leaves dealt at random, and one batch of 128 + 128 OTs.
    struct Trial {
        static let order = OTOrder(rows: 1, count: 128)
        static let instanceBytes = 32

        let depth: Int
        let delta: PuncturePoint
        let key: Block
        private let receiver: SoftSpokenReceiver
        private let sender: SoftSpokenSender

        init(depth: Int, _ generator: inout CounterGenerator) {
            self.depth = depth
            let path = generator.secret(128)
            delta = PuncturePoint(
                depth: depth,
                path: SecretBytes(copying: path.copyBytes().map { $0 & 1 }))
            key = Block(generator.secret(16))
            let all = generator.secret(((128 / depth) << depth) * 16)
            receiver = SoftSpokenReceiver(
                leaves: LeafStreams(keys: all, depth: depth, hasAllLeaves: true))
            let bytes = all.copyBytes()
            var turned: [UInt8] = []
            for i in 0..<128 / depth {
                let number = Self.number(delta, i)
                for y in 0..<1 << depth {
                    let leaf = 16 * (i << depth + (y ^ number))
                    turned +=
                        y == 0 ? Array(repeating: 7, count: 16) : Array(bytes[leaf..<leaf + 16])
                }
            }
            sender = SoftSpokenSender(
                leaves: LeafStreams(
                    keys: SecretBytes(copying: turned), depth: depth, hasAllLeaves: false),
                delta: delta)
        }

        /// Δ_i.
        static func number(_ delta: PuncturePoint, _ i: Int) -> Int {
            delta.path.part(from: i * delta.depth, count: delta.depth).copyBytes()
                .reduce(0) { 2 * $0 + Int($1) }
        }

        func number(_ i: Int) -> Int { Self.number(delta, i) }

        /// Whether S accepts: what R sends may be changed on the way.
        func accepts(
            corrections change: (inout [UInt8]) -> Void = { _ in },
            response forge: (inout [UInt64]) -> Void = { _ in }
        ) throws -> Bool {
            var frame: [UInt8] = []
            let chosen = try receiver.choose(
                Self.order, choices: BitMatrix(rows: 1, count: 128), sacrificed: 128
            ) { (count, fill) throws(MPCError) in
                frame = [UInt8](capacity: count) { fill(&$0) }
            }
            change(&frame)
            let rows = try sender.offer(Self.order, randomChoices: false, sacrificed: 128) {
                (_) throws(MPCError) in frame[...]
            }
            var response = SubspaceCheck.respond(
                choices: chosen.choices, rows: chosen.rows.words, key: key)
            forge(&response)
            return SubspaceCheck.accepts(
                response, rows: rows.words, key: key, delta: delta.block)
        }
    }

    /// Runs `body` in `count` trials; how many it says yes to.
    ///
    /// One Δ serves several trials, of `blocks` instances of its own each: their Δ_i are
    /// independent.
    private func count(
        _ count: Int, depth: Int, blocks: Int = 1, _ body: (Trial, Range<Int>) throws -> Bool
    ) rethrows -> Int {
        var generator = CounterGenerator(key: SecretBytes(count: 16) { _ in })
        var yes = 0
        var trial = Trial(depth: depth, &generator)
        let trialsOfDelta = 128 / depth / blocks
        for number in 0..<count {
            let first = number % trialsOfDelta * blocks
            if first == 0 { trial = Trial(depth: depth, &generator) }
            if try body(trial, first..<first + blocks) { yes += 1 }
        }
        return yes
    }

    /// Within four standard deviations of what a rate predicts.
    private func expect(_ found: Int, of count: Int, atRate rate: Double) {
        let mean = Double(count) * rate
        let deviation = (mean * (1 - rate)).squareRoot()
        #expect(abs(Double(found) - mean) <= 4 * deviation, "\(found) of \(count)")
    }

    /// Passes exactly where S does not use the column: 2⁻ᵏ.
    @Test(arguments: [2, 4]) func wrongChoiceInOneColumnIsCaught(depth: Int) throws {
        let trials = 10_000
        let passed = try count(trials, depth: depth) { trial, instances in
            let i = instances.lowerBound
            let accepts = try trial.accepts(corrections: { $0[i * Trial.instanceBytes] ^= 8 })
            try #require(accepts == (trial.number(i) == 0))
            return accepts
        }
        expect(passed, of: trials, atRate: 1 / Double(1 << depth))
    }

    /// The hash of the flip above, which a cheater adds to the rows that it guesses to be wrong.
    private func hashOfFlip(_ key: Block) -> Block {
        UniversalHash(key: key).hash([8, 0, 0, 0].span)
    }

    private func forge(_ response: inout [UInt64], _ trial: Trial, instance: Int, guess: Int) {
        let flip = hashOfFlip(trial.key)
        for j in 0..<trial.depth where guess >> j & 1 == 1 {
            let place = 2 * (1 + instance * trial.depth + j)
            response[place] ^= flip.low
            response[place + 1] ^= flip.high
        }
    }

    /// A cheater that guesses Δ_i and answers to fit passes exactly when it is right, 2⁻ᵏ; guesses
    /// in several blocks multiply.
    @Test(arguments: [(2, 1), (4, 1), (2, 2), (2, 3)])
    func guessesInBlocksPassOnlyIfAllAreRight(depth: Int, blocks: Int) throws {
        let trials = 10_000
        let guess = (1 << depth) - 1
        let passed = try count(trials, depth: depth, blocks: blocks) { trial, instances in
            let accepts = try trial.accepts(
                corrections: { for i in instances { $0[i * Trial.instanceBytes] ^= 8 } },
                response: {
                    for i in instances { forge(&$0, trial, instance: i, guess: guess) }
                })
            try #require(accepts == instances.allSatisfy { trial.number($0) == guess })
            return accepts
        }
        expect(passed, of: trials, atRate: 1 / Double(1 << (depth * blocks)))
    }

    /// Any single wrong row, and a wrong h(u): never accepted.
    @Test(arguments: [2, 4]) func wrongRowInTheCheckIsCaught(depth: Int) throws {
        for row in 0...LeafStreams.rowCount {
            let passed = try count(1, depth: depth) { trial, _ in
                try trial.accepts(response: { $0[2 * row + row % 2] ^= 1 << UInt64(row % 64) })
            }
            #expect(passed == 0, "row \(row)")
        }
        #expect(try count(20, depth: depth) { trial, _ in try trial.accepts() } == 20)
    }

    /// A flip that is the same in all columns is a choice like any other.
    @Test func sameFlipEverywhereIsAChoice() throws {
        let passed = try count(20, depth: 4) { trial, _ in
            try trial.accepts(
                corrections: { for i in 0..<32 { $0[i * Trial.instanceBytes] ^= 8 } },
                response: {
                    let flip = hashOfFlip(trial.key)
                    $0[0] ^= flip.low
                    $0[1] ^= flip.high
                })
        }
        #expect(passed == 20)
    }

    // MARK: Trees

    /// One tree with the sum of one side of one level wrong: passes where S does not take it, 1/2.
    @Test(arguments: [(2, 0, 0), (2, 1, 1), (4, 0, 1), (4, 3, 0)])
    func inconsistentTreeIsCaught(depth: Int, level: Int, side: Int) throws {
        let trials = 2_500
        var generator = CounterGenerator(key: SecretBytes(count: 16) { $0[0] = 9 })
        var passed = 0
        for _ in 0..<trials {
            let path = generator.secret(depth).copyBytes().map { $0 & 1 }
            let delta = PuncturePoint(depth: depth, path: SecretBytes(copying: path))
            let (leaves, sums) = GGMTree.expand(root: generator.secret(16), depth: depth)
            let (keys, proof) = PuncturingCheck.prove(leaves: leaves, depth: depth)
            var offered = sums.copyBytes()
            offered[16 * (2 * level + side) + 3] ^= 1
            let taken = (0..<depth).flatMap { l in
                let start = 16 * (2 * l + 1 - Int(path[l]))
                return offered[start..<start + 16]
            }
            let punctured = GGMTree.punctured(
                path: delta.path, sums: SecretBytes(copying: Array(taken)))
            let accepted = PuncturingCheck.verify(
                leaves: punctured, delta: delta, proof: proof[...])
            try #require((accepted == nil) == (1 - Int(path[level]) == side))
            guard let accepted else { continue }
            passed += 1
            // Where it passes, all keys but one are the honest ones, at y ⊕ Δ.
            let (mine, theirs) = (accepted.copyBytes(), keys.copyBytes())
            let number = path.reduce(0) { 2 * $0 + Int($1) }
            for y in 1..<1 << depth {
                let place = 16 * (y ^ number)
                try #require(mine[16 * y..<16 * y + 16] == theirs[place..<place + 16])
            }
        }
        expect(passed, of: trials, atRate: 0.5)
    }

    /// A wrong sum or hash in the proof itself is always caught.
    @Test func wrongProofIsCaught() throws {
        let randomness = SeededRandomness(seed: 8)
        let delta = PuncturePoint(depth: 4, randomness: randomness)
        let baseKeys = randomness.secret(4096)
        let (leaves, offer) = PuncturedTrees.make(
            depth: 4, baseKeys: baseKeys, randomness: randomness)
        let chosen = SecretBytes(
            joining: delta.baseChoices.copyBytes().enumerated().map { ot, choice in
                baseKeys.part(from: 32 * ot + 16 * Int(choice), count: 16)
            })
        let punctured = PuncturedTrees.puncture(at: delta, baseKeys: chosen, offer: offer[...])
        let (_, proof) = PuncturingCheck.prove(leaves: leaves, depth: 4)
        let honest = PuncturingCheck.verify(leaves: punctured, delta: delta, proof: proof[...])
        #expect(honest != nil)
        for place in [0, 31, 32, 63, 31 * 64, 32 * 64 - 1] {
            var wrong = proof
            wrong[place] ^= 16
            let keys = PuncturingCheck.verify(leaves: punctured, delta: delta, proof: wrong[...])
            #expect(keys == nil, "byte \(place)")
        }
        // Base OTs of another session: S has other keys, and trees that do not fit.
        let strange = PuncturedTrees.puncture(
            at: delta, baseKeys: randomness.secret(2048), offer: offer[...])
        let keys = PuncturingCheck.verify(leaves: strange, delta: delta, proof: proof[...])
        #expect(keys == nil)
    }

    /// The sum of check values must not give S the key that it lacks.
    @Test func proofDoesNotGiveTheMissingKey() throws {
        var generator = CounterGenerator(key: SecretBytes(count: 16) { $0[0] = 4 })
        let (leaves, _) = GGMTree.expand(root: generator.secret(16), depth: 2)
        let (keys, proof) = PuncturingCheck.prove(leaves: leaves, depth: 2)
        for material in [leaves.copyBytes(), keys.copyBytes()] {
            let sum = (0..<16).map { i in
                (0..<4).reduce(UInt8(0)) { $0 ^ material[16 * $1 + i] }
            }
            #expect(sum != Array(proof[0..<16]) && sum != Array(proof[16..<32]))
        }
    }

    // MARK: In the protocol

    /// Party 1 changes one bit of a message; what party 0 throws, now and in its next call.
    private func errors(opcode: Message, byte: Int) -> [MPCError?] {
        var mesh: [any Transport] = InMemoryTransport.mesh(partyCount: 2)
        mesh[1] = TamperingTransport(mesh[1]) { _, frame in
            var frame = frame
            if frame[8..<10].elementsEqual(opcodeBytes(opcode)) {
                frame[FrameHeader.byteCount + byte] ^= 1
            }
            return [frame]
        }
        let order = OTOrder(rows: 1, count: 128)
        let results = runParties(mesh, seed: 2) { session -> [MPCError?] in
            let ots = try MaliciousOTs.setUp(session)
            guard session.isFirst else {
                let operation = session.nextOperation()
                let choosing = try ots.chooseRandomly(order, from: Party(0), operation: operation)
                _ = try ots.check(choosing)
                try session.flush()
                return []
            }
            var errors: [MPCError?] = []
            for _ in 0..<2 {
                do throws(MPCError) {
                    let operation = session.nextOperation()
                    let offering = try ots.offer(
                        order, to: Party(1), operation: operation, randomChoices: true)
                    _ = try ots.check(offering)
                    errors.append(nil)
                } catch { errors.append(error) }
            }
            return errors
        }
        switch results[0] {
        case .success(let errors): return errors ?? []
        case .failure(let error): return [error as? MPCError]
        }
    }

    private func opcodeBytes(_ message: Message) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: message.rawValue)
        return bytes
    }

    @Test func wrongTreeNamesItsSender() {
        // A byte of the proof: S uses all of it.
        #expect(
            errors(opcode: .otTrees, byte: 4096 + 40) == [.cheating(.puncturedTree, by: Party(1))])
    }

    /// After a failed check the keys are gone: nothing more comes from them.
    @Test(arguments: [(Message.otColumns, 7 * 32), (.otCheck, 100)])
    func failedCheckDestroysTheKeys(message: Message, byte: Int) {
        let error = MPCError.cheating(.softSpoken, by: Party(1))
        #expect(errors(opcode: message, byte: byte) == [error, error])
    }

    /// A batch that was offered before another one's check failed is under the same Δ, of which that
    /// check may have told something.
    @Test func failedCheckTakesOutstandingBatchesAlong() throws {
        let order = OTOrder(rows: 1, count: 128)
        let errors = try parties(2) { session -> [MPCError?] in
            let ots = try MaliciousOTs.setUp(session)
            let operations = (0..<3).map { _ in session.nextOperation() }
            guard session.isFirst else {
                _ = try ots.chooseRandomly(order, from: Party(0), operation: operations[0])
                let honest = try ots.chooseRandomly(order, from: Party(0), operation: operations[1])
                _ = try session.receive(
                    .otCheckKey, from: .party(Party(0)), operation: operations[0],
                    byteCount: SubspaceCheck.keyByteCount)
                try session.send(
                    .otCheck, to: .party(Party(0)), operation: operations[0],
                    payload: Array(repeating: 1, count: SubspaceCheck.responseByteCount))
                _ = try ots.check(honest)
                _ = try ots.offer(
                    order, to: Party(0), operation: operations[2], randomChoices: true)
                try session.flush()
                return []
            }
            let first = try ots.offer(
                order, to: Party(1), operation: operations[0], randomChoices: true)
            let second = try ots.offer(
                order, to: Party(1), operation: operations[1], randomChoices: true)
            let choosing = try ots.chooseRandomly(order, from: Party(1), operation: operations[2])
            var errors: [MPCError?] = []
            do throws(MPCError) {
                _ = try ots.check(first)
                errors.append(nil)
            } catch { errors.append(error) }
            do throws(MPCError) {
                _ = try ots.check(second)
                errors.append(nil)
            } catch { errors.append(error) }
            do throws(MPCError) {
                _ = try ots.check(choosing)
                errors.append(nil)
            } catch { errors.append(error) }
            return errors
        }
        let error = MPCError.cheating(.softSpoken, by: Party(1))
        #expect(errors[0] == [error, error, error])
    }
}
