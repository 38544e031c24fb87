/// Cells as text, the same in CSV, JSON and messages.
enum CellText {
    /// Cents as units with two decimals: `-0.05`, `1234.50`.
    static func money(_ cents: Int64) -> String {
        let digits = String(cents.magnitude)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return (cents < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// The text of an integer of a column of this type.
    static func integer(_ value: Int64, _ type: ColumnType) -> String {
        switch type {
        case .money: money(value)
        case .timestamp: CivilDate.text(value)
        case .code(let words): words[Int(value)]
        case .integer, .text, .key: String(value)
        }
    }
}
