import Applications
public import MPC
import Tables

/// What a completed run was, for people, programs and the supervisor.
public struct RunReport: Sendable, Codable {
    public let program: String
    public let session: String
    public let party: String
    public let ring: String
    public let security: SecurityStatement
    public let randomness: RandomnessOrigin
    public let thresholdCents: Int64
    public let minimumBanks: Int
    public let ownTransfers: Int
    public let answer: Answer
    public let costs: CostReport
    public let ledgerFile: String
    public let ledgerEntries: Int
    public let intent: String
    public let outcome: String

    /// What this party learned.
    public struct Answer: Sendable, Codable, Hashable {
        /// The accounts that the answer is about, as far as this party can name them: of the
        /// watch-list, its own, or those published to all.
        public let accounts: [String]
        public let flagged: [String]
        /// Whether this party alone learns it.
        public let isPrivate: Bool
        /// Whether more accounts reached than were to be published.
        public let isCut: Bool
    }
}

extension RunReport.Answer {
    /// The flags of a list that all know.
    init(accounts: [String], flags: [Bool]) {
        self.init(
            accounts: accounts, flagged: zip(accounts, flags).filter(\.1).map(\.0),
            isPrivate: false, isCut: false)
    }

    /// What the exposure job tells this party.
    init(_ result: ExposureProgram.Result, accounts: [String], transfers: Table) {
        switch result {
        case .flags(let flags):
            self.init(
                accounts: accounts, flagged: zip(accounts, flags).filter(\.1).map(\.0),
                isPrivate: true, isCut: false)
        case .keys(let keys, let more):
            // Named if the party holds the account or has paid to it; else the key itself.
            var names: [UInt64: String] = [:]
            let wanted = Set(keys)
            let paid = transfers.texts("bene_acct")
            for name in accounts + (0..<paid.count).map({ paid[$0] }) {
                let key = ExposureJob.key(of: name)
                if wanted.contains(key) { names[key] = name }
            }
            let listed = keys.map { names[$0] ?? "key " + String($0, radix: 16) }
            self.init(accounts: listed, flagged: listed, isPrivate: false, isCut: more)
        }
    }
}
