import Primitives
import Script

/// Who does what in a run and under which assumption it is safe, in the words of ISO/IEC 4922-1.
public struct SecurityStatement: Sendable, Codable, Hashable {
    /// As `--protocol` names it.
    public let protocolName: String
    /// What it is, in a line.
    public let title: String
    public let computingParties: [String]
    public let inputParties, resultParties: [String]
    /// Nil if there is none.
    public let dealer: String?
    /// How many computing parties may pool what they see and still learn nothing.
    public let threshold: Int
    /// What a computing party that is not trusted does.
    public let adversary: String
    /// On what privacy and correctness rest.
    public let assumptions: String

    init(_ script: CheckedScript, by choice: ProtocolChoice, dealer: String?) {
        computingParties = script.computingParties
        inputParties = script.program.parties.enumerated().filter {
            !script.brought(by: Party($0.offset)).isEmpty
        }.map(\.element)
        resultParties = script.parties.filter { $0.roles.contains(.result) }.map(\.name)
        (protocolName, title) = (choice.rawValue, choice.title)
        self.dealer = dealer
        threshold = choice.threshold(of: computingParties.count)
        assumptions = choice.assumptions(parties: computingParties.count, dealer: dealer)
        adversary = "semi-honest"
    }

    /// One line.
    public var summary: String {
        "\(protocolName): computing parties \(list(computingParties)); input \(list(inputParties)); "
            + "result \(list(resultParties)); threshold \(threshold), adversary \(adversary)"
            + (dealer.map { "; dealer \($0)" } ?? "")
    }

    private func list(_ names: [String]) -> String {
        names == computingParties && names.count > 3
            ? "all \(names.count)" : names.joined(separator: ", ")
    }
}
