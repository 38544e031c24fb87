import Algebra
import DishonestMajority
import Dispatch
import MPC
import Networking
import Preprocessing

func run(over transport: InMemoryTransport, income: Int64?) throws {
    let ring = Prime62()
    let session = try Session.agree(on: AgreementTerms([("program", "sum")]), over: transport)
    defer { session.close() }
    guard transport.me != .dealer else { return try TrustedDealer(ring, session: session).serve() }
    let dealt = PreparedRandomness(DealtRandomness(ring, session: session))
    var engine = SemiHonestAdditive(ring, session: session, source: dealt)
    var sum = engine.constant(Vector(ring, [0]))
    for party in session.allParties {
        let mine = party == session.party ? income.map { Vector(ring, [$0]) } : nil
        sum = try sum + engine.input(mine, count: 1, from: party)
    }
    if let total = try engine.output(sum, to: .all) { print("\(session.me): \(total.integers[0])") }
    try engine.finish()
}

let incomes: [Int64?] = [52_000, 61_500, 48_250, nil]  // the dealer has none
let done = DispatchGroup()
for (transport, income) in zip(InMemoryTransport.mesh(partyCount: 3, dealer: true), incomes) {
    DispatchQueue(label: "\(transport.me)").async(group: done) {
        do { try run(over: transport, income: income) } catch { print(error) }
    }
}
done.wait()
