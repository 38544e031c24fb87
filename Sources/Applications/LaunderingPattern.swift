/// One payment between two accounts, given by their numbers.
struct Payment {
    var from: Int
    var to: Int
    var cents: Int64
    /// Seconds since 1970.
    var time: Int64
}

/// The shapes in which laundered money is known to move.
enum LaunderingPattern: String, CaseIterable {
    /// Many accounts pay one.
    case fanIn = "fan_in"
    /// One account pays many.
    case fanOut = "fan_out"
    /// Money goes round through all accounts and returns, a little less at each step.
    case cycle
    /// One account pays many, which pay it all on to another one.
    case scatterGather = "scatter_gather"

    /// The payments of one alert among these accounts, of which there are at least three.
    ///
    /// Amounts are from 2,000 to 10,000 units, below the customary limit for reporting.
    func payments(
        among accounts: [Int], from start: Int64, using generator: inout SampleGenerator
    ) -> [Payment] {
        var payments: [Payment] = []
        var time = start
        func pay(_ from: Int, _ to: Int, _ cents: Int64) {
            payments.append(.init(from: from, to: to, cents: cents, time: time))
        }
        func cents() -> Int64 { 200_000 + Int64(generator.below(790_000)) }
        func advance() { time += 3600 + Int64(generator.below(86_400)) }

        switch self {
        case .fanIn:
            for account in accounts.dropFirst() {
                pay(account, accounts[0], cents())
                advance()
            }
        case .fanOut:
            for account in accounts.dropFirst() {
                pay(accounts[0], account, cents())
                advance()
            }
        case .cycle:
            var amount = cents()
            for (index, account) in accounts.enumerated() {
                pay(account, accounts[(index + 1) % accounts.count], amount)
                amount = amount * 97 / 100
                advance()
            }
        case .scatterGather:
            for account in accounts.dropFirst(2) {
                let amount = cents()
                pay(accounts[0], account, amount)
                advance()
                pay(account, accounts[1], amount * 97 / 100)
            }
        }
        return payments
    }
}
