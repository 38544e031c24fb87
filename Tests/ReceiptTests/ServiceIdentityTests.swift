import Foundation
import LedgerFixture
import Primitives
import TestSupport
import Testing

@Suite struct ServiceIdentityTests {
    private static let time: Int64 = 1_790_000_000

    private func make(_ folder: URL, hosts: [String] = ["localhost", "127.0.0.1", "::1"]) throws
        -> ServiceIdentity
    {
        try ServiceIdentity.create(
            in: folder, name: "bank-a", hosts: hosts, validFrom: Self.time, days: 30)
    }

    private func permit(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func identityIsSavedAndLoaded() async throws {
        try await withTemporaryFolder { folder in
            let made = try make(folder)
            let loaded = try ServiceIdentity(in: folder)
            #expect(loaded.nodeID == made.nodeID)
            let digest = SHA256.hash(Array("root".utf8))
            let signature = loaded.sign(digest)
            #expect(made.node.verify(signature, of: digest))
            #expect(!made.node.verify(signature, of: SHA256.hash([1])))
            #expect(!made.service.verify(signature, of: digest))
            #expect(!made.node.verify(Array(signature.dropLast()), of: digest))
            for file in [ServiceIdentity.File.nodeKey, .serviceKey] {
                let attributes = try FileManager.default.attributesOfItem(atPath: made.path(file))
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            #expect(!String(reflecting: loaded).contains("PRIVATE"))
            // A second identity does not replace the first.
            #expect(throws: ServiceIdentityError.self) { try make(folder) }
        }
    }

    @Test func chainAndValidity() async throws {
        try await withTemporaryFolder { folder in
            let mine = try make(folder)
            #expect(mine.service.isAuthority && !mine.node.isAuthority)
            #expect(mine.node.isIssued(by: mine.service))
            #expect(mine.service.isIssued(by: mine.service))
            #expect(!mine.service.isIssued(by: mine.node) && !mine.node.isIssued(by: mine.node))
            #expect(mine.node.isValid(at: Self.time) || mine.node.isValid(at: Self.time + 1))
            #expect(!mine.node.isValid(at: Self.time - 1))
            #expect(!mine.node.isValid(at: Self.time + 30 * 86_400 + 1))
            try await withTemporaryFolder { other in
                // The same names and another key.
                let other = try make(other)
                #expect(!mine.node.isIssued(by: other.service))
            }
        }
    }

    @Test func keysThatDoNotBelongAreRefused() async throws {
        try await withTemporaryFolder { folder in
            try await withTemporaryFolder { other in
                let (mine, other) = (try make(folder), try make(other))
                try permit(mine.path(.nodeKey), 0o640)
                #expect(
                    throws: ServiceIdentityError.readableByOthers(path: mine.path(.nodeKey))
                ) { try ServiceIdentity(in: folder) }
                try permit(mine.path(.nodeKey), 0o600)
                for file in [ServiceIdentity.File.service, .node, .nodeKey] {
                    let original = try Data(contentsOf: URL(fileURLWithPath: mine.path(file)))
                    let url = URL(fileURLWithPath: mine.path(file))
                    try Data(contentsOf: URL(fileURLWithPath: other.path(file))).write(to: url)
                    try permit(mine.path(file), 0o600)
                    #expect(throws: ServiceIdentityError.doesNotFit(folder.path)) {
                        try ServiceIdentity(in: folder)
                    }
                    try Data("nonsense".utf8).write(to: url)
                    try permit(mine.path(file), 0o600)
                    #expect(throws: ServiceIdentityError.self) { try ServiceIdentity(in: folder) }
                    try original.write(to: url)
                    try permit(mine.path(file), 0o600)
                }
                _ = try ServiceIdentity(in: folder)
            }
        }
    }

    @Test(arguments: ["", "a b", "a,DNS:evil", "-x", "a\nb", "ä.example", "a/b"])
    func badHostIsRefused(_ host: String) async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: ServiceIdentityError.badHost(host)) {
                try make(folder, hosts: [host])
            }
        }
    }

    /// Certificates come from anybody: no mutation crashes, and none that differs in
    /// its DER passes for the original.
    @Test func mutatedCertificates() async throws {
        try await withTemporaryFolder { folder in
            let mine = try make(folder)
            let text = Array(mine.node.pem.utf8)
            var random = SeededGenerator(seed: 1)
            for _ in 0..<MutationCounts.certificates / 2 {
                var bytes = text
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
                let read = try? Certificate(pem: String(decoding: bytes, as: UTF8.self))
                if let read, read != mine.node { #expect(!read.isIssued(by: mine.service)) }
                var der = mine.node.der
                der[Int.random(in: der.indices, using: &random)] ^=
                    UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                if let read = try? Certificate(der: der) {
                    #expect(!read.isIssued(by: mine.service))
                    _ = read.keyDigest
                    _ = read.verify(mine.sign(read.fingerprint), of: read.fingerprint)
                }
            }
            #expect(throws: ServiceIdentityError.badCertificate) {
                try Certificate(pem: mine.node.pem + mine.service.pem)
            }
            #expect(throws: ServiceIdentityError.badCertificate) {
                try Certificate(der: mine.node.der + [0])
            }
            #expect(throws: ServiceIdentityError.badCertificate) { try Certificate(der: []) }
        }
    }
}
