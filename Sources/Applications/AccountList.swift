import Tables

extension Table {
    /// Where each account of a list, a table with the column `account`, stands.
    ///
    /// - Throws: ``TableError`` if an account is listed twice, with both lines.
    func positionsOfAccounts() throws(TableError) -> [String: Int] {
        var mistakes = TableError(file: name)
        let accounts = texts("account")
        var positions: [String: Int] = [:]
        positions.reserveCapacity(accounts.count)
        for row in 0..<accounts.count {
            guard let earlier = positions.updateValue(row, forKey: accounts[row]) else { continue }
            mistakes.add(
                .init(
                    line: line(ofRow: row), column: "account",
                    "is already on line \(line(ofRow: earlier)); remove one"))
        }
        guard mistakes.count == 0 else { throw mistakes }
        return positions
    }
}
