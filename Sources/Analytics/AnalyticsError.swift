public import MPC

/// Why an operator on secret tables stops, by who must act.
///
/// Texts name tables' columns, rows of the reader's own data and public bounds; never a value.
public enum AnalyticsError: Error, Hashable, Sendable {
    /// The computation itself failed.
    case computation(MPCError)

    // The owner of the data must act. Nothing has been sent.

    /// A value outside its column's range, in a row of the owner's data, counted from 0.
    case outOfRange(column: String, row: Int, type: ColumnType)
    case tooManyRows(count: Int, bound: Int)
    /// Two rows of the owner's data have the same unique key.
    case duplicateKey(columns: [String], rows: [Int])
    /// The data are not columns of equal length that the schema describes.
    case wrongData(reason: String)

    // The author of the computation must act. Found before anything runs.

    /// Values that the columns' ranges allow leave what the ring can compare.
    case overflow(expression: String, range: ClosedRange<Int128>, bound: Int128)
    case wrongType(expression: String, reason: String)
    case unknownColumn(String, known: [String])
    case duplicateColumn(String)
    case differentColumns(reason: String)
    /// A join on columns of which nobody knows that they differ in all rows.
    case notUnique(columns: [String])
}

extension AnalyticsError: CustomStringConvertible {
    /// One line for people: what happened, where and what to do.
    public var description: String {
        switch self {
        case .computation(let error): "\(error)"
        case .outOfRange(let column, let row, let type):
            "row \(row) of column \"\(column)\" is not \(type); correct the data or the range"
        case .tooManyRows(let count, let bound):
            "\(count) rows where at most \(bound) are declared; declare more or send fewer"
        case .duplicateKey(let columns, let rows):
            "rows \(rows.map(\.description).joined(separator: " and ")) have the same "
                + "\(columns.joined(separator: ", ")), which is declared unique; remove one"
        case .wrongData(let reason): "the data do not fit the table: \(reason)"
        case .overflow(let expression, let range, let bound):
            "\(expression) may be anything in \(text(range)), beyond ±\(bound); "
                + "narrow the columns' ranges or use a wider ring"
        case .wrongType(let expression, let reason): "\(expression): \(reason)"
        case .unknownColumn(let name, let known):
            "there is no column \"\(name)\"; there are \(known.joined(separator: ", "))"
        case .duplicateColumn(let name):
            "there are two columns \"\(name)\"; give one another name"
        case .notUnique(let columns):
            "rows may have the same \(columns.joined(separator: ", ")); declare it unique at the "
                + "input, group by it, or join with a stated number of partners"
        case .differentColumns(let reason): "the tables do not fit together: \(reason)"
        }
    }
}

/// Runs protocol code whose failure ends an operator.
func computing<T>(_ body: () throws(MPCError) -> T) throws(AnalyticsError) -> T {
    do { return try body() } catch { throw .computation(error) }
}
