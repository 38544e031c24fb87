public import Algebra
import Circuits
public import MPC
import Preprocessing
public import Primitives

extension CostEngine: Engine {
    public mutating func measuring<Result, Failure: Error>(
        _ name: String, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = tally.total
        tally.begin()
        defer { tally.end(name, since: start) }
        return try body(&self)
    }

    public mutating func isNegative(_ x: Shares) throws(MPCError) -> Bits {
        try counting(.compare, x.count) { (plan) throws(MPCError) in
            switch plan.engine {
            case .replicated3: try plan.isNegativeReplicated(x.count)
            default: try plan.isNegativeAdditive(x.count)
            }
        }
        return bits(1, x.count)
    }

    public mutating func isZero(_ x: Shares) throws(MPCError) -> Bits {
        try counting(.equal, x.count) { (plan) throws(MPCError) in
            switch plan.engine {
            case .replicated3: try plan.isZeroReplicated(x.count)
            default: try plan.isZeroAdditive(x.count)
            }
        }
        return bits(1, x.count)
    }

    public mutating func bits(of x: Shares, count: Int) throws(MPCError) -> Bits {
        try counting(.bits, x.count) { (plan) throws(MPCError) in
            switch plan.engine {
            case .replicated3: try plan.bitsReplicated(x.count, count)
            default: try plan.bitsAdditive(x.count, count)
            }
        }
        return bits(count, x.count)
    }

    public mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares {
        let count = b.rows * b.count
        try counting(.fromBits, count) { (plan) throws(MPCError) in
            switch plan.engine {
            case .replicated3: plan.pairProduct(count)
            default: plan.fromBitsAdditive(b.rows, b.count)
            }
        }
        return numbers(count)
    }

    public mutating func multiply(bits b: Bits, _ x: Shares) throws(MPCError) -> Shares {
        guard comparesByLeaves, x.count > 0 else { return try multiply(fromBits(b), x) }
        tally.engine(.multiplyByBits, x.count) {
            take(.bitProducts, wholeWords(x.count))
            open([byteCount(x.count) + byteCount(rows: b.rows, lanes: b.count)])
        }
        return numbers(x.count)
    }

    public mutating func truncate(_ x: Shares, by cut: Int) throws(MPCError) -> Shares {
        guard x.count > 0 || engine == .replicated3 else { return x }
        try counting(.truncate, x.count) { (plan) throws(MPCError) in
            switch plan.engine {
            case .replicated3: try plan.truncateReplicated(x.count, by: cut)
            default: try plan.truncateAdditive(x.count, by: cut)
            }
        }
        return numbers(x.count)
    }

    // MARK: Keys

    public mutating func sortKeys(_ records: Bits, bits: [UInt32]) throws(MPCError) -> KeysShape {
        if engine != .replicated3 {
            try counting(.sortKeys, records.rows * bits.count) { (plan) throws(MPCError) in
                try plan.keysAsNumbers(records.rows, bits: bits.count)
            }
        }
        // As numbers keys take a word or two.
        let areNumbers = comparesByLeaves && (1...127).contains(bits.count)
        let lanes = areNumbers ? (bits.count + 64) / 64 * 64 : records.count
        return KeysShape(records: self.bits(records.rows, lanes), bits: bits.count)
    }

    public mutating func isLess(_ x: KeysShape, than y: KeysShape) throws(MPCError) -> Bits {
        guard comparesByLeaves, (1...127).contains(x.bits) else {
            let (wires, others) = (x.records.transposed(), y.records.transposed())
            return try isLess(wires, than: others, rows: (0..<UInt32(x.bits)).map { $0 })
        }
        try counting(.compareKeys, x.count * x.bits) { (plan) throws(MPCError) in
            try plan.isGreaterByLeaves(x.count, bits: x.bits)
        }
        return bits(1, x.count)
    }

    /// The comparisons that are to be expected, level by level.
    public mutating func sorted(
        _ rows: consuming Columns<Shares, Bits>, by keys: consuming KeysShape, first wanted: Int,
        batch: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        let (width, lanes) = (keys.bits, keys.records.count)
        for level in QuicksortForecast(count: rows.count, wanted: wanted).comparisons {
            for (size, times) in [(batch, level / batch), (level % batch, 1)]
            where size * times > 0 {
                let shape = CostTally.Comparison(bits: width, lanes: lanes, keys: size)
                try repeating(times, shape) { (plan) throws(MPCError) in
                    let x = KeysShape(records: plan.bits(size, lanes), bits: width)
                    let y = KeysShape(records: plan.bits(size, lanes), bits: width)
                    let less = try plan.isLess(x, than: y)
                    plan.revealBytes(plan.byteCount(rows: less.rows, lanes: less.count))
                }
            }
            keys = KeysShape(records: bits(keys.count, lanes), bits: width)
        }
        return Columns(
            numbers: rows.numbers.map { _ in numbers(wanted) },
            records: bits(wanted, rows.records.count))
    }

    public mutating func arranged(_ rows: consuming Columns<Shares, Bits>, at places: Shares)
        -> Columns<Shares, Bits>
    {
        revealBytes(byteCount(places.count))
        return moved(rows)
    }

    public mutating func arranged(_ rows: consuming Columns<Shares, Bits>, at places: Bits)
        -> Columns<Shares, Bits>
    {
        revealBytes(byteCount(rows: places.rows, lanes: places.count))
        return moved(rows)
    }

    /// The most that it can be.
    public mutating func revealedCount(_ count: Shares, atMost bound: Int) -> Int {
        revealBytes(byteCount(count.count))
        return bound
    }

    // MARK: Rearrangements

    public mutating func shuffle(_ columns: consuming Columns<Shares, Bits>)
        -> Columns<Shares, Bits>
    {
        tally.engine(.shuffle, rowBytes(columns)) {
            if engine == .replicated3 {
                shuffleReplicated(columns)
            } else {
                for owner in tally.everyParty { translate(columns, owner) }
            }
        }
        return moved(columns)
    }

    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?, knownTo owner: Party
    ) -> Columns<Shares, Bits> {
        tally.engine(.permute, rowBytes(columns)) {
            if engine == .replicated3 {
                permuteReplicated(columns, owner.index)
            } else if columns.count > 0 {
                translate(columns, owner.index)
                _ = tally.nextOperation()
                tally.frame(4 * columns.count, from: owner.index, copies: tally.parties - 1)
            }
        }
        return moved(columns)
    }

    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) -> Columns<Shares, Bits> {
        guard engine == .replicated3 else {
            return permute(columns, by: permutation, knownTo: owners.0)
        }
        tally.engine(.permute, rowBytes(columns)) {
            permuteReplicated(columns, (owners.0.index, owners.1.index))
        }
        return moved(columns)
    }

    private func rowBytes(_ columns: Columns<Shares, Bits>) -> Int {
        let (numbers, records) = byteCounts(columns)
        return numbers.reduce(records, +)
    }

    // MARK: Counting

    /// As ``CostTally/engine(_:_:_:)`` for what calls other operations of this engine.
    mutating func counting(
        _ work: Work, _ units: Int, _ body: (inout Self) throws(MPCError) -> Void
    ) throws(MPCError) {
        let tally = tally
        try tally.engine(work, units) { () throws(MPCError) in try body(&self) }
    }

    /// Without correlated randomness, and openings by kings in turn, a comparison's shape decides.
    private mutating func repeating(
        _ count: Int, _ shape: CostTally.Comparison,
        _ body: (inout Self) throws(MPCError) -> Void
    ) throws(MPCError) {
        let tally = tally
        let isKnown = engine == .replicated3
        try tally.repeating(count) { () throws(MPCError) in
            guard isKnown else { return try body(&self) }
            try tally.remembering(shape) { () throws(MPCError) in try body(&self) }
        }
    }
}
