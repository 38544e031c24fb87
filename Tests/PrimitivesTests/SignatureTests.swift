import Primitives
import TestSupport
import Testing

struct SignatureTests {
    struct Vector: Sendable {
        let seed, publicKey, message, signature: String
    }

    /// RFC 8032, 7.1: tests 1 to 3.
    static let vectors = [
        Vector(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Vector(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
                + "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Vector(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
                + "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]

    @Test("RFC 8032 vectors", arguments: vectors)
    func knownAnswer(vector: Vector) throws {
        let seed = try #require([UInt8](hex: vector.seed))
        let message = try #require([UInt8](hex: vector.message))
        let key = SigningKey(seed: SecretBytes(copying: seed))
        #expect(key.publicKey.hex == vector.publicKey)
        let signature = key.sign(message)
        #expect(signature.hex == vector.signature)
        #expect(try VerifyingKey(hex: vector.publicKey).verify(signature, of: message))
    }

    @Test func anyChangeIsRefused() {
        let key = SigningKey(using: SeededRandomness(seed: 3))
        let message = Array("checkpoint 17".utf8)
        let signature = key.sign(message)
        #expect(key.publicKey.verify(signature, of: message))
        #expect(!key.publicKey.verify(signature, of: message + [0]))
        #expect(!key.publicKey.verify(Array(signature.dropLast()), of: message))
        #expect(!key.publicKey.verify([], of: message))
        #expect(!key.derived(label: "log").publicKey.verify(signature, of: message))
        for index in signature.indices {
            var other = signature
            other[index] ^= 1
            #expect(!key.publicKey.verify(other, of: message))
        }
    }

    /// Adding the group's order to s gives a second valid pair unless s < L is checked.
    @Test func malleatedSignatureIsRefused() throws {
        let vector = Self.vectors[1]
        var signature = try #require([UInt8](hex: vector.signature))
        let order = try #require(
            [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
        var carry = 0
        for index in order.indices {
            let sum = Int(signature[32 + index]) + Int(order[index]) + carry
            signature[32 + index] = UInt8(sum & 255)
            carry = sum >> 8
        }
        #expect(try !VerifyingKey(hex: vector.publicKey).verify(signature, of: [0x72]))
    }

    @Test func subkeysDependOnTheLabel() {
        let key = SigningKey(using: SeededRandomness(seed: 3))
        let keys = ["statement", "cosigner", "log"].map { key.derived(label: $0).publicKey }
        #expect(Set(keys + [key.publicKey]).count == 4)
        #expect(key.derived(label: "log").publicKey == keys[2])
    }

    @Test func publicKeysAreValidated() throws {
        let zeros = String(repeating: "00", count: 31)
        #expect(throws: KeyError.wrongLength(31)) { try VerifyingKey(hex: zeros) }
        #expect(throws: KeyError.notHexadecimal) { try VerifyingKey(hex: zeros + "0g") }
        // p and p + 1 are 0 and 1 not reduced; the identity with either sign of x is of order 1.
        let tail = String(repeating: "ff", count: 30)
        #expect(throws: KeyError.notCanonical) { try VerifyingKey(hex: "ed" + tail + "7f") }
        #expect(throws: KeyError.notCanonical) { try VerifyingKey(hex: "ee" + tail + "ff") }
        #expect(throws: KeyError.smallOrder) { try VerifyingKey(hex: "ec" + tail + "7f") }
        #expect(throws: KeyError.smallOrder) { try VerifyingKey(hex: "01" + zeros) }
        #expect(throws: KeyError.smallOrder) {
            try VerifyingKey(hex: "01" + zeros.dropLast(2) + "80")
        }
        #expect(throws: KeyError.smallOrder) { try VerifyingKey(hex: "00" + zeros) }
        #expect(throws: KeyError.smallOrder) {
            try VerifyingKey(
                hex: "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        }
        #expect(throws: KeyError.smallOrder) {
            try VerifyingKey(
                hex: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")
        }
        let key = SigningKey(using: SeededRandomness(seed: 4)).publicKey
        #expect(try VerifyingKey(key.bytes) == key)
        #expect(key.base64.count == 44)
    }
}
