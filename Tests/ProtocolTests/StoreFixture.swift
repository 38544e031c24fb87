import Algebra
import DishonestMajority
import Foundation
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport

/// Two parties' stores, filled together with a dealer's help, in a folder that goes with the test.
final class StoreFixture: Sendable {
    let folder: URL
    let roster: String
    static let ring = Prime62()

    typealias Ring = Prime62
    typealias Randomness = PreparedRandomness<DealtRandomness<Ring>>

    /// - Parameter seed: of the session that prepares, so that of the preparation's identifier.
    init(roster: String = "roster", seed: UInt64 = 1, budget: Budget) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-store-\(UUID())")
        self.roster = roster
        let (folder, bindings) = (folder, (0..<2).map { Self.binding(roster, $0) })
        for result in Self.together(
            seed: seed,
            { session in
                let party = session.party.index
                var dealt = DealtRandomness(Self.ring, session: session)
                let id = try PreprocessingStore.fill(
                    folder.appending(path: "\(party)"), with: budget, from: &dealt,
                    for: bindings[party])
                try dealt.finish()
                return id
            })
        { _ = try result.get() }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func binding(_ roster: String, _ party: Int) -> StoreBinding {
        StoreBinding(
            roster: roster, ring: ring.name, protocolName: "dealer", party: party, partyCount: 2)
    }

    func url(_ party: Int) -> URL { folder.appending(path: "\(party)") }

    func open(
        _ party: Int, at url: URL? = nil, reached: @escaping (StoreStep) -> Void = { _ in }
    ) throws(StoreError) -> PreprocessingStore<Ring> {
        try PreprocessingStore(
            opening: url ?? self.url(party), over: Self.ring, for: Self.binding(roster, party),
            reached: reached)
    }

    /// A copy of a party's folder, as a backup would be.
    func copy(_ party: Int, as name: String) throws -> URL {
        let copy = folder.appending(path: name)
        try? FileManager.default.removeItem(at: copy)
        try FileManager.default.copyItem(at: url(party), to: copy)
        return copy
    }

    static func together<T: Sendable>(
        seed: UInt64 = 9, _ program: @escaping @Sendable (Session) throws -> T
    ) -> [Result<T?, any Error>] {
        let mesh = InMemoryTransport.mesh(partyCount: 2, dealer: true, deadline: .seconds(20))
        return Array(
            runParties(
                mesh, seed: seed, dealer: { try TrustedDealer(Self.ring, session: $0).serve() },
                program
            ).prefix(2))
    }

    /// A run of both parties on their stores; the dealer serves what the stores do not have.
    func run<T: Sendable>(
        onlineOnly: Bool,
        _ program:
            @escaping @Sendable (
                inout SemiHonestAdditive<Ring, Randomness>, _ notes: [String], RandomnessSupply
            ) throws -> T
    ) -> [Result<T?, any Error>] {
        Self.together { [self] session in
            let store = try open(session.party.index)
            let notes = try store.agree(with: session)
            let supply = RandomnessSupply()
            var engine = SemiHonestAdditive(
                Self.ring, session: session,
                source: PreparedRandomness(
                    DealtRandomness(Self.ring, session: session), store: store,
                    onlineOnly: onlineOnly, supply: supply))
            do {
                let result = try program(&engine, notes, supply)
                try engine.finish()
                return result
            } catch {
                try? engine.finish()
                throw error
            }
        }
    }
}

extension PreprocessingStore where R == Prime62 {
    /// The first factors of the next triples, in the clear of this party's share.
    func drawTriples(_ count: Int) throws(StoreError) -> [UInt64] {
        try draw([(.triples, count)]).flatMap { $0.batch.numbers[0].decoded() }
    }
}
