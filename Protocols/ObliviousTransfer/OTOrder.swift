/// How the OTs of one batch are counted: rows of lanes, row after row.
///
/// OT (i, e) of a batch of `rows` × `count`, with `count` a multiple of 64, has index
/// i · count + e.
package struct OTOrder: Hashable, Sendable {
    package let rows, count: Int

    package init(rows: Int, count: Int) {
        precondition(count.isMultiple(of: 64), "lanes come in whole words")
        (self.rows, self.count) = (rows, count)
    }

    package var total: Int { rows * count }
}
