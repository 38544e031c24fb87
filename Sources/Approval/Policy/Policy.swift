public import Script

/// What a party lets its data be used for, whoever signs: private to it, and by default nothing.
///
/// Every line allows something and no line forbids: what several lines say of one case adds up.
public struct Policy: Hashable, Sendable {
    /// How often a table may be read.
    public struct Budget: Hashable, Sendable {
        public var runs: Int
        /// A calendar unit, in UTC.
        public var per: PeriodUnit

        public init(runs: Int, per: PeriodUnit) { (self.runs, self.per) = (runs, per) }
    }

    public struct Table: Hashable, Sendable {
        /// Nil is never.
        public var budget: Budget?
        /// By column (``aRow`` for which rows there are) and recipient.
        public var columns: [String: [String: Level]] = [:]
    }

    /// The least that the protocol must withstand.
    public struct Security: Hashable, Sendable {
        public var isMalicious: Bool
        /// So many parties or more may pool what they see.
        public var corrupt: Int

        public init(isMalicious: Bool, corrupt: Int) {
            (self.isMalicious, self.corrupt) = (isMalicious, corrupt)
        }
    }

    /// In the place of a column: that a row is there.
    public static let aRow = "a row"
    /// In the place of a recipient: whoever it is.
    static let all = "all"
    /// In the place of a recipient: a bank that itself holds the key that it is told about.
    static let holders = "holders"

    /// As scripts state them; one with `*` at its end stands for all that begin with it.
    public var purposes: [String] = []
    /// With whom it may be computed.
    public var parties: [String] = []
    /// Nil if nothing is secure enough.
    public var security: Security?
    /// What may leak for speed, in the manifest's words.
    public var shortcuts: [String] = []
    public var tables: [String: Table] = [:]

    /// Allows nothing.
    public init() {}

    /// How much of a column's cells a recipient may learn.
    func level(_ cell: String, of table: String, to recipient: String, asHolder: Bool) -> Level {
        let lines = tables[table]?.columns[cell] ?? [:]
        return [recipient, Self.all, asHolder ? Self.holders : nil].compactMap { $0 }
            .compactMap { lines[$0] }.reduce(.none) { $0.joined(with: $1) }
    }
}

/// One line of a policy, besides headings.
enum Grant: Hashable {
    case purpose(String)
    case party(String)
    case security(Policy.Security)
    case shortcut(String)
    case budget(table: String, Policy.Budget)
    case cell(table: String, column: String, recipient: String, Level)
}

extension Policy {
    /// Allows what it does and what a line says.
    mutating func add(_ grant: Grant) {
        switch grant {
        case .purpose(let text): if !purposes.contains(text) { purposes.append(text) }
        case .party(let name): if !parties.contains(name) { parties.append(name) }
        case .security(let new):
            security = Security(
                isMalicious: new.isMalicious && security?.isMalicious ?? true,
                corrupt: min(new.corrupt, security?.corrupt ?? new.corrupt))
        case .shortcut(let text): if !shortcuts.contains(text) { shortcuts.append(text) }
        case .budget(let table, let budget): tables[table, default: Table()].budget = budget
        case .cell(let table, let column, let recipient, let level):
            let known = tables[table]?.columns[column]?[recipient] ?? .none
            tables[table, default: Table()].columns[column, default: [:]][recipient] =
                known.joined(with: level)
        }
    }

    init(_ grants: some Sequence<Grant>) {
        self.init()
        for grant in grants { add(grant) }
    }
}

extension Level {
    /// The size below which groups would tell more.
    private var least: Int? {
        switch self {
        case .group(let least), .pick(let least): least
        default: nil
        }
    }

    /// Whether who may learn this may learn the other: less of it, and of no smaller groups.
    func allows(_ other: Level) -> Bool {
        guard let own = least, let others = other.least else { return other <= self }
        return own <= others && (Self.isPick(self) || !Self.isPick(other))
    }

    private static func isPick(_ level: Level) -> Bool {
        if case .pick = level { true } else { false }
    }

    /// The least level that allows both.
    func joined(with other: Level) -> Level {
        guard let own = least, let others = other.least else { return max(self, other) }
        let least = min(own, others)
        return Self.isPick(self) || Self.isPick(other)
            ? .pick(atLeast: least) : .group(atLeast: least)
    }
}
