import Algebra
import CKernels
import Primitives
import Testing

struct CounterGeneratorTests {
    /// NIST SP 800-38A, F.5.1: key stream = plaintext ⊕ ciphertext.
    @Test func knownAnswer() throws {
        let key = try #require([UInt8](hex: "2b7e151628aed2a6abf7158809cf4f3c"))
        let counter: UInt128 = 0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff
        let plaintext = try #require(
            [UInt8](
                hex: "6bc1bee22e409f96e93d7e117393172a" + "ae2d8a571e03ac9c9eb76fac45af8e51"
                    + "30c81c46a35ce411e5fbc1191a0a52ef" + "f69f2445df4f9b17ad2b417be66c3710"))
        let ciphertext =
            "874d6191b620e3261bef6864990db6ce" + "9806f66b7970fdff8617187bb9fffdff"
            + "5ae4df3edbd5d35e5b4f09020db03eab" + "1e031dda2fbe03d1792170a0f3009cee"
        for portable in [true, false] {
            ck_use_portable(portable)
            var generator = CounterGenerator(key: SecretBytes(copying: key), counter: counter)
            let stream = generator.secret(64).copyBytes()
            #expect(zip(stream, plaintext).map { $0 ^ $1 }.hex == ciphertext)
        }
    }

    /// FIPS 197 arithmetic: AES-128 of the zero block under the zero key.
    @Test func counterStartsAtZero() {
        var generator = CounterGenerator(
            key: SecretBytes(copying: [UInt8](repeating: 0, count: 16)))
        #expect(words(2, from: &generator) == [0x3b2c8aefd44be966, 0x2e2b34ca59fa4c88])
    }

    @Test func cutsDoNotMatter() {
        let key = SecretBytes(copying: Array(0..<16))
        var whole = CounterGenerator(key: key)
        let expected = words(5_000, from: &whole)
        var pieces = CounterGenerator(key: key)
        var stream: [UInt64] = []
        for count in [1, 2, 3, 0, 127, 128, 2_739, 2_000] {
            stream += words(count, from: &pieces)
        }
        #expect(stream == expected)
    }

    /// The CPU's rounds against OpenSSL: lengths around every group of blocks, from every place
    /// within a block, and where the counter's halves and the whole of it carry.
    @Test(arguments: [0, 1, 0xffff_ffff_ffff_fff0, 0xffff_ffff_ffff_ffff, UInt128.max - 40])
    func sameStreamOnEveryCPU(_ counter: UInt128) {
        let key = SecretBytes(copying: Array(7..<23))
        ck_use_portable(true)
        var reference = CounterGenerator(key: key, counter: counter)
        let expected = reference.secret(40_000).copyBytes()
        ck_use_portable(false)
        var generator = CounterGenerator(key: key, counter: counter)
        var stream: [UInt8] = []
        for count in Array(0...200) + [511, 512, 513, 1024, 5000, 10_000] {
            stream += generator.secret(count).copyBytes()
        }
        #expect(stream == Array(expected[..<stream.count]))
    }

    @Test func masksAreTheSameStream() {
        let key = SecretBytes(copying: Array(0..<16))
        for portable in [true, false] {
            ck_use_portable(portable)
            var filling = CounterGenerator(key: key)
            var masking = CounterGenerator(key: key)
            for count in [0, 1, 2, 3, 63, 64, 65, 2_500] {
                let stream = words(count, from: &filling)
                let start = (0..<UInt64(count)).map { $0 &* 0x1234_5678_9abc_def1 }
                var masked = start
                var span = masked.mutableSpan
                masking.mask(&span)
                #expect(masked == zip(start, stream).map { $0 ^ $1 })
            }
        }
        ck_use_portable(false)
    }

    @Test func streamsAreSeparatedByEveryInput() {
        let seed = SecretBytes(copying: [UInt8](repeating: 1, count: 32))
        let (one, two) = (SHA256.hash([1]), SHA256.hash([2]))
        func first(
            _ seed: SecretBytes, _ domain: String, _ session: Digest, _ epoch: UInt32,
            _ operation: UInt64
        ) -> UInt64 {
            var generator = CounterGenerator(
                seed: seed, domain: domain, session: session, epoch: epoch, operation: operation)
            return words(1, from: &generator)[0]
        }
        let streams = [
            first(seed, "a", one, 0, 0), first(seed, "b", one, 0, 0), first(seed, "a", two, 0, 0),
            first(seed, "a", one, 1, 0), first(seed, "a", one, 0, 1),
            first(SecretBytes(copying: [UInt8](repeating: 1, count: 31)), "a", one, 0, 0),
        ]
        #expect(Set(streams).count == streams.count)
        #expect(first(seed, "a", one, 0, 0) == streams[0])
    }

    private func words(_ count: Int, from generator: inout CounterGenerator) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: count)
        var span = words.mutableSpan
        generator.fill(&span)
        return words
    }
}
