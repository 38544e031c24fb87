/// What tables need: rows taken at public places, running sums, shifts, transposes.
extension Vector {
    /// Element i of the result is element `indices[i]`: shape n → indices.count.
    public func gathering(_ indices: [UInt32]) -> Self {
        let (width, source) = (ring.limbsPerElement, limbs)
        return Self(
            ring,
            canonical: Array(capacity: indices.count * width) { output in
                for index in indices {
                    for limb in 0..<width { output.append(source[Int(index) * width + limb]) }
                }
            })
    }

    /// The running sums: element i of the result is the sum of elements 0 to i.
    public func prefixSums() -> Self {
        let (width, source) = (ring.limbsPerElement, limbs)
        var sum = [UInt64](repeating: 0, count: width)
        return Self(
            ring,
            canonical: Array(capacity: source.count) { output in
                for start in stride(from: 0, to: source.count, by: width) {
                    var span = sum.mutableSpan
                    ring.accumulate(source.span.extracting(start..<start + width), into: &span)
                    for limb in sum { output.append(limb) }
                }
            })
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
        let (width, source) = (wordsPerRow, words)
        return Self(
            rows: indices.count, count: count,
            words: Array(capacity: indices.count * width) { output in
                for index in indices {
                    for word in 0..<width { output.append(source[Int(index) * width + word]) }
                }
            })
    }

    /// The running XORs: row i of the result is the XOR of rows 0 to i.
    public func prefixXORs() -> Self {
        let (width, source) = (wordsPerRow, words)
        var sum = [UInt64](repeating: 0, count: width)
        return Self(
            rows: rows, count: count,
            words: Array(capacity: source.count) { output in
                for start in stride(from: 0, to: source.count, by: max(1, width)) {
                    for word in 0..<width {
                        sum[word] ^= source[start + word]
                        output.append(sum[word])
                    }
                }
            })
    }

    /// Lane j of row i becomes lane i of row j: shape r × n → n × r.
    public func transposed() -> Self {
        var result = [UInt64](repeating: 0, count: count * Self.wordsPerRow(rows))
        let width = Self.wordsPerRow(rows)
        for block in 0..<width {
            let part = self[block * 64..<min(rows, block * 64 + 64)]
            for (lane, word) in part.integers(limbsPerInteger: 1).enumerated() {
                result[lane * width + block] = word
            }
        }
        return Self(rows: count, count: rows, words: result)
    }

    /// Lane j of the result is lane j − distance, zero where there is none.
    ///
    /// A negative distance shifts towards lane 0.
    public func shiftedLanes(by distance: Int) -> Self {
        let (width, source) = (wordsPerRow, words)
        let (whole, rest) = distance.quotientAndRemainderFloor(dividingBy: 64)
        var result = [UInt64](repeating: 0, count: source.count)
        for row in 0..<rows {
            for word in 0..<width {
                func at(_ index: Int) -> UInt64 {
                    (0..<width).contains(index) ? source[row * width + index] : 0
                }
                let from = word - whole
                result[row * width + word] =
                    at(from) &<< UInt64(rest) | (at(from - 1) &>> 1) &>> UInt64(63 - rest)
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
