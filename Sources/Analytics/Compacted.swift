import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// The valid rows alone, in their order, their number revealed to all parties: whatever follows
    /// costs as many rows as there are.
    ///
    /// Leaks that number, which a script that uses it discloses. One stable partition.
    public mutating func compacted(_ table: SecretTable<Self>) throws(AnalyticsError)
        -> SecretTable<Self>
    {
        let rows = table.packed()
        let kept = try computing { () throws(MPCError) in
            let flags = try fromBits(table.valid)
            let number = try revealedCount(total(flags), atMost: table.bound)
            return try partition(rows, by: flags).gathering(Array(0..<UInt32(number)))
        }
        return try table.unpacked(kept).table
    }
}
