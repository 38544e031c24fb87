import Analytics
package import Primitives
package import Script
import Tables

extension ScriptInputs {
    /// What the party has, for its own eyes: rows read and kept, and of each column what was seen
    /// beside what is declared.
    package func report(_ script: CheckedScript, me: Party) -> [String] {
        zip(script.brought(by: me), committed).flatMap { brought, read -> [String] in
            guard let rows = plain[brought.input] else { return [] }
            let fields = script.program.inputs[brought.input].schema.fields
            let columns = zip(fields, rows.columns).map { field, column in
                "  \(field.name): \(seen(column, field.type))"
            }
            guard let preparation = brought.preparation else {
                return ["\(brought.name): \(counted(read.table.rowCount, "row")) read"] + columns
            }
            let raw = zip(preparation.columns, read.table.columns).compactMap { column, cells in
                guard case .integers(let values) = cells else { return String?.none }
                let seen = seen(.numbers(values.map { Int128($0) }), column.field.type)
                return "  \(column.field.name): \(seen)"
            }
            return ["\(brought.source): \(counted(read.table.rowCount, "row")) read"] + raw
                + ["\(brought.name): \(counted(rows.count, "row")) prepared from them"] + columns
        }
    }

    private func seen(_ column: PlainColumn, _ type: Analytics.ColumnType) -> String {
        switch column {
        case .numbers(let values):
            guard let low = values.min(), let high = values.max() else { return "no rows" }
            let cells = Tables.ColumnType(type)
            func text(_ value: Int128) -> String {
                Int64(exactly: value).map { CellText.integer($0, cells) } ?? "\(value)"
            }
            guard let range = type.range else { return "\(low) to \(high)" }
            return "\(text(low)) to \(text(high)), declared \(text(range.lowerBound)) to "
                + text(range.upperBound)
        case .bools(let values): return "\(values.count { $0 }) true of \(values.count)"
        case .keys(let keys): return "\(Set(keys).count) different keys"
        case .codes(let codes):
            return "\(Set(codes).count) different labels"
        }
    }
}
