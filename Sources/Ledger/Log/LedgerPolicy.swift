/// How many parties must cosign a checkpoint before it counts.
///
/// With `faulty` parties that sign anything, two contradicting checkpoints can both gather `needed`
/// of `count` cosignatures unless needed > (count + faulty) / 2: any two sets of that size then share
/// an honest party, which cosigns only one of them. Two of three banks is not enough against one
/// cheat; three of three withstands two. The initialiser refuses what does not hold.
public struct LedgerPolicy: Hashable, Sendable, Codable {
    public let needed: Int
    /// How many cosigners may cheat without being able to fork the log.
    public let faulty: Int

    /// Every one of `count` parties cosigns: withstands all but one.
    public static func all(of count: Int) -> LedgerPolicy {
        LedgerPolicy(unchecked: count, faulty: count - 1)
    }

    private init(unchecked needed: Int, faulty: Int) {
        (self.needed, self.faulty) = (needed, faulty)
    }

    /// - Throws: ``LedgerError/malformed(_:)`` with the smallest number that would do.
    public init(needed: Int, faulty: Int, of count: Int) throws(LedgerError) {
        self.init(unchecked: needed, faulty: faulty)
        try check(count: count)
    }

    func check(count: Int) throws(LedgerError) {
        guard (1...count).contains(needed), (1..<count).contains(faulty) else {
            throw .malformed("a policy of \(needed) of \(count) against \(faulty) cheats is none")
        }
        let least = (count + faulty) / 2 + 1
        guard needed >= least else {
            throw .malformed(
                "\(needed) of \(count) cosignatures let \(faulty) cheating parties fork the ledger: "
                    + "two such sets need not share an honest party; ask for at least \(least)")
        }
    }

    func isAll(of count: Int) -> Bool { needed == count }
}
