import Algebra
import Circuits
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

@Suite struct RearrangementTests {
    @Test("Every order of three and of four rows is equally likely", arguments: [(3, 36), (4, 72)])
    func uniform(rows: Int, bound: Int) throws {
        let ring = Z64()
        let orders = (1...rows).reduce(1, *)
        let runs = 100 * orders
        let mesh = InMemoryTransport.mesh(partyCount: 3, dealer: true)
        let results = runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> [[UInt64]] in
            try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                let numbers = engine.constant(Vector(ring, (0..<rows).map(Int64.init)))
                let records = engine.constant(bits: BitMatrix(rows: rows, count: 0))
                let columns = Columns(numbers: [numbers], records: records)
                var seen: [[UInt64]] = []
                for _ in 0..<runs {
                    let shuffled = try engine.shuffle(columns).numbers[0]
                    seen.append(try engine.open([shuffled])[0].masked.decoded())
                }
                return seen
            }
        }
        let seen = try #require(try results[0].get())
        var counts: [[UInt64]: Int] = [:]
        for order in seen { counts[order, default: 0] += 1 }
        #expect(counts.count == orders)
        // χ² with 5 and with 23 degrees of freedom: above the bound with probability 10⁻⁶.
        let chiSquare = counts.values.reduce(0) { $0 + ($1 - 100) * ($1 - 100) } / 100
        #expect(chiSquare < bound)
    }

    /// The rounds of an online phase of every operation after `budgets` times its budget was made.
    func rounds<R: Ring>(_ ring: R, budgets: Int) throws -> [Int] {
        let n = 100
        let mesh = InMemoryTransport.mesh(partyCount: 2, dealer: true)
        return try runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> Int in
            try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                let budget =
                    Budget.truncations(n, by: 16, over: ring) + .truncations(n, by: 7, over: ring)
                    + .keyComparisons(n, bits: 84) + .keyComparisons(n, bits: 5)
                    + .keyEqualities(n, bits: 84)
                    + .shuffle(rows: n, numbers: 1, recordBits: 84, parties: 2)
                    + .permutation(rows: n, numbers: 1, recordBits: 84, by: Party(1))
                for _ in 0..<budgets { try engine.prepare(budget) }
                let x = engine.constant(Vector(ring, zeros: n))
                let keys = engine.constant(bits: BitMatrix(rows: 84, count: n))
                let table = Columns(numbers: [x], records: keys.transposed())
                try session.phase("online") { () throws(MPCError) in
                    _ = try engine.truncate(x, by: 16)
                    _ = try engine.truncate(x, by: 7)
                    _ = try engine.isLess(keys, than: keys)
                    _ = try engine.isLess(keys[0..<5], than: keys[0..<5])
                    _ = try engine.isEqual(keys, to: keys)
                    _ = try engine.shuffle(table)
                    let mine = session.party == Party(1) ? Permutation.identity(n) : nil
                    _ = try engine.permute(table, by: mine, knownTo: Party(1))
                }
                // An operation that asks the dealer takes a round more.
                let online = session.costs.report.rows.filter { $0.phase == "online" }
                return online.reduce(0) { $0 + $1.cost.rounds }
            }
        }.compactMap { try $0.get() }
    }

    @Test("A budget is all that its operations take online")
    func budget() throws {
        func check(_ ring: some Ring) throws {
            let prepared = try rounds(ring, budgets: 1)
            #expect(try rounds(ring, budgets: 2) == prepared)
            #expect(try rounds(ring, budgets: 0)[0] > prepared[0])
        }
        try check(Z64())
        try check(Prime62())
        try check(PrimeField(modulus: 4_294_967_311))
    }

    static let code = DealtRequest.code(of: Z64())

    @Test("A request survives its wire form, and nothing else is one")
    func requests() {
        let sound = [
            DealtRequest(kind: .triples, count: 5, ring: Self.code),
            DealtRequest(kind: .truncationMasks, count: 64, ring: Self.code, bits: 16),
            DealtRequest(
                kind: .translations, count: 1000, ring: Self.code, bits: 84, columns: 3, owner: 9),
            DealtRequest(kind: .finish, count: 0, ring: Self.code),
        ]
        for request in sound {
            #expect(DealtRequest(request.bytes[...]) == request)
            #expect(DealtRequest(request.bytes.dropLast()) == nil)
        }
        func changed(_ request: DealtRequest, _ index: Int, to byte: UInt8) -> DealtRequest? {
            var bytes = request.bytes
            bytes[index] = byte
            return DealtRequest(bytes[...])
        }
        // kind 2, owner 2, bits 4, columns 4, count 8, ring 8 bytes
        #expect(changed(sound[0], 0, to: 99) == nil)
        for index in [2, 4, 8, 17, 19] { #expect(changed(sound[0], index, to: 1) == nil) }
        #expect(changed(sound[1], 4, to: 0) == nil && changed(sound[1], 4, to: 41) == nil)
        #expect(changed(sound[1], 8, to: 1) == nil && changed(sound[1], 2, to: 1) == nil)
        #expect(changed(sound[2], 7, to: 4) == nil, "records of 8 MiB each")
        #expect(changed(sound[2], 10, to: 1) == nil, "65,539 columns")
        #expect(changed(sound[2], 15, to: 4) == nil, "more than 2^26 rows")
    }

    @Test(
        "What no party of this session may ask for is refused by the dealer, not served",
        arguments: [
            DealtRequest(kind: .translations, count: 2, ring: code, bits: 8, columns: 1, owner: 2),
            DealtRequest(kind: .truncationMasks, count: 64, ring: code, bits: 33),
        ])
    func impossible(request: DealtRequest) {
        let mesh = InMemoryTransport.mesh(partyCount: 2, dealer: true, deadline: .seconds(5))
        let results = runParties(mesh, dealer: { try TrustedDealer(Z64(), session: $0).serve() }) {
            session in
            try session.send(
                .dealRequest, to: .dealer, operation: session.nextOperation(),
                payload: request.bytes)
            try session.flush()
        }
        let expected = MPCError.cheating(
            .malformedMessage(step: "request to the dealer"), by: Party(0))
        #expect(throws: expected) { try results[2].get() }
    }

    @Test("Only the wire form of a permutation is read as one")
    func permutationWire() {
        #expect(Permutation(received: [0, 0, 0, 0, 0, 0, 0, 0], count: 2) == nil)
        #expect(Permutation(received: [2, 0, 0, 0, 0, 0, 0, 0], count: 2) == nil)
        #expect(Permutation(received: [1, 0, 0, 0], count: 2) == nil)
        #expect(
            Permutation(received: [1, 0, 0, 0, 0, 0, 0, 0], count: 2)?.indices == [1, 0])
    }
}
