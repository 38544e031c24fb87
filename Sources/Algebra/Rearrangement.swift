import CKernels

/// What tables need: rows taken at public places, running sums, shifts.
extension Vector {
    /// Element i of the result is element `indices[i]`: shape n → indices.count.
    public func gathering(_ indices: [UInt32]) -> Self {
        Self(ring, canonical: gatheredRows(limbs, width: ring.limbsPerElement, indices))
    }

    /// A matrix of `rows` × `columns`, row by row, as its columns one after the other.
    package func transposed(rows: Int, columns: Int) -> Self {
        precondition(count == rows * columns, "not \(rows) × \(columns) elements")
        guard rows > 1, columns > 1 else { return self }
        return gathering(
            (0..<columns).flatMap { column in (0..<rows).map { UInt32($0 * columns + column) } })
    }

    /// The running sums: element i of the result is the sum of elements 0 to i.
    public func prefixSums() -> Self {
        let source = limbs
        return Self(
            ring,
            canonical: Array(capacity: source.count) { ring.prefixSums(source.span, into: &$0) })
    }

    /// ⌊x / 2^bits⌋ of each element, read as a plain integer in 0 ..< order; constant time.
    package func shiftedRight(by bits: Int) -> Self {
        let width = ring.limbsPerElement
        let (words, rest) = (bits / 64, UInt64(bits % 64))
        let plain = decoded()
        let shifted = [UInt64](capacity: plain.count) { output in
            for start in stride(from: 0, to: plain.count, by: width) {
                for limb in 0..<width {
                    let from = limb + words
                    let low = from < width ? plain[start + from] : 0
                    let high = from + 1 < width ? plain[start + from + 1] : 0
                    output.append(low &>> rest | (high &<< 1) &<< (63 &- rest))
                }
            }
        }
        return Self(
            ring, canonical: Array(capacity: plain.count) { ring.encode(shifted.span, into: &$0) })
    }
}

extension BitMatrix {
    /// Row i of the result is row `indices[i]`: shape r × n → indices.count × n.
    public func gatheringRows(_ indices: [UInt32]) -> Self {
        Self(
            rows: indices.count, count: count,
            words: gatheredRows(words, width: wordsPerRow, indices))
    }

    /// The running XORs: row i of the result is the XOR of rows 0 to i.
    public func prefixXORs() -> Self {
        let (source, width) = (words, wordsPerRow)
        return Self(
            rows: rows, count: count,
            words: Array(capacity: source.count) { output in
                unsafe output.append(count: source.count) { result in
                    // Both are `rows` rows of `width` words.
                    unsafe source.span.withPointer {
                        unsafe ck_prefix_xors($0, width, rows, result)
                    }
                }
            })
    }

    /// Lane j of the result is lane j − distance, zero where there is none.
    ///
    /// A negative distance shifts towards lane 0.
    public func shiftedLanes(by distance: Int) -> Self {
        let (whole, rest) = distance.quotientAndRemainderFloor(dividingBy: 64)
        let (width, source) = (wordsPerRow, words)
        var result = [UInt64](repeating: 0, count: source.count)
        var span = result.mutableSpan
        // Words of a row go `whole` words on, and their upper bits one word further.
        func staying(_ distance: Int) -> Range<Int> {
            let first = min(width, max(0, -distance))
            return first..<max(first, min(width, width - distance))
        }
        let (lower, upper) = (staying(whole), staying(whole + 1))
        for start in stride(from: 0, to: source.count, by: max(1, width)) {
            let row = source.span.extracting(start..<start + width)
            xorWords(row.extracting(lower), into: &span, at: start + lower.lowerBound + whole) {
                $0 &<< UInt64(rest)
            }
            xorWords(row.extracting(upper), into: &span, at: start + upper.lowerBound + whole + 1) {
                ($0 &>> 1) &>> UInt64(63 - rest)
            }
        }
        return Self(maskingTails: result, rows: rows, count: count)
    }
}

extension Int {
    fileprivate func quotientAndRemainderFloor(dividingBy divisor: Int) -> (Int, Int) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}

/// Rows of `width` words: row i of the result is row `indices[i]` of `source`.
func gatheredRows(_ source: [UInt64], width: Int, _ indices: [UInt32]) -> [UInt64] {
    guard width > 0 else { return [] }
    let largest = indices.reduce(0) { max($0, $1) }
    precondition(
        indices.isEmpty || Int(largest) < source.count / width,
        "row \(largest) of \(source.count / width)")
    return [UInt64](capacity: indices.count * width) { output in
        unsafe output.append(count: indices.count * width) { result in
            // Every index is below the number of rows, by the precondition.
            unsafe source.span.withPointer { source in
                unsafe indices.withUnsafeBufferPointer { indices in
                    guard let source = unsafe source, let result = unsafe result,
                        let first = indices.baseAddress
                    else { return }
                    forEachChunk(of: indices.count, chunk: 1 << 14) { part in
                        unsafe ck_gather_rows(
                            source, width, first + part.lowerBound, part.count,
                            result + part.lowerBound * width)
                    }
                }
            }
        }
    }
}
