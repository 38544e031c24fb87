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
        return KeysShape(count: records.rows, bits: bits.count)
    }

    public mutating func isLess(_ x: KeysShape, than y: KeysShape) throws(MPCError) -> Bits {
        guard comparesByLeaves, (1...127).contains(x.bits) else {
            let keys = bits(x.bits, x.count)
            return try isLess(keys, than: keys)
        }
        try counting(.compareKeys, x.count * x.bits) { (plan) throws(MPCError) in
            try plan.isGreaterByLeaves(x.count, bits: x.bits)
        }
        return bits(1, x.count)
    }

    /// The comparisons that are to be expected, level by level.
    public mutating func sortedOrder(
        _ keys: inout KeysShape, count: Int, wanted: Int, batch: Int
    ) throws(MPCError) -> [UInt32] {
        let forecast = QuicksortForecast(count: count, wanted: wanted)
        for level in forecast.comparisons {
            for (size, times) in [(batch, level / batch), (level % batch, 1)]
            where size * times > 0 {
                try repeating(times) { (plan) throws(MPCError) in
                    let part = KeysShape(count: size, bits: keys.bits)
                    let less = try plan.isLess(part, than: part)
                    plan.revealBytes(plan.byteCount(rows: less.rows, lanes: less.count))
                }
            }
        }
        return tally.order(count)
    }

    public mutating func revealedOrder(_ places: Shares) -> [UInt32] {
        revealBytes(byteCount(places.count))
        return tally.order(places.count)
    }

    public mutating func revealedOrder(_ places: Bits) -> [UInt32] {
        revealBytes(byteCount(rows: places.rows, lanes: places.count))
        return tally.order(places.rows)
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

    private mutating func repeating(
        _ count: Int, _ body: (inout Self) throws(MPCError) -> Void
    ) throws(MPCError) {
        let tally = tally
        try tally.repeating(count) { () throws(MPCError) in try body(&self) }
    }
}
