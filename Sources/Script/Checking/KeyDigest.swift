import Primitives

/// How texts become keys: what parties share in place of account numbers and names.
public enum KeyDigest {
    /// The first bits of SHA-256 over the domain and the text in canonical form.
    ///
    /// Of 64 bits, two of 2²⁴ different texts collide with probability 2⁻¹⁷; take 128 for more.
    public static func key(_ text: String, domain: String, bits: Int) -> UInt128 {
        let digest = SHA256.hash(Array("parley-key/v1\n\(domain)\n\(text)".utf8)).bytes
        return digest.prefix(bits / 8).enumerated().reduce(UInt128(0)) {
            $0 | UInt128($1.element) << UInt128(8 * $1.offset)
        }
    }
}
