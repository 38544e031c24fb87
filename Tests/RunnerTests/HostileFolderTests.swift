import Approval
import Foundation
import Ledger
import Primitives
import Runner
import Testing

/// Folders and files that another party filled, or that are not what their name says.
@Suite(.serialized) struct HostileFolderTests {
    /// Puts something else than a file where a file is expected.
    private static let replacements: [@Sendable (URL) throws -> Void] = [
        { file in #expect(unsafe mkfifo(file.path, 0o600) == 0) },
        { file in
            try FileManager.default.createSymbolicLink(
                atPath: file.path, withDestinationPath: "/dev/zero")
        },
        { file in
            try FileManager.default.createSymbolicLink(
                atPath: file.path, withDestinationPath: "missing")
        },
        { file in
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        },
    ]

    @Test("A bundle with a FIFO, a link or a folder for a file is refused at once")
    func bundles() throws {
        let consortium = try ReplayTests.shared.get()
        let names = try FileManager.default.contentsOfDirectory(
            atPath: try ReplayTests.bundle(consortium, 0).path)
        #expect(names.count == 6)
        for name in names {
            for (kind, replace) in Self.replacements.enumerated() {
                let bundle = try ReplayTests.bundle(consortium, 0)
                try FileManager.default.removeItem(at: bundle.appending(path: name))
                try replace(bundle.appending(path: name))
                #expect(throws: RunFailure.self, "\(name), \(kind)") {
                    try ReplayTests.replay(consortium, bundle)
                }
                if name == "summary.json" {
                    #expect(throws: RunFailure.self) {
                        try CrossCheck(
                            bundles: [bundle], roster: consortium.roster,
                            ledger: consortium.directory(0).ledgerFile)
                    }
                }
            }
        }
    }

    @Test("A link in a bundle is refused even if it leads to the right file")
    func links() throws {
        let consortium = try ReplayTests.shared.get()
        let (bundle, other) = (
            try ReplayTests.bundle(consortium, 0), try ReplayTests.bundle(consortium, 0)
        )
        let seed = bundle.appending(path: "seed")
        try FileManager.default.removeItem(at: seed)
        try FileManager.default.createSymbolicLink(
            at: seed, withDestinationURL: other.appending(path: "seed"))
        #expect {
            _ = try ReplayTests.replay(consortium, bundle)
        } throws: { "\($0)".contains("seed is no regular file") }
    }

    @Test("An opened row, a checkpoint and an export that are FIFOs do not keep their reader")
    func others() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fifo = folder.appending(path: "checkpoint")
        #expect(unsafe mkfifo(fifo.path, 0o600) == 0)
        #expect(throws: RunFailure.self) { try RowOpening.read(fifo) }
        let consortium = try ReplayTests.shared.get()
        let auditor = LedgerAuditor(.parties(try LedgerParties(consortium.roster)))
        #expect(!auditor.audit(folder).isSound)
        #expect(
            !auditor.audit(consortium.directory(0).ledgerFile, checkpoints: [fifo]).isSound)
    }

    @Test("A policy.yaml that cannot be read is not taken for none")
    func policies() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = PartyDirectory(folder)
        #expect(try directory.policy() == nil)
        for replace in Self.replacements {
            try replace(directory.policyFile)
            #expect(throws: RunFailure.self) { try directory.policy() }
            try FileManager.default.removeItem(at: directory.policyFile)
        }
        // A link to a policy is one.
        let text = Policy.draft(
            for: try SignedBanks.signable(SignedBanks.script()), party: "bank-a")
        try Data(text.utf8).write(to: folder.appending(path: "shared.yaml"))
        try FileManager.default.createSymbolicLink(
            atPath: directory.policyFile.path, withDestinationPath: "shared.yaml")
        #expect(try directory.policy() != nil)
    }
}
