/// Everything that is wrong with one file: the first twenty mistakes and how many there are.
///
/// Messages name lines and columns, never the cells' contents, which may be confidential.
public struct TableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One mistake and where it is.
    public struct Mistake: Hashable, Sendable, CustomStringConvertible {
        /// The physical line, from 1; nil when it concerns the whole file, or a row of a database.
        public let line: Int?
        /// The number of a database's row in the order read, from 1.
        public let row: Int?
        /// The column's name and its number in the file, from 1.
        public let column: String?
        public let columnNumber: Int?
        /// What is wrong and what to do.
        public let message: String

        public init(
            line: Int? = nil, row: Int? = nil, column: String? = nil, columnNumber: Int? = nil,
            _ message: String
        ) {
            (self.line, self.row, self.column) = (line, row, column)
            (self.columnNumber, self.message) = (columnNumber, message)
        }

        public var description: String {
            var place: [String] = []
            if let line { place.append("line \(line)") }
            if let row { place.append("row \(row)") }
            if let column {
                place.append("column \(column)" + (columnNumber.map { " (\($0))" } ?? ""))
            }
            return place.isEmpty ? message : place.joined(separator: ", ") + ": " + message
        }
    }

    /// How many mistakes are kept and shown.
    public static let shown = 20

    public let file: String
    /// At most ``shown`` mistakes, in the order of the file.
    public private(set) var mistakes: [Mistake] = []
    /// All mistakes, those not shown too.
    public private(set) var count = 0

    public init(file: String, _ mistakes: [Mistake] = []) {
        self.file = file
        for mistake in mistakes { add(mistake) }
    }

    package mutating func add(_ mistake: @autoclosure () -> Mistake) {
        if count < Self.shown { mistakes.append(mistake()) }
        count += 1
    }

    /// One line for each mistake, each beginning with the file.
    public var description: String {
        var lines = mistakes.map { "\(file): \($0)" }
        if count > mistakes.count { lines.append("\(file): and \(count - mistakes.count) more") }
        return lines.joined(separator: "\n")
    }
}
