public import Approval
public import Foundation
public import Ledger
public import Networking
public import Primitives

extension PartyDirectory {
    // MARK: Role keys

    /// Where a role's key is made, and looked for unless another file is named.
    public func roleKeyFile(_ role: String) -> URL {
        url.appending(path: "roles").appending(path: "\(role).key")
    }

    /// Makes a key for each role, readable by the owner only.
    func createRoleKeys(
        _ names: [String], _ randomness: some RandomSource
    ) throws -> [Role] {
        try names.map { name in
            let file = roleKeyFile(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let key = SigningKey(using: randomness)
            try AtomicFile.write(
                Array((key.seed.copyBytes().hex + "\n").utf8), to: file, overwriting: false,
                mode: 0o600)
            return Role(name: name, key: key.publicKey)
        }
    }

    /// A role's signing key.
    public static func roleKey(in file: URL) throws(RunFailure) -> SigningKey {
        SigningKey(seed: try secret(in: file, madeBy: "parley init --role NAME"))
    }

    // MARK: Approvals

    private var approvalFolder: URL { url.appending(path: "approvals") }

    /// Keeps what a role signed, as the statement that goes into the ledger.
    ///
    /// - Returns: the file, which has the statement's digest as its name.
    public func save(_ approval: RoleApproval) throws(RunFailure) -> URL {
        let statement = Statement.approval(approval)
        do {
            let file = approvalFolder.appending(path: "\(try statement.digest.hex).json")
            try FileManager.default.createDirectory(
                at: approvalFolder, withIntermediateDirectories: true)
            try AtomicFile.write(try statement.bytes, to: file, overwriting: true)
            return file
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }

    /// What this party's roles signed, by its files.
    public func approvals() throws(RunFailure) -> [RoleApproval] {
        let files = try? FileManager.default.contentsOfDirectory(
            at: approvalFolder, includingPropertiesForKeys: nil)
        var approvals: [RoleApproval] = []
        for file in (files ?? []).sorted(by: { $0.path < $1.path })
        where file.pathExtension == "json" {
            guard let data = try? Data(contentsOf: file),
                case .approval(let approval)? = try? CanonicalJSON.decode(
                    Statement.self, from: Array(data), as: "an approval")
            else {
                throw RunFailure(
                    .badInput,
                    "\(file.path) is no approval; delete it and sign again with `parley sign`")
            }
            approvals.append(approval)
        }
        return approvals
    }

    /// What this party's roles signed and its ledger does not have: to be recorded before a run
    /// synchronizes.
    public func unrecordedApprovals() throws(RunFailure) -> [Statement] {
        let own = try approvals().map(Statement.approval)
        guard !own.isEmpty, FileManager.default.fileExists(atPath: ledgerFile.path) else {
            return own
        }
        var known: Set<Statement> = []
        do {
            try LedgerRecord.read(file: ledgerFile, kinds: [.approval]) { record in
                known.insert(record.statement)
            }
        } catch {
            throw RunFailure(.ledgerDamaged, "\(error)")
        }
        return own.filter { !known.contains($0) }
    }

    // MARK: Policy

    public var policyFile: URL { url.appending(path: "policy.yaml") }

    /// The standing policy; nil if nothing has its name, be it a link that leads nowhere.
    public func policy() throws(RunFailure) -> Policy? {
        guard RegularFile.isNamed(policyFile) else { return nil }
        let text: [UInt8]
        do { text = try RegularFile.read(policyFile, atMost: Policy.mostBytes) } catch {
            throw RunFailure(.badInput, "\(error)")
        }
        do {
            return try Policy(yaml: text)
        } catch {
            throw RunFailure(.badInput, "\(policyFile.path): \(error)")
        }
    }
}

extension Roster {
    /// Every role of every party: who must have signed a script that runs.
    public var roleDemands: [RoleDemand] {
        parties.flatMap { party in
            party.roles.map { RoleDemand(party: party.name, role: $0.name, key: $0.key) }
        }
    }
}
