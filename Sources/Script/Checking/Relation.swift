import Analytics

/// What a name of the script stands for while it is checked: a table of the program, and what is
/// known of its columns and rows.
struct Relation {
    struct Column {
        /// The name in the script and in the step's schema.
        var name: String
        var lineage: Lineage
        /// The declared table's key column whose value it is, if it is one.
        var key: SourceColumn?
        /// The thresholds, if it is a band.
        var bands: [String] = []
        /// Of a hidden count: the grouping whose rows it counts.
        var counted: Int?
    }
    var step: Int
    var columns: [Column]
    /// On what it depends which rows are there.
    var rows: Lineage
    /// The declared table whose rows these are, in the order of its owners' inputs.
    var aligned: String?
    /// How the rows were grouped, if the step follows from a grouping by local steps alone.
    var grouping: Grouping?
    /// By what the rows are ordered.
    var order: String?
    /// Whether one row of a table may be several of these.
    var isMultiplied = false

    struct Grouping {
        var source: Int
        var keys: [String]
        var aggregates: [Operation.NamedAggregate]
        /// What was done with the groups since then; each reads the one before.
        var later: [Operation]
        var steps: [Int]
    }

    subscript(name: String) -> Column? { columns.first { $0.name == name } }
}

/// A column that a name in an expression can mean.
struct ScopeColumn {
    var qualifier: String?
    var name: String
    /// In the schema of the step.
    var field: String
    var column: Relation.Column
}

/// What names mean in the expressions of one clause.
struct Scope {
    /// The table whose rows the expressions are about; nil where there are only constants.
    var step: Int?
    var columns: [ScopeColumn] = []
    /// Columns of its tables that nothing uses: what a misspelt name may mean.
    var unused: [String] = []
    /// Calls that have been computed already, by their place.
    var computed: [SourceRange: ScopeColumn] = [:]
    /// Whether aggregate functions may be called here.
    var explainsAggregates = "this is no place for it: use it in a select"
}
