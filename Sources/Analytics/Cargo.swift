import Algebra
import MPC

/// Columns that travel behind a flag, and come out in the order in which they were loaded.
struct Cargo<E: Engine & ~Copyable> {
    private var columns: [ColumnShares<E>] = []

    mutating func load(_ column: ColumnShares<E>) { columns.append(column) }

    /// The columns of numbers; and the flag and the columns of bits as wires.
    func loaded(flag: E.Bits) -> (numbers: [E.Shares], wires: E.Bits) {
        var (numbers, wires): ([E.Shares], [E.Bits]) = ([], [flag])
        for column in columns {
            switch column {
            case .numbers(let shares): numbers.append(shares)
            case .bits(let bits): wires.append(bits)
            }
        }
        return (numbers, E.Bits.concatenating(rows: wires))
    }

    /// The flag is bit 0 of each record.
    func packed(flag: E.Bits) -> Columns<E.Shares, E.Bits> {
        let (numbers, wires) = loaded(flag: flag)
        return Columns(numbers: numbers, records: wires.transposed())
    }

    /// Takes rows that ``packed(flag:)`` has sent on their way.
    func unpacked(_ rows: Columns<E.Shares, E.Bits>) -> UnloadedCargo<E> {
        unloaded(numbers: rows.numbers, wires: rows.records.transposed())
    }

    /// Takes what ``loaded(flag:)`` has sent on its way.
    func unloaded(numbers: [E.Shares], wires: E.Bits) -> UnloadedCargo<E> {
        var (nextNumber, nextWire) = (0, 1)
        var unloaded: [ColumnShares<E>] = []
        for column in columns {
            switch column {
            case .numbers:
                unloaded.append(.numbers(numbers[nextNumber]))
                nextNumber += 1
            case .bits(let bits):
                unloaded.append(.bits(wires[nextWire..<nextWire + bits.rows]))
                nextWire += bits.rows
            }
        }
        return UnloadedCargo(flag: wires[0..<1], columns: unloaded[...])
    }
}

/// Columns at their destination.
struct UnloadedCargo<E: Engine & ~Copyable> {
    /// 1 row of n lanes.
    let flag: E.Bits
    fileprivate var columns: ArraySlice<ColumnShares<E>>

    fileprivate init(flag: E.Bits, columns: ArraySlice<ColumnShares<E>>) {
        (self.flag, self.columns) = (flag, columns)
    }

    /// The next column, in the order of loading.
    mutating func next() -> ColumnShares<E> { columns.removeFirst() }
}

extension ColumnShares where E: ~Copyable {
    var count: Int {
        switch self {
        case .numbers(let shares): shares.count
        case .bits(let bits): bits.count
        }
    }

    /// Row j holds what row j + 1 held; the last row anything.
    func rowBelow() -> Self {
        switch self {
        case .numbers(let shares):
            guard shares.count > 1 else { return self }
            let last = shares.count - 1
            return .numbers(
                E.Shares.concatenating([shares[1..<last + 1], shares[last..<last + 1]]))
        case .bits(let bits): return .bits(bits.shiftedLanes(by: -1))
        }
    }

    /// Row j holds what row j − 1 held, row 0 what row 0 of `first` holds.
    func rowAbove(first: Self) -> Self {
        switch (self, first) {
        case (.numbers(let shares), .numbers(let first)) where shares.count > 0:
            return .numbers(
                E.Shares.concatenating([first[0..<1], shares[0..<shares.count - 1]]))
        case (.bits(let bits), .bits(let first)):
            let above = bits.shiftedLanes(by: 1)
            let isFirst = ~BitMatrix(rows: bits.rows, count: bits.count, repeating: true)
                .shiftedLanes(by: 1)
            return .bits(above ^ (isFirst & first.lanes(0..<bits.count)))
        default: return self
        }
    }

    /// Consecutive rows; a range of bits begins at a multiple of 64.
    subscript(rows: Range<Int>) -> Self {
        switch self {
        case .numbers(let shares): .numbers(shares[rows])
        case .bits(let bits): .bits(bits.lanes(rows))
        }
    }
}
