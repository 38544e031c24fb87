/// Who does what in a run and under which assumption it is safe, in the words of ISO/IEC 4922-1.
///
/// In the jobs here every computing party is an input party, with its own tables, and a result
/// party too.
public struct SecurityStatement: Sendable, Codable, Hashable {
    /// As `--protocol` names it.
    public let protocolName: String
    /// What it is, in a line.
    public let title: String
    public let computingParties: [String]
    public var inputParties: [String] { computingParties }
    public var resultParties: [String] { computingParties }
    /// Nil if there is none.
    public let dealer: String?
    /// How many computing parties may pool what they see and still learn nothing.
    public let threshold: Int
    /// What a computing party that is not trusted does.
    public let adversary: String
    /// On what privacy and correctness rest.
    public let assumptions: String

    init(
        protocolName: String, title: String, computingParties: [String], dealer: String?,
        threshold: Int, assumptions: String
    ) {
        (self.protocolName, self.title) = (protocolName, title)
        (self.computingParties, self.dealer) = (computingParties, dealer)
        (self.threshold, self.assumptions) = (threshold, assumptions)
        adversary = "semi-honest"
    }

    /// One line.
    public var summary: String {
        "\(protocolName): \(computingParties.count) computing parties, all of them input and result "
            + "parties; threshold \(threshold), adversary \(adversary)"
            + (dealer.map { "; dealer \($0)" } ?? "")
    }
}
