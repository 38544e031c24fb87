import Primitives
import Testing

@Suite struct AuthenticatedCipherTests {
    private let zeroKey = SecretBytes(copying: [UInt8](repeating: 0, count: 32))
    private let zeroNonce = [UInt8](repeating: 0, count: 12)

    private func seal(_ text: [UInt8], context: [UInt8] = []) -> [UInt8] {
        AuthenticatedCipher.seal(
            byteCount: text.count, key: zeroKey, nonce: zeroNonce, context: context
        ) { output in for byte in text { output.append(byte) } }
    }

    @Test("Test cases 13 and 14 of the GCM specification (McGrew and Viega)")
    func vectors() {
        let nonce = zeroNonce.hex
        #expect(seal([]).hex == nonce + "530f8afbc74536b9a963b4f1c4cb738b")
        #expect(
            seal([UInt8](repeating: 0, count: 16)).hex == nonce
                + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919")
    }

    @Test(
        "What was sealed opens; with one bit changed anywhere, or another context or key, it does not"
    )
    func changes() {
        let text = (0..<100).map { UInt8($0) }
        let sealed = seal(text, context: [1, 2])
        #expect(
            AuthenticatedCipher.open(sealed, key: zeroKey, context: [1, 2]).map(Array.init) == text)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x10
            #expect(AuthenticatedCipher.open(changed, key: zeroKey, context: [1, 2]) == nil)
        }
        #expect(AuthenticatedCipher.open(sealed, key: zeroKey, context: [1]) == nil)
        let other = SecretBytes(copying: [UInt8](repeating: 1, count: 32))
        #expect(AuthenticatedCipher.open(sealed, key: other, context: [1, 2]) == nil)
        for count in [0, 12, 27] {
            let short = Array(sealed.prefix(count))
            #expect(AuthenticatedCipher.open(short, key: zeroKey, context: [1, 2]) == nil)
        }
    }
}
