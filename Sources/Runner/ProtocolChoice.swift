public import Networking

/// A protocol of the catalogue, by the name that people choose it with.
public enum ProtocolChoice: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Three parties, of which no two pool their knowledge; no dealer.
    case replicated3
    /// Two to ten parties; their randomness comes from a dealer that all trust.
    case additiveDealer = "additive-dealer"
    /// Two to ten parties; they make their randomness by oblivious transfers. No dealer.
    case additiveOT = "additive-ot"

    public var description: String { rawValue }

    public var needsDealer: Bool { self == .additiveDealer }

    /// The ring that is taken if none is named.
    public var defaultRing: RingChoice { self == .additiveDealer ? .prime(bits: 128) : .z64 }

    /// What it is, in a line.
    public var title: String {
        switch self {
        case .replicated3: "replicated sharing among three"
        case .additiveDealer: "additive sharing, randomness from a dealer"
        case .additiveOT: "additive sharing, randomness by oblivious transfer (SoftSpoken)"
        }
    }

    /// Where the randomness of a run without a preparation comes from.
    func randomness(dealer: String?) -> String {
        switch self {
        case .replicated3: "none needed"
        case .additiveDealer: "dealer \(dealer ?? "")"
        case .additiveOT: "oblivious transfers in the run"
        }
    }

    /// How many of so many computing parties may pool what they see.
    func threshold(of parties: Int) -> Int { self == .replicated3 ? 1 : parties - 1 }

    /// On what a result's safety rests, in words.
    func assumptions(parties: Int, dealer: String?) -> String {
        let threshold = threshold(of: parties)
        let pooled =
            threshold == 1
            ? "any one other computing party"
            : "up to \(threshold) other computing parties together"
        let common =
            "Every input party's data stays hidden from \(pooled), if all computing parties follow "
            + "the protocol (semi-honest)"
        let own =
            switch self {
            case .replicated3:
                " and no two of the three pool what they see. Two together know everything"
            case .additiveDealer:
                " and the dealer (\(dealer ?? "")), which is none of them, is honest and colludes "
                    + "with nobody; it could falsify the result too"
            case .additiveOT:
                " and the oblivious transfers are secure (ristretto255, AES)"
            }
        return common + own + ". A computing party that deviates can falsify the result."
    }
}

/// What the parties want to be safe against.
public enum SecurityChoice: String, Sendable, CaseIterable {
    /// Parties that follow the protocol, of which fewer than half pool what they see.
    case honestMajority = "honest-majority"
    /// Parties that follow the protocol, of which all but one may pool what they see.
    case dishonestMajority = "dishonest-majority"
    /// Parties that deviate.
    case malicious
}

extension ProtocolChoice {
    /// The protocol for a roster: the one that is named, if it fits, or the cheapest that does.
    ///
    /// Three parties take replicated sharing unless a dishonest majority is asked for; else it is
    /// additive sharing by oblivious transfers. A dealer serves only where its protocol is named.
    ///
    /// - Parameter computing: how many of the roster's parties compute, which come first; all if nil.
    /// - Throws: ``RunFailure`` with the reason and what to do.
    public static func chosen(
        named name: ProtocolChoice?, security: SecurityChoice?, for roster: Roster,
        computing: Int? = nil
    ) throws(RunFailure) -> ProtocolChoice {
        guard security != .malicious else {
            throw RunFailure(
                .usage,
                "no protocol against parties that deviate is built yet; choose --security "
                    + "honest-majority or dishonest-majority")
        }
        let computing = computing ?? roster.parties.count
        guard let name else {
            return computing == 3 && security != .dishonestMajority ? .replicated3 : .additiveOT
        }
        try name.check(roster, computing: computing)
        guard name != .replicated3 || security != .dishonestMajority else {
            throw RunFailure(
                .usage,
                "replicated3 is safe only if no two parties pool what they see; with --security "
                    + "dishonest-majority use --protocol additive-ot")
        }
        return name
    }

    /// Whether the roster, of which the first parties compute, is one for this protocol.
    func check(_ roster: Roster, computing: Int) throws(RunFailure) {
        let clients = roster.parties.count - computing
        switch self {
        case .replicated3 where computing != 3:
            throw RunFailure(
                .badInput,
                clients > 0
                    ? "replicated3 is for exactly 3 computing parties and the script has "
                        + "\(computing); use --protocol additive-ot"
                    : "replicated3 is for exactly 3 parties and the roster has \(computing); use "
                        + "--protocol additive-ot")
        case .additiveDealer where clients > 0:
            throw RunFailure(
                .badInput,
                "additive-dealer is not built for parties that do not compute, such as "
                    + "\(roster.parties[computing].name); use --protocol additive-ot")
        case .additiveDealer where roster.dealer == nil:
            throw RunFailure(
                .badInput,
                "additive-dealer takes its randomness from a dealer and the roster has none; use "
                    + "--protocol additive-ot, or make a roster with --dealer")
        default: break
        }
    }
}
