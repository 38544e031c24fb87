public import MPC

/// What a completed run was, for people, programs and the supervisor.
public struct RunReport: Sendable, Codable {
    public let program: String
    public let session: String
    public let party: String
    public let parties: [String]
    public let dealer: String
    public let ring: String
    public let protocolName: String
    /// Under which assumptions the result is safe, in words.
    public let assumption: String
    public let thresholdCents: Int64
    public let minimumBanks: Int
    public let ownTransfers: Int
    /// The watch-list, which all parties know.
    public let accountNames: [String]
    public let flagged: [String]
    public let costs: CostReport
    public let ledgerFile: String
    public let ledgerEntries: Int
    public let intent: String
    public let outcome: String

    static func assumption(dealer: String) -> String {
        "Every input stays hidden from up to all other parties together, if every party follows the "
            + "protocol (semi-honest) and the dealer (\(dealer)) is honest and colludes with nobody. "
            + "A party that deviates can falsify the result; the dealer could too."
    }
}
