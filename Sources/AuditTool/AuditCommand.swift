import ArgumentParser
import Foundation
import Ledger
import Primitives

/// `parley-audit`: what a supervisor runs, with no secret, no network and nobody's help.
@main
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley-audit",
        abstract: "Verify a ledger, a proof or a receipt from a policy file alone.",
        discussion: """
            The policy file says whose signatures count; get it from `parley ledger policy` of a \
            party that you trust, or from several, and compare them.

              parley-audit ledger bank-a/ledger.sqlite --policy policy.txt
              parley-audit ledger tiles/ --policy policy.txt --checkpoint kept/*
              parley-audit proof run.tlog-proof --policy policy.txt --entry entry.json
              parley-audit receipt receipt.json --service service.pem --policy policy.txt

            Exit codes: 0 everything verifies; 64 the command line makes no sense; 65 a file given \
            cannot be read or is not of its format; 80 it does not verify.
            """,
        version: LibraryVersion.current,
        subcommands: [LedgerAudit.self, ProofAudit.self, ReceiptAudit.self])
}

/// A failure with its documented exit code.
enum AuditFailure {
    static let badInput = ExitCode(65)
    static let notVerified = ExitCode(80)
}

struct PolicyOption: ParsableArguments {
    @Option(help: "The policy file (C2SP tlog-policy): whose signatures count.")
    var policy: String

    func read() throws -> LedgerPolicyFile {
        try Files.orExit { try LedgerPolicyFile(parsing: String(decoding: $0, as: UTF8.self)) }(
            policy)
    }
}

enum Files {
    /// The longest file read whole, in bytes.
    private static let maxBytes = 1 << 20

    static func read(_ path: String) throws -> [UInt8] {
        do { return try RegularFile.read(URL(filePath: path), atMost: maxBytes) } catch {
            complain("\(error)")
            throw AuditFailure.badInput
        }
    }

    /// Reads a file and ends the program with exit code 65 if it is not what it should be.
    static func orExit<Value>(
        _ parse: @escaping ([UInt8]) throws -> Value
    ) -> (String) throws -> Value {
        { path in
            let bytes = try read(path)
            do { return try parse(bytes) } catch {
                complain("\(path): \(error)")
                throw AuditFailure.badInput
            }
        }
    }

    /// Runs a check and ends the program with exit code 80 if what is checked does not hold.
    static func orNotVerified<Value>(_ check: () throws -> Value) throws -> Value {
        do { return try check() } catch {
            complain("\(error)")
            throw AuditFailure.notVerified
        }
    }

    /// A line on standard output; nothing that a file holds steers a terminal.
    static func say(_ line: String) { print(line.shown) }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("parley-audit: \(line.shown)\n".utf8))
    }
}

struct LedgerAudit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Verify a copy of a ledger: a party's ledger.sqlite, or a folder of tiles.",
        discussion: """
            Example: parley-audit ledger ledger.sqlite --policy policy.txt \\
                       --checkpoint kept/*.tlog-proof --digest digest.json

            Every entry is hashed again, every vote followed, every signature under every checkpoint \
            verified. Each word after --checkpoint, up to the next option, is a file with a checkpoint \
            or a .tlog-proof; the report says which. With one, a copy that was put back to an older state is found. The report also \
            lists runs without an outcome, and the service certificates under which parties sign \
            receipts.
            """)

    @Argument(help: "The file or folder.")
    var ledger: String
    @OptionGroup var policy: PolicyOption
    @Option(
        parsing: .upToNextOption,
        help: "Checkpoints and .tlog-proofs kept elsewhere, which the ledger must contain.")
    var checkpoint: [String] = []
    @Option(help: "A digest of its ledger tables kept elsewhere; may be repeated.")
    var digest: [String] = []
    @Flag(help: "The whole report as one JSON object.")
    var json = false

    func run() throws {
        let auditor = LedgerAuditor(.policy(try policy.read()))
        let report = auditor.audit(
            URL(filePath: ledger), checkpoints: checkpoint.map { URL(filePath: $0) },
            digests: try digest.flatMap(Files.orExit(TablesDigest.parse)))
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            Files.say(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            for finding in report.findings { Files.say("DAMAGED \(finding)") }
            if report.isSound { Files.say(report.summary(of: ledger)) }
        }
        guard report.isSound else {
            Files.complain(
                "\(ledger) does not verify: \(counted(report.findings.count, "finding"))")
            throw AuditFailure.notVerified
        }
    }
}

struct ProofAudit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Verify that an entry is in the ledger, from its .tlog-proof alone.",
        discussion: """
            Example: parley-audit proof entry-17.tlog-proof --policy policy.txt \\
                       --entry entry-17.json

            Both files come from `parley ledger prove`, or the proof from a party's receipts/.
            """)

    @Argument(help: "The .tlog-proof.")
    var proof: String
    @OptionGroup var policy: PolicyOption
    @Option(help: "The entry's bytes, as `parley ledger prove` writes them.")
    var entry: String

    func run() throws {
        let policy = try policy.read()
        let proof = try Files.orExit(TlogProof.init(parsing:))(proof)
        let bytes = try Files.read(entry)
        try Files.orNotVerified {
            try policy.verify(proof.checkpoint)
            guard proof.includes(entry: bytes) else {
                throw LedgerError.malformed("the proof is not of this entry")
            }
        }
        Files.say("entry \(proof.index) is in the ledger of \(proof.size) entries that all signed")
    }
}

struct ReceiptAudit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "Verify a node's receipt, and the proof that it carries.",
        discussion: """
            Example: parley-audit receipt receipt.json --service service.pem \\
                       --policy policy.txt

            The receipt is the answer to GET /app/transactions/ID/receipt. Whose certificate \
            service.pem is, its party says in the ledger: compare the SHA-256 printed here with those \
            that `parley-audit ledger` lists.
            """)

    @Argument(help: "The receipt as JSON.")
    var receipt: String
    @Option(help: "The service certificate of the party whose node gave it, in PEM.")
    var service: String
    @OptionGroup var policy: PolicyOption

    func run() throws {
        let policy = try policy.read()
        let receipt = try Files.orExit(ConfidentialReceipt.init(parsing:))(receipt)
        let certificate = try Files.orExit {
            try Certificate(pem: String(decoding: $0, as: UTF8.self))
        }(service)
        try Files.orNotVerified {
            let proof = try receipt.verify(service: certificate, at: SystemClock().wallSeconds)
            guard let proof else {
                throw LedgerError.malformed(
                    "the node signed it, but it carries no proof that the parties did")
            }
            try policy.verify(proof.checkpoint)
        }
        Files.say(
            "the receipt verifies: the node signed it, and the parties the log that holds it\n"
                + "service certificate: SHA-256 \(certificate.fingerprint.hex)")
    }
}
