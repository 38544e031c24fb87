/// A name where it is written.
public struct Name: Hashable, Sendable {
    public let text: String
    public let range: SourceRange

    public init(_ text: String, _ range: SourceRange) { (self.text, self.range) = (text, range) }
}

/// A script as it is written.
public struct ScriptSyntax: Sendable {
    public var name: Name
    public var version: Int
    public var header: HeaderSyntax
    public var items: [ItemSyntax]
    /// Comments before the first line, and behind the last item.
    public var comments: (leading: [String], trailing: [String])
}

public struct HeaderSyntax: Sendable {
    public var purpose: String?
    public var basis: String?
    public var parties: [PartySyntax] = []
    public var security: SecuritySyntax?
    public var runs: RunsSyntax?
    public var period: PeriodSyntax?
}

public struct PartySyntax: Sendable, Hashable {
    public enum Role: String, Sendable, CaseIterable {
        /// Holds the tables "at each bank".
        case bank
        case input, compute, result, observer
    }
    public var name: Name
    public var roles: [Role]
}

public struct SecuritySyntax: Sendable, Hashable {
    public var isMalicious: Bool
    public var corrupt: Int
    public var of: Int
    public var range: SourceRange
}

public enum PeriodUnit: String, Sendable, CaseIterable, Codable {
    case day, week, month, quarter, year
}

public struct RunsSyntax: Sendable, Hashable {
    public var count: Int
    public var per: PeriodUnit
    /// Days since 2000-01-01; the last day on which it may run.
    public var until: Int?
    public var range: SourceRange
}

/// Of `period m = calendar month`.
public struct PeriodSyntax: Sendable, Hashable {
    public var name: Name
    public var unit: PeriodUnit
}

/// A declaration or statement, with the comments before it.
public struct ItemSyntax: Sendable {
    public enum Kind: Sendable {
        case table(TableSyntax)
        case prepare(PrepareSyntax)
        case model(ModelSyntax)
        case constant(ConstantSyntax)
        case choose(ChooseSyntax)
        case assign(AssignSyntax)
        case loop(LoopSyntax)
        case check(ExpressionSyntax)
        case reveal(RevealSyntax)
        case disclose(DiscloseSyntax)
        /// A declaration of a name that could not be read.
        case broken(Name)

        var declaredName: Name? {
            switch self {
            case .table(let table): table.name
            case .model(let model): model.name
            case .constant(let constant): constant.name
            case .choose(let choose): choose.name
            case .assign(let assign): assign.name
            case .broken(let name): name
            case .prepare, .loop, .check, .reveal, .disclose: nil
            }
        }
    }
    public var kind: Kind
    public var range: SourceRange
    public var comments: [String] = []
}

public struct TableSyntax: Sendable {
    public var name: Name
    /// Nil: at each bank.
    public var owner: Name?
    public var columns: [ColumnSyntax]
    public var unique: [[Name]]
    /// Whether rows of different banks differ in these columns too, which nobody checks.
    public var isUniqueAcrossBanks: Bool
    public var atMost: Int
}

public struct ColumnSyntax: Sendable {
    public var name: Name
    public var type: TypeSyntax
    /// Inclusive.
    public var range: (ExpressionSyntax, ExpressionSyntax)?
    /// `in m`: the days of the period.
    public var period: Name?
    public var canonical: Name?
    public var `default`: ExpressionSyntax?
}

public struct TypeSyntax: Sendable {
    public enum Kind: Sendable, Hashable {
        case int, day, minute, bool
        case money(String)
        case fix(Int)
        case key(domain: String, bits: Int)
        case code([String])
    }
    public var kind: Kind
    public var range: SourceRange
}

/// Of `prepare edge from transfer ( ... ) at most N rows { let ... }`.
public struct PrepareSyntax: Sendable {
    public var table: Name
    public var source: TableSyntax
    public var body: [ItemSyntax]
}

/// Of `model m at vendor : logistic(30) in -8 .. 8`.
public struct ModelSyntax: Sendable {
    public var name: Name
    public var owner: Name
    public var features: Int
    public var range: (ExpressionSyntax, ExpressionSyntax)?
}

public struct ConstantSyntax: Sendable {
    public var name: Name
    /// One, or a list in parentheses.
    public var values: [ExpressionSyntax]
    public var isList: Bool
}

/// Of `choose T in { 10_000, 15_000 }`.
public struct ChooseSyntax: Sendable {
    public var name: Name
    public var values: [ExpressionSyntax]
}

public struct AssignSyntax: Sendable {
    public enum Value: Sendable {
        case select(SelectSyntax)
        case expression(ExpressionSyntax)
    }
    public var isUpdate: Bool
    public var name: Name
    public var value: Value
}

public struct LoopSyntax: Sendable {
    public var count: Int
    public var variable: Name?
    public var body: [ItemSyntax]
}

public struct SelectItemSyntax: Sendable {
    public var expression: ExpressionSyntax
    public var name: Name?
}

public struct SourceSyntax: Sendable {
    public var isEvery: Bool
    public var table: Name
    public var alias: Name?
}

public struct JoinSyntax: Sendable {
    public enum Kind: String, Sendable {
        case inner = "join", left = "left join", semi = "semi join", anti = "anti join"
    }
    public var kind: Kind
    public var source: SourceSyntax
    public var on: [(ExpressionSyntax, ExpressionSyntax)]
    /// Of `at most N matches`.
    public var cap: Int?
    public var range: SourceRange
}

/// Of `window 7 days per customer by day at most 40 rows` or `window all per customer by day`.
public struct WindowSyntax: Sendable {
    public enum Extent: Sendable, Hashable { case all, days(Int), minutes(Int), rows }
    public var extent: Extent
    public var per: [Name]
    public var by: [OrderSyntax]
    public var atMost: Int?
    public var range: SourceRange
}

public struct OrderSyntax: Sendable {
    public var column: Name
    public var isDescending: Bool
}

public struct SelectSyntax: Sendable {
    public var isDistinct: Bool
    public var items: [SelectItemSyntax]
    public var source: SourceSyntax
    public var joins: [JoinSyntax]
    public var condition: ExpressionSyntax?
    public var window: WindowSyntax?
    public var groupBy: [Name]
    public var atMostGroups: Int?
    public var having: ExpressionSyntax?
    public var orderBy: [OrderSyntax]
    public var limit: Int?
    public var range: SourceRange
}

public struct RevealSyntax: Sendable {
    public enum Recipient: Sendable {
        case all
        case party(Name)
        /// The bank in whose rows the key stands: of the table that it comes from, or of another.
        case holder(Name, in: Name?)
    }
    public enum Limit: Sendable {
        case rows(Int, SourceRange)
        /// Percent of the rows of the table that holds the key.
        case percent(Int, SourceRange)
        /// Groups of at least so many rows, or different values of a column.
        case groups(Int, of: Name?, SourceRange)
        case banks(Int, SourceRange)
        case rounded(to: ExpressionSyntax, SourceRange)
        case number(SourceRange)
    }
    public var items: [SelectItemSyntax]
    public var table: Name
    public var condition: ExpressionSyntax?
    public var recipient: Recipient
    public var limits: [Limit]
    public var range: SourceRange
}

/// Of `disclose size of t to all for speed`.
public struct DiscloseSyntax: Sendable {
    public var table: Name
    public var range: SourceRange
}

/// A value, as written.
public struct ExpressionSyntax: Sendable {
    public indirect enum Kind: Sendable {
        case name(qualifier: Name?, Name)
        case number(DecimalLiteral)
        case money(currency: String, DecimalLiteral)
        case date(Int)
        case label(String)
        case bool(Bool)
        /// Of `d[k]`.
        case element(Name, ExpressionSyntax)
        case negated(ExpressionSyntax)
        case not(ExpressionSyntax)
        case binary(BinaryOperator, ExpressionSyntax, ExpressionSyntax)
        /// Of `a / b default c`.
        case quotient(ExpressionSyntax, ExpressionSyntax, otherwise: ExpressionSyntax?)
        case among(ExpressionSyntax, [ExpressionSyntax])
        case choice([(when: ExpressionSyntax, then: ExpressionSyntax)], otherwise: ExpressionSyntax)
        case call(CallSyntax)
    }
    public var kind: Kind
    public var range: SourceRange
}

public enum BinaryOperator: String, Sendable, Hashable {
    case or, and
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
}

/// Of `sum(x)`, `count(*)`, `count(distinct bank)`, `band(risk, 0.5, 0.8)`, a model's call.
public struct CallSyntax: Sendable {
    public var function: Name
    public var isDistinct = false
    public var isStar = false
    public var arguments: [ExpressionSyntax] = []
}
