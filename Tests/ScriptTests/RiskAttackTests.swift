import Algebra
import Analytics
import MPC
import Primitives
import Script
import TestSupport
import Testing

/// The attack on propagated risk scores: a bank knows its own scores, the transfers to its own
/// accounts and what the computation returns, and solves for the others' scores.
///
/// One round makes half of what an account had and half of what flows to it, so that
/// 2 · new − own is the weighted sum of the payers' scores: with one payer it is that payer's score, and
/// with several it is a linear equation. It succeeds on exact scores, which the published systems
/// return; the checker refuses these. On what the bundled script returns it does not.
@Suite struct RiskAttackTests {
    /// 120 accounts and 360 transfers of 3 banks; account i is at bank i mod 3.
    private struct Network {
        static let accounts = 120
        static let banks = 3
        static let one = Int128(1) << 24
        var seeds: [Int128]
        /// By receiver, who pays which part of all that the account received, in units of 2⁻²⁴.
        var payers: [[Int: Int128]]

        init(seed: UInt64) {
            var numbers = SeededGenerator(seed: seed)
            seeds = (0..<Self.accounts).map { _ in Int128.random(in: 0...Self.one, using: &numbers)
            }
            var amounts = Array(repeating: [Int: Int128](), count: Self.accounts)
            for _ in 0..<360 {
                let from = Int.random(in: 0..<Self.accounts, using: &numbers)
                // A few accounts receive most.
                let to =
                    Int.random(in: 0..<Self.accounts, using: &numbers)
                    * Int.random(in: 0..<Self.accounts, using: &numbers) / Self.accounts
                guard from != to else { continue }
                amounts[to][from, default: 0] += Int128.random(in: 1...500_000, using: &numbers)
            }
            payers = amounts.map { own in
                let total = own.values.reduce(0, +)
                return own.mapValues { $0 * Self.one / total }
            }
        }

        static func isOf(_ bank: Int, _ account: Int) -> Bool { account % banks == bank }

        /// The scores after one round, as the formula says.
        var exact: [Double] {
            seeds.indices.map { account in
                let inflow = payers[account].reduce(0) {
                    $0 + Double($1.value) * Double(seeds[$1.key])
                }
                return 0.5 * Double(seeds[account]) + 0.5 * inflow / Double(Self.one)
            }
        }

        /// What the script makes of it: for each account nothing, or its band.
        func revealed(rounds: Int) throws -> [Int?] {
            let text = try bundled("risk")
                .replacing("at most 40_000 rows", with: "at most 40 rows")
                .replacing("at most 70_000 rows", with: "at most 200 rows")
                .replacing("repeat 2 times", with: "repeat \(rounds) times")
                // So that all that is flagged is told.
                .replacing("at most 2 % of rows", with: "at most 100 % of rows")
            let checked = Checker.check(SourceText(name: "risk", text), limit: Z64().numberLimit)
            let program = try #require(checked.script, "\(checked.diagnostics)").program
            let tables = program.inputs.map { input in
                let bank = input.owner.index
                let own = seeds.indices.filter { Self.isOf(bank, $0) }
                if input.table == "account" {
                    return PlainTable([
                        .keys(own.map { UInt128($0) }), .numbers(own.map { seeds[$0] }),
                    ])
                }
                let edges = own.flatMap { to in
                    payers[to].sorted { $0.key < $1.key }.map { (from: $0.key, to: to, $0.value) }
                }
                return PlainTable([
                    .keys(edges.map { UInt128($0.from) }), .keys(edges.map { UInt128($0.to) }),
                    .numbers(edges.map(\.2)),
                ])
            }
            var engine = PlainEngine(Z64())
            var found: [Int?] = Array(repeating: nil, count: Self.accounts)
            for result in try engine.run(program, inputs: tables) {
                let bank = try #require(result.recipient).index
                guard case .numbers(let levels)? = result.rows.columns.last else { continue }
                for (place, level) in levels.enumerated() where result.rows.valid[place] {
                    found[bank + Self.banks * place] = Int(level)
                }
            }
            return found
        }

        /// What a bank finds of others' scores, given what it believes its own accounts' new scores to
        /// be: those that Gauss's elimination determines.
        func solved(by bank: Int, _ new: [Double?]) -> [Int: Double] {
            let foreign = seeds.indices.filter { !Self.isOf(bank, $0) }
            var rows: [[Double]] = []
            for account in seeds.indices where Self.isOf(bank, account) && !payers[account].isEmpty
            {
                guard let new = new[account] else { continue }
                var row = foreign.map { Double(payers[account][$0] ?? 0) / Double(Self.one) }
                var sum = 2 * new - Double(seeds[account])
                for (payer, weight) in payers[account] where Self.isOf(bank, payer) {
                    sum -= Double(weight) * Double(seeds[payer]) / Double(Self.one)
                }
                row.append(sum)
                rows.append(row)
            }
            var (rank, pivots): (Int, [Int]) = (0, [])
            for column in foreign.indices where rank < rows.count {
                guard
                    let best = (rank..<rows.count).max(by: {
                        abs(rows[$0][column]) < abs(rows[$1][column])
                    }), abs(rows[best][column]) > 1e-9
                else { continue }
                rows.swapAt(rank, best)
                let pivot = rows[rank][column]
                rows[rank] = rows[rank].map { $0 / pivot }
                for other in rows.indices where other != rank && rows[other][column] != 0 {
                    let factor = rows[other][column]
                    for place in rows[other].indices {
                        rows[other][place] -= factor * rows[rank][place]
                    }
                }
                pivots.append(column)
                rank += 1
            }
            var found: [Int: Double] = [:]
            for (row, column) in zip(rows, pivots)
            where foreign.indices.allSatisfy({ $0 == column || abs(row[$0]) < 1e-9 }) {
                found[foreign[column]] = row[foreign.count]
            }
            return found
        }

        /// Of those found, how many are right to a thousandth of the scale.
        func hits(_ found: [Int: Double], within error: Double) -> Int {
            found.count { abs($0.value - Double(seeds[$0.key])) <= error * Double(Self.one) }
        }
    }

    @Test("On exact scores the attack finds others' scores exactly", arguments: [1, 2, 3])
    func exactScores(seed: UInt64) {
        let network = Network(seed: seed)
        let new = network.exact
        for bank in 0..<Network.banks {
            let found = network.solved(by: bank, new)
            #expect(found.count >= 3)
            #expect(network.hits(found, within: 1e-6) == found.count)
            // Accounts that one foreign account pays to are the simplest case.
            let single = network.payers.indices.filter {
                Network.isOf(bank, $0) && network.payers[$0].count == 1
                    && !Network.isOf(bank, network.payers[$0].keys.first ?? bank)
            }
            for account in single {
                let payer = network.payers[account].keys.first ?? 0
                let guess = 2 * new[account] - Double(network.seeds[account])
                #expect(abs(guess - Double(network.seeds[payer])) < 2)
            }
        }
    }

    @Test("Exact scores are refused")
    func exactScoresAreRefused() throws {
        let text = try bundled("risk").replacing(
            "band(risk, 0.5, 0.8) as level", with: "risk")
        let found = Checker.check(SourceText(name: "risk", text), limit: Z64().numberLimit)
        #expect(found.diagnostics.map(\.rule) == ["R10"])
    }

    @Test("On what the script returns it finds none", arguments: [1, 2, 3])
    func bands(seed: UInt64) throws {
        let network = Network(seed: seed)
        for rounds in [1, 2] {
            let revealed = try network.revealed(rounds: rounds)
            #expect(revealed.contains { $0 != nil })
            for bank in 0..<Network.banks {
                // The best that a band says of a new score is its middle.
                let middles = revealed.map { level in
                    level.map { [0.25, 0.65, 0.9][$0] * Double(Network.one) }
                }
                let found = network.solved(by: bank, middles)
                #expect(network.hits(found, within: 1e-6) == 0)
            }
        }
    }

    /// Not by any attack: there are other scores for all foreign accounts that show the bank the same.
    @Test("What a bank sees determines no foreign score", arguments: [1, 2, 3])
    func otherWorlds(seed: UInt64) throws {
        let network = Network(seed: seed)
        for rounds in [1, 2] {
            let revealed = try network.revealed(rounds: rounds)
            for bank in 0..<Network.banks {
                var other = network
                for account in other.seeds.indices where !Network.isOf(bank, account) {
                    // Up or down by a little.
                    let step = Network.one / 100_000
                    other.seeds[account] += other.seeds[account] > Network.one / 2 ? -step : step
                }
                let seen = try other.revealed(rounds: rounds)
                let own = revealed.indices.filter { Network.isOf(bank, $0) }
                #expect(own.map { seen[$0] } == own.map { revealed[$0] })
            }
        }
    }
}
