import Primitives
import Testing

struct SHA256Tests {
    @Test(
        "FIPS 180-4 examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func knownAnswer(message: String, digest: String) {
        #expect(SHA256.hash(Array(message.utf8)).hex == digest)
    }

    @Test func piecesHashAsTheWhole() {
        let message = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let whole = SHA256.hash(message)
        for cut in [0, 1, 63, 64, 65, 299, 300] {
            #expect(SHA256.hash(Array(message[..<cut]), Array(message[cut...])) == whole)
        }
    }

    @Test func hasherStartsAnewAfterEachDigest() {
        var hasher = SHA256()
        hasher.update(Array("abc".utf8))
        #expect(hasher.finalize() == SHA256.hash(Array("abc".utf8)))
        #expect(hasher.finalize() == SHA256.hash())
    }

    @Test func digestText() throws {
        let digest = SHA256.hash(Array("abc".utf8))
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(hex: digest.hex.uppercased()) == digest)
        #expect(Digest(digest.bytes) == digest)
        #expect(Digest(hex: String(digest.hex.dropLast(2))) == nil)
        #expect(Digest(hex: "zz" + digest.hex.dropFirst(2)) == nil)
        #expect(Digest(hex: "+f" + digest.hex.dropFirst(2)) == nil)
        #expect(Digest([UInt8](repeating: 0, count: 33)) == nil)
        for index in 0..<32 {
            var bytes = digest.bytes
            bytes[index] ^= 1
            #expect(Digest(bytes) != digest)
        }
    }
}
