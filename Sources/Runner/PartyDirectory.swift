public import Foundation
public import Ledger
public import Networking
public import Primitives

/// A member's own folder: identity, ledger, results.
///
/// - `identity/tls.key`, `identity/tls.crt`: TLS key and certificate.
/// - `identity/signing.key`: 32 secret bytes in hexadecimal, from which the signing keys and the delivery key come.
/// - `member.json`: the public card that goes into the roster.
/// - `ledger.sqlite`, and while it is open or after a crash `-wal` and `-shm` beside it, which belong
///   to it.
/// - `receipts/`: a proof of each finished run with the checkpoint that all cosigned.
/// - `commitments/`: secrets that open input commitments, and the seeds of runs.
/// - `runs/`: of each run the script, what was asked for and what this party learned.
/// - `transcripts/`: what replays those runs, encrypted under a key from the seed.
/// - `roles/NAME.key`: 32 secret bytes in hexadecimal with which a role signs; to be handed to its
///   officer and deleted here.
/// - `approvals/`: what this party's roles signed.
/// - `policy.yaml`: what this party's data may be used for.
public struct PartyDirectory: Sendable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    public var ledgerFile: URL { url.appending(path: "ledger.sqlite") }
    public var memberFile: URL { url.appending(path: "member.json") }
    private var identityFolder: URL { url.appending(path: "identity") }
    private var certificatePath: String { identityFolder.appending(path: "tls.crt").path }
    private var keyPath: String { identityFolder.appending(path: "tls.key").path }
    private var signingKeyFile: URL { identityFolder.appending(path: "signing.key") }

    /// Makes a new identity and its public card.
    ///
    /// - Throws: ``RunFailure`` if there is an identity already: keys are never overwritten.
    public func createIdentity(
        name: String, host: String, port: Int, ledgerPort: Int? = nil, roles: [String] = [],
        days: Int,
        randomness: some RandomSource = SystemRandomness(), clock: some ParleyClock = SystemClock()
    ) throws(RunFailure) -> Roster.Member {
        guard !FileManager.default.fileExists(atPath: identityFolder.path) else {
            throw RunFailure(
                .cannotCreate, "\(identityFolder.path) exists; keys are never overwritten")
        }
        do {
            let tls = try TLSIdentity(name: name, validFrom: clock.wallSeconds - 60, days: days)
            try FileManager.default.createDirectory(
                at: identityFolder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try tls.save(certificateFile: certificatePath, keyFile: keyPath)
            let seed = randomness.secret(SigningKey.seedByteCount)
            try AtomicFile.write(
                Array((seed.copyBytes().hex + "\n").utf8), to: signingKeyFile,
                overwriting: false, mode: 0o600)
            let keys = LedgerKeys(seed: seed)
            let member = Roster.Member(
                name: name, host: host, port: port, fingerprint: tls.fingerprint,
                statementKey: keys.statement.publicKey, cosignerKey: keys.cosigner.publicKey,
                logKey: keys.log.publicKey, deliveryKey: keys.delivery.publicKey,
                ledgerPort: ledgerPort, roles: try createRoleKeys(roles, randomness))
            try AtomicFile.write(
                Array(encodedJSON(member)), to: memberFile, overwriting: false, mode: 0o644)
            return member
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    public func tlsIdentity() throws(RunFailure) -> TLSIdentity {
        do {
            return try TLSIdentity(certificateFile: certificatePath, keyFile: keyPath)
        } catch {
            throw RunFailure(.badInput, "\(error); make an identity with `parley init`")
        }
    }

    /// The signing keys of this member.
    public func ledgerKeys() throws(RunFailure) -> LedgerKeys {
        LedgerKeys(seed: try Self.secret(in: signingKeyFile, madeBy: "parley init"))
    }

    /// The 32 secret bytes in a file that only its owner reads.
    static func secret(in file: URL, madeBy command: String) throws(RunFailure) -> SecretBytes {
        let path = file.path
        let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        guard let mode = mode as? Int, let text = try? String(contentsOf: file, encoding: .utf8)
        else {
            throw RunFailure(.badInput, "\(path) cannot be read; make one with `\(command)`")
        }
        guard mode & 0o077 == 0 else {
            throw RunFailure(
                .badInput, "\(path): others may read this private key; run chmod 600 \(path)")
        }
        guard let seed = [UInt8](hex: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            seed.count == SigningKey.seedByteCount
        else { throw RunFailure(.badInput, "\(path) is not 64 hexadecimal digits") }
        return SecretBytes(copying: seed)
    }

    private var receiptFolder: URL { url.appending(path: "receipts") }

    /// The proofs of finished runs, which the ledger must bear out.
    public var receipts: [URL] {
        let files = try? FileManager.default.contentsOfDirectory(
            at: receiptFolder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "tlog-proof" }
            .sorted { $0.path < $1.path }
    }

    /// Keeps the proof that a run's outcome is in the log.
    func save(_ proof: TlogProof, session: Digest) throws(RunFailure) {
        do {
            try FileManager.default.createDirectory(
                at: receiptFolder, withIntermediateDirectories: true)
            try AtomicFile.write(
                proof.text, to: receiptFolder.appending(path: "\(session.hex).tlog-proof"),
                overwriting: true)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    /// Makes the folders into which a run writes, before anything is sent: what it tells is worth
    /// nothing if it cannot be kept.
    func makeRunFolders(withTranscript: Bool) throws(RunFailure) {
        for folder in [runs, receiptFolder, commitments] + (withTranscript ? [transcripts] : []) {
            do {
                try FileManager.default.createDirectory(
                    at: folder, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
                let probe = folder.appending(path: ".\(UUID())")
                try Data([0]).write(to: probe)
                try FileManager.default.removeItem(at: probe)
            } catch {
                throw RunFailure(
                    .cannotCreate,
                    "\(folder.path) cannot be written (\(error.localizedDescription)); nothing was "
                        + "sent: check the folder and disk")
            }
        }
    }

    private var runs: URL { url.appending(path: "runs") }

    /// Holds the script of a run, what was asked for, and what this party learned.
    public func runFolder(of session: Digest) -> URL {
        runs.appending(path: session.hex)
    }

    /// The one run of this folder whose session begins so.
    ///
    /// - Throws: ``RunFailure`` if there is none, or several.
    public func session(_ text: String) throws(RunFailure) -> Digest {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
        let fitting = names.filter { text.count >= 8 && $0.hasPrefix(text.lowercased()) }
        guard fitting.count == 1, let session = Digest(hex: fitting[0]) else {
            throw RunFailure(
                .usage,
                "\(url.path)/runs has \(fitting.isEmpty ? "no run" : "several runs") of a session "
                    + "that begins with \(text.prefix(64)); give 8 digits or more of it")
        }
        return session
    }

    /// Where the secrets are that open commitments.
    var commitments: URL { url.appending(path: "commitments") }

    /// Holds a secret for each commitment of each run.
    func commitmentSecretFile(table: String, session: Digest) -> URL {
        commitments.appending(path: "\(session.hex).\(table)")
    }

    /// Keeps the secret that opens a commitment to inputs, readable by the owner only.
    func saveCommitmentSecret(_ secret: SecretBytes, table: String, session: Digest)
        throws(RunFailure)
    {
        let file = commitmentSecretFile(table: table, session: session)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try AtomicFile.write(
                Array((secret.copyBytes().hex + "\n").utf8), to: file, overwriting: false,
                mode: 0o600)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }
}

extension LedgerKeys {
    /// Keys for each purpose from one seed, so that no signature of one kind can pass for another.
    init(seed: SecretBytes) {
        let root = SigningKey(seed: seed)
        self.init(
            statement: root.derived(label: "statement"), cosigner: root.derived(label: "cosigner"),
            log: root.derived(label: "log"),
            delivery: DeliverySecret(root.derivedSecret(label: "delivery")))
    }
}

extension LedgerParties {
    /// The parties of a roster as the ledger knows them.
    ///
    /// The log's origin names the parties and their keys, so that it outlives a change of address.
    public init(_ roster: Roster) throws(LedgerError) {
        var hasher = SHA256()
        for party in roster.parties {
            hasher.update(Array("\(party.name)\n".utf8))
            for key in [party.statementKey, party.cosignerKey, party.logKey] {
                hasher.update(key.bytes)
            }
        }
        try self.init(
            origin: "parley.invalid/\(hasher.finalize().hex.prefix(16))",
            members: roster.parties.map(LedgerMember.init))
    }
}

extension LedgerMember {
    /// A member's card as the ledger knows it.
    public init(_ member: Roster.Member) {
        self.init(
            name: member.name, statementKey: member.statementKey, cosignerKey: member.cosignerKey,
            logKey: member.logKey, deliveryKey: member.deliveryKey)
    }
}

/// JSON with sorted keys, for people and programs.
public func encodedJSON(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
}
