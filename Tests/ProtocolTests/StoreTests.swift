import Algebra
import DishonestMajority
import Foundation
import Gadgets
import MPC
import Preprocessing
import Primitives
import SecretSharing
import Testing

/// What was prepared is used once, by whom it was made for, or not at all.
@Suite struct StoreTests {
    static var mixed: Budget {
        let ring = StoreFixture.ring
        return .multiplications(1000) + .comparisons(1000, over: ring)
            + .truncations(100, by: 16, over: ring)
            + .shuffle(rows: 50, numbers: 1, recordBits: 3, parties: 2)
    }

    @Test("A run that only draws on the store is right and sends nothing for preprocessing")
    func onlineOnly() throws {
        let fixture = try StoreFixture(budget: Self.mixed)
        let results = fixture.run(onlineOnly: true) { engine, notes, supply in
            let ring = StoreFixture.ring
            try engine.prepare(Self.mixed)
            let numbers = (0..<1000).map { Int64($0 * $0 - 250_000) << 16 }
            let mine = engine.session.party.index == 0 ? Vector(ring, numbers) : nil
            let x = try engine.input(mine, count: 1000, from: Party(0))
            let products = try engine.reveal(engine.multiply(x, x)).value
            let signs = try engine.reveal(bits: engine.isNegative(x)).value
            let floors = try engine.reveal(engine.truncate(x[0..<100], by: 16)).value
            let rows = try engine.shuffle(
                Columns(
                    numbers: [x[0..<50]],
                    records: engine.constant(
                        bits: BitMatrix(rows: 50, count: 3, repeating: true))))
            let shuffled = try engine.reveal(rows.numbers[0]).value
            #expect(products == Vector(ring, numbers) * Vector(ring, numbers))
            #expect(signs.bools == numbers.map { $0 < 0 })
            #expect(floors == Vector(ring, numbers[0..<100].map { $0 >> 16 }))
            #expect(
                Set(shuffled.signedIntegers) == Set(numbers[0..<50].map { BigInteger($0) }))
            #expect(notes.isEmpty && supply.amounts.values.allSatisfy { $0.made == 0 })
            #expect(supply.amounts["triples"]?.ready == 1000)
            return engine.costs.report.preprocessing.bytesSent
        }
        for result in results { #expect(try result.get() == 0) }
        // All of it is spent, and gone.
        for party in 0..<2 {
            let left = try FileManager.default.contentsOfDirectory(
                atPath: fixture.url(party).path)
            #expect(Set(left) == ["key", "lock", "cursor", "manifest"])
            #expect(try fixture.open(party).isSpent)
        }
    }

    @Test("An exhausted store is refused before anything starts, with kind, needed and left")
    func exhausted() throws {
        let fixture = try StoreFixture(budget: .multiplications(1000))
        let refused = fixture.run(onlineOnly: true) { engine, _, _ in
            try engine.prepare(.multiplications(1001))
        }
        for result in refused {
            #expect(
                throws: MPCError.preprocessingExhausted(
                    kind: "triples", needed: 1001, left: 1000)
            ) { try result.get() }
        }
        // Nothing was lost by that; the moment at which it runs dry is named too.
        let dry = fixture.run(onlineOnly: true) { engine, _, _ in
            let x = engine.constant(Vector(StoreFixture.ring, zeros: 600))
            _ = try engine.multiply(x, x)
            _ = try engine.multiply(x, x)
        }
        for result in dry {
            #expect(
                throws: MPCError.preprocessingExhausted(kind: "triples", needed: 600, left: 400)
            ) { try result.get() }
        }
    }

    @Test("What the store does not have is made on the spot and counted")
    func partlyReady() throws {
        let fixture = try StoreFixture(budget: .multiplications(300))
        let results = fixture.run(onlineOnly: false) { engine, _, supply in
            try engine.prepare(.multiplications(1000))
            let x = engine.constant(Vector(StoreFixture.ring, Array(0..<Int64(1000))))
            #expect(
                try engine.reveal(engine.multiply(x, x)).value
                    == Vector(StoreFixture.ring, (0..<1000).map { $0 * $0 }))
            #expect(supply.amounts["triples"]?.ready == 300)
            #expect(supply.amounts["triples"]?.made == 700)
            return engine.costs.report.preprocessing.bytesSent
        }
        for result in results { #expect(try (result.get() ?? 0) > 0) }
    }

    @Test("After a crash of one party both advance to the larger cursor, and go on rightly")
    func agreement() throws {
        let fixture = try StoreFixture(budget: .multiplications(100_000))
        _ = try fixture.open(1).drawTriples(50_000)
        let results = fixture.run(onlineOnly: true) { engine, notes, _ in
            #expect(notes == (engine.session.party.index == 0 ? ["50000 triples"] : []))
            let x = engine.constant(Vector(StoreFixture.ring, Array(0..<Int64(1000))))
            return try engine.reveal(engine.multiply(x, x)).value.integers
        }
        for result in results {
            #expect(try result.get() == (0..<1000).map { BigInteger($0 * $0) })
        }
        for party in 0..<2 { #expect(try fixture.open(party).left(.triples) == 49_000) }
    }

    @Test("Different preparations are refused with both identifiers")
    func otherPreparation() throws {
        let one = try StoreFixture(budget: .multiplications(64))
        let other = try StoreFixture(seed: 2, budget: .multiplications(64))
        let ids = [try one.open(0).preparation, try other.open(1).preparation]
        try #require(ids[0] != ids[1])
        let results = StoreFixture.together { session in
            let party = session.party.index
            return try (party == 0 ? one : other).open(party).agree(with: session)
        }
        let expected = MPCError.disagreement(
            field: "preparation",
            values: [0, 1].map { Disagreement(participant: .party(Party($0)), value: ids[$0]) })
        for result in results { #expect(throws: expected) { try result.get() } }
    }

    @Test("A store of another roster or party is refused with the reason")
    func otherBinding() throws {
        let fixture = try StoreFixture(budget: .multiplications(64))
        func reason(_ binding: StoreBinding) -> String {
            do throws(StoreError) {
                _ = try PreprocessingStore(
                    opening: fixture.url(0), over: StoreFixture.ring, for: binding)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(reason(StoreFixture.binding("roster", 0)) == "")
        #expect(reason(StoreFixture.binding("another", 0)).contains("the roster roster, and"))
        #expect(reason(StoreFixture.binding("roster", 1)).contains("the party 0, and"))
        let ring = StoreBinding(
            roster: "roster", ring: "z64", protocolName: "dealer", party: 0, partyCount: 2)
        #expect(reason(ring).contains("this run's is z64"))
        let missing = #expect(throws: StoreError.self) {
            try fixture.open(0, at: fixture.folder.appending(path: "nowhere"))
        }
        #expect(missing?.description.contains("parley prepare") == true)
    }

    @Test("A new preparation never takes the place of another")
    func existing() throws {
        let fixture = try StoreFixture(budget: .multiplications(64))
        let results = StoreFixture.together { session in
            var generator = ObliviousRandomness(StoreFixture.ring, session: session)
            return try PreprocessingStore.fill(
                fixture.url(session.party.index), with: .multiplications(64), from: &generator,
                for: StoreFixture.binding("roster", session.party.index))
        }
        for result in results { #expect(throws: MPCError.self) { try result.get() } }
        for party in 0..<2 { #expect(try fixture.open(party).left(.triples) == 64) }
    }

    @Test("Two runs at once on one store: the second is refused")
    func lock() throws {
        let fixture = try StoreFixture(budget: .multiplications(64))
        let first = try fixture.open(0)
        let error = #expect(throws: StoreError.self) { try fixture.open(0) }
        #expect(error?.description.contains("in use") == true)
        _ = try first.drawTriples(64)
    }
}
