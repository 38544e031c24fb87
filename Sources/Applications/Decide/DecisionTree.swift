/// Which kind of system a need asks for: the founding article's tree, with the branch it lacks.
///
/// Its questions are those of the article's figure 2 (is a shared ledger called for?) and figure 8
/// (which one?), asked one after the other. Neither has a branch for computing on data that nobody
/// may see: here it comes first.
public indirect enum DecisionTree: Hashable, Sendable {
    case question(DecisionQuestion, yes: DecisionTree, no: DecisionTree)
    case recommendation(DecisionRecommendation)

    /// The whole tree.
    public static let root = DecisionTree.question(
        .compute, yes: .recommendation(.parley), no: sharedLedger)

    /// Figure 2: four times yes makes a candidate for a blockchain, one no is enough against it.
    private static let sharedLedger = [
        DecisionQuestion.trustBoundaries, .sharedUpdates, .intermediaries, .manualVerification,
    ].reversed().reduce(decentralised) { .question($1, yes: $0, no: central) }

    /// Figure 8 from its top.
    private static let decentralised = DecisionTree.question(
        .decentralised,
        yes: .question(
            .managed, yes: .recommendation(.marketplace),
            no: .question(
                .portable, yes: .recommendation(.kubernetes), no: .recommendation(.infrastructure)
            )),
        no: central)

    /// Figure 8, where the data need not be decentralised.
    private static let central = DecisionTree.question(
        .integrity,
        yes: .question(
            .queryable, yes: .recommendation(.tableLedger),
            no: .recommendation(.confidentialLedger)),
        no: .recommendation(.database))
}

/// A question of the tree that yes or no answers.
public struct DecisionQuestion: Hashable, Sendable {
    /// A word for programs.
    public let name: String
    public let text: String
    /// What each answer means.
    public let yes, no: String
    /// Where the article asks it; nil for the one that it lacks.
    public let figure: Int?

    static let compute = DecisionQuestion(
        name: "compute",
        text:
            "Is a result wanted from data that its owners may not show to one another, nor to any "
            + "third party?",
        yes:
            "Every other branch moves or shares the data. A joint computation does not: the parties "
            + "see the result that they agreed on, and nothing else.",
        no: "Then the data may be seen by whoever works on it, and what is left to choose is where "
            + "to keep it.",
        figure: nil)

    static let trustBoundaries = DecisionQuestion(
        name: "trust-boundaries",
        text: "Is this a business process that crosses trust boundaries?",
        yes: "No single organisation is believed by all.",
        no: "Inside one organisation there is somebody to trust: no shared ledger is needed.",
        figure: 2)

    static let sharedUpdates = DecisionQuestion(
        name: "shared-updates",
        text: "Do multiple parties share and update the data?",
        yes: "The copies have to agree, whoever wrote last.",
        no: "With one writer there is nothing to agree on: that writer can keep the data.",
        figure: 2)

    static let intermediaries = DecisionQuestion(
        name: "intermediaries",
        text: "Are there any intermediaries that control the single source of truth?",
        yes: "A shared ledger could do what the intermediary does now.",
        no: "Nobody would be replaced, which is what a blockchain is for.",
        figure: 2)

    static let manualVerification = DecisionQuestion(
        name: "manual-verification",
        text: "Does the process involve low-value, manual verification steps?",
        yes: "Checking signatures could replace them.",
        no: "There is little to save: a blockchain would cost more than it brings.",
        figure: 2)

    static let decentralised = DecisionQuestion(
        name: "decentralised",
        text: "Must the data be decentralised, a copy with every party and none in charge?",
        yes: "Every party runs a part of the system.",
        no: "One party may run it, if the others can find out what it alters.",
        figure: 8)

    static let integrity = DecisionQuestion(
        name: "integrity",
        text: "Must it be possible to verify that the data was not altered?",
        yes: "Hashes of the data are kept where its keeper cannot change them.",
        no: "Backups, access rights and an audit trail are enough.",
        figure: 8)

    static let queryable = DecisionQuestion(
        name: "queryable",
        text: "Must the data be managed and queried as tables?",
        yes: "Rows that SQL reads, and a hash of every change.",
        no: "Documents and files, and a receipt for each.",
        figure: 8)

    static let managed = DecisionQuestion(
        name: "managed",
        text: "Shall somebody else run the ledger and its machines?",
        yes: "An offer of a marketplace, which its provider operates.",
        no: "The parties operate it themselves.",
        figure: 8)

    static let portable = DecisionQuestion(
        name: "portable",
        text: "Must it move between clouds and the parties' own machines?",
        yes: "Containers, and one control plane over several clouds.",
        no: "Virtual machines in one place.",
        figure: 8)
}

/// Where the tree ends.
public struct DecisionRecommendation: Hashable, Sendable {
    /// Whether Parley is the answer, said honestly.
    public enum Fit: String, Hashable, Sendable {
        case parley = "Parley"
        case another = "not Parley"
        /// Another product, of which Parley does a part.
        case partly = "another product first; Parley for a part of it"
    }

    /// A word for programs.
    public let name: String
    public let fit: Fit
    public let title: String
    public let reason: String

    static let parley = DecisionRecommendation(
        name: "parley", fit: .parley, title: "Parley: a joint computation",
        reason:
            "The parties compute the result together and each holds a signed copy of the log of "
            + "what was computed. The price: all must be online, it is slower than computing in one "
            + "place, and that an input is true is never proved.")

    static let database = DecisionRecommendation(
        name: "database", fit: .another, title: "A normal database",
        reason: "Nothing here asks for a ledger or for a joint computation; a database is simpler, "
            + "faster and cheaper than either.")

    static let tableLedger = DecisionRecommendation(
        name: "sql-ledger", fit: .partly,
        title: "A database with ledger tables (SQL Database ledger)",
        reason:
            "Take it if one organisation runs a database server for many users. Parley has ledger "
            + "tables of the same shape in a file of SQLite, whose digests the other parties sign: "
            + "take those for records that belong to a joint computation.")

    static let confidentialLedger = DecisionRecommendation(
        name: "confidential-ledger", fit: .partly, title: "Azure Confidential Ledger",
        reason:
            "Take it if a cloud's protected hardware is trusted and nobody wants to run a server. "
            + "Parley keeps files and records in a log that every party holds and signs: take that "
            + "if the trust is to rest on the parties and not on hardware.")

    static let marketplace = DecisionRecommendation(
        name: "marketplace", fit: .another, title: "A managed blockchain from a marketplace",
        reason: "The article of 2021 names Consensys Quorum; look whether it is still offered. "
            + "Parley's log runs no contracts and nobody operates it for the parties.")

    static let kubernetes = DecisionRecommendation(
        name: "kubernetes", fit: .another,
        title: "A distributed ledger on Kubernetes, managed across clouds (Azure Arc)",
        reason: "A general blockchain with contracts, which Parley is not. Parley's log is held by "
            + "every party and needs no cluster, but records only what the parties sign together.")

    static let infrastructure = DecisionRecommendation(
        name: "infrastructure", fit: .another,
        title: "A distributed ledger on virtual machines",
        reason: "A general blockchain with contracts, which Parley is not. Parley's log is held by "
            + "every party and needs no chain, but records only what the parties sign together.")
}
