package import Primitives

/// 128 oblivious transfers of keys: Endemic OT over ristretto255 (Masny and Rindal, eprint
/// 2019/706), in the random-oracle model from computational Diffie–Hellman.
///
/// The sender ends with two keys an OT, the receiver with the one of its choice. Whoever deviates
/// may bias its own keys, which is harmless where keys are only seeds. One message each way: 32
/// bytes, then 64 an OT. Everything hashed names the session, sender, receiver and OT, and keys
/// also all points, so that no message of another place fits here.
///
/// The random oracles are SHA-512 with ristretto255's map into the group, and SHA-256.
package enum BaseOT {
    package static let count = 128
    package static let keyByteCount = 16
    package static let pointByteCount = RistrettoPoint.byteCount
    /// The receiver's message: R₀ and R₁ of each OT.
    package static let responseByteCount = 2 * pointByteCount * count

    /// Where the OTs happen; both ends have the same.
    package struct Place: Sendable {
        private let context: [UInt8]

        package init(session: Digest, sender: Party, receiver: Party) {
            var context: [UInt8] = []
            context.append(lengthPrefixed: "parley/base-ot/v1")
            context += session.bytes
            context.append(littleEndian: UInt32(sender.index))
            context.append(littleEndian: UInt32(receiver.index))
            self.context = context
        }

        /// H(i, c, R), into the group.
        fileprivate func point(_ ot: Int, _ choice: UInt8, _ other: RistrettoPoint)
            -> RistrettoPoint
        {
            RistrettoPoint(hashing: message(0, ot, choice) + other.bytes)
        }

        /// The key of choice c: a hash of K and of all that was sent.
        fileprivate func key(
            _ ot: Int, _ choice: UInt8, _ points: [UInt8], _ shared: SecretBytes
        ) -> SecretBytes {
            var hasher = SHA256()
            hasher.update(message(1, ot, choice))
            hasher.update(points)
            hasher.update(shared)
            return hasher.finalizeSecret().prefix(keyByteCount)
        }

        private func message(_ purpose: UInt8, _ ot: Int, _ choice: UInt8) -> [UInt8] {
            var message = context + [purpose, choice]
            message.append(littleEndian: UInt32(ot))
            return message
        }
    }

    /// The sender's end.
    package struct Sender {
        private let y: RistrettoScalar
        /// 1. B = yG, sent once.
        package let message: [UInt8]

        package init(randomness: some RandomSource) {
            y = RistrettoScalar(randomness: randomness)
            message = RistrettoPoint(generatorTimes: y).bytes
        }

        /// 3. K_c = y (R_c + H(i, c, R_{1−c})), as keys: 32 bytes an OT, the key of choice 0 first.
        ///
        /// Nil unless `response` is all valid points.
        package func keys(from response: [UInt8], at place: Place) -> SecretBytes? {
            guard response.count == responseByteCount else { return nil }
            var points: [RistrettoPoint] = []
            for start in stride(from: 0, to: response.count, by: pointByteCount) {
                let encoded = Array(response[start..<start + pointByteCount])
                guard let point = RistrettoPoint(encoded) else { return nil }
                points.append(point)
            }
            let keys = (0..<2 * count).map { place in (place / 2, UInt8(place % 2)) }
                .map { ot, choice in
                    let (own, other) = (
                        points[2 * ot + Int(choice)], points[2 * ot + 1 - Int(choice)]
                    )
                    let shared = y * (own + place.point(ot, choice, other))
                    let sent = message + points[2 * ot].bytes + points[2 * ot + 1].bytes
                    return place.key(ot, choice, sent, shared)
                }
            return SecretBytes(joining: keys)
        }
    }

    /// 2. The receiver's end: points R₀, R₁ of each OT, and the keys of its choices, 16 bytes each.
    ///
    /// Nil unless `message` is a valid point. R_{1−b} is a random point whose logarithm nobody
    /// knows, and R_b = tG − H(i, b, R_{1−b}); the key is that of K_b = tB.
    ///
    /// - Parameter choices: a byte an OT, 0 or 1. Nothing branches on it or indexes by it.
    package static func respond(
        to message: [UInt8], choices: SecretBytes, at place: Place, randomness: some RandomSource
    ) -> (response: [UInt8], keys: SecretBytes)? {
        precondition(choices.count == count, "a choice an OT")
        guard let b = RistrettoPoint(message) else { return nil }
        var response: [UInt8] = []
        var keys: [SecretBytes] = []
        for ot in 0..<count {
            let choice = choices.withBytes { $0[ot] }
            let other = RistrettoPoint(uniform: randomness.secret(64))
            let t = RistrettoScalar(randomness: randomness)
            let own = RistrettoPoint(generatorTimes: t) - place.point(ot, choice, other)
            let points = ordered(own.bytes, other.bytes, swappedIf: choice)
            response += points
            keys.append(place.key(ot, choice, message + points, t * b))
        }
        return (response, SecretBytes(joining: keys))
    }

    /// The first then the second, or the other way round if `bit` is 1, without a branch.
    private static func ordered(_ a: [UInt8], _ b: [UInt8], swappedIf bit: UInt8) -> [UInt8] {
        let mask = 0 &- bit
        let difference = zip(a, b).map { mask & ($0 ^ $1) }
        return zip(a, difference).map { $0 ^ $1 } + zip(b, difference).map { $0 ^ $1 }
    }
}
