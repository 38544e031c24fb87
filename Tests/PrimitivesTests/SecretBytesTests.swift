import Primitives
import Synchronization
import TestSupport
import Testing

struct SecretBytesTests {
    @Test func contentIsNeverPrinted() {
        let secret = SecretBytes(copying: Array("hunter2".utf8))
        let signing = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 0xa5, count: 32)))
        var text =
            "\(secret) \(String(reflecting: secret)) \(signing) \(String(reflecting: signing))"
        dump(secret, to: &text)
        dump(signing, to: &text)
        for form in ["hunter2", "104", "165", "a5a5"] { #expect(!text.contains(form)) }
        #expect(secret.description == "7 secret bytes")
    }

    @Test func memoryIsWipedWhenTheLastOwnerLetsGo() {
        let seen = Mutex<[UInt8]?>(nil)
        var secret: SecretBytes? = SecretBytes(
            count: 5,
            onWipe: { bytes in seen.withLock { $0 = bytes.indices.map { bytes[$0] } } },
            fill: { bytes in for index in bytes.indices { bytes[index] = 0xff } })
        var second = secret
        secret = nil
        #expect(seen.withLock { $0 } == nil)
        #expect(second?.copyBytes() == [255, 255, 255, 255, 255])
        second = nil
        #expect(seen.withLock { $0 } == [0, 0, 0, 0, 0])
    }

    @Test func comparison() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret.constantTimeEquals(SecretBytes(copying: [1, 2, 3])))
        for other in [[1, 2], [1, 2, 3, 0], [0, 2, 3], [1, 2, 4], []] as [[UInt8]] {
            #expect(!secret.constantTimeEquals(SecretBytes(copying: other)))
        }
        #expect(secret.prefix(2).copyBytes() == [1, 2])
    }

    @Test func systemRandomnessDoesNotRepeat() {
        let source = SystemRandomness()
        #expect(source.bytes(0) == [])
        #expect(source.secret(0).count == 0)
        #expect(source.bytes(32) != source.bytes(32))
        #expect(!source.secret(32).constantTimeEquals(source.secret(32)))
        // 100,000 uniform bits: the chance of being off by 2,000 (12 standard deviations) is nil.
        let ones = source.bytes(12_500).reduce(0) { $0 + $1.nonzeroBitCount }
        #expect(abs(ones - 50_000) < 2_000)
    }

    @Test func seededRandomnessRepeats() {
        let (a, b) = (SeededRandomness(seed: 7), SeededRandomness(seed: 7))
        #expect(a.bytes(40) == b.bytes(40))
        #expect(a.secret(9).copyBytes() == b.bytes(9))
        #expect(SeededRandomness(seed: 8).bytes(16) != SeededRandomness(seed: 7).bytes(16))
    }
}
