public import Foundation
public import Primitives
import Synchronization

/// What a client may do; each role may do what those below may.
public enum Role: String, Codable, CaseIterable, Comparable, Sendable {
    case reader = "Reader"
    case contributor = "Contributor"
    case administrator = "Administrator"

    public static func < (a: Role, b: Role) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// Who may use the node: certificates, known by their fingerprint, and the role of each.
///
/// The party's own administrator is given at start and cannot be changed through the interface;
/// all others are in one file, which is written whole or not at all.
public final class Users: Sendable {
    /// The largest number of users in the file.
    static let maxCount = 1000
    private static let maxFileBytes = 262_144

    /// One user: the SHA-256 fingerprint of a certificate, as `AB:CD:…`, and its role.
    struct User: Codable, Hashable {
        let assignedRole: Role
        let userId: String
    }

    private let administrator: Digest
    private let file: URL
    private let roles: Mutex<[Digest: Role]>

    /// Reads the file if there is one.
    ///
    /// - Throws: ``FileError`` if it cannot be read or is not a list of users.
    public init(file: URL, administrator: Digest) throws(FileError) {
        (self.file, self.administrator) = (file, administrator)
        var roles: [Digest: Role] = [:]
        if FileManager.default.fileExists(atPath: file.path) {
            let data = FileManager.default.contents(atPath: file.path) ?? Data()
            guard data.count <= Self.maxFileBytes,
                let users = try? JSONDecoder().decode([User].self, from: data)
            else {
                throw FileError(
                    description: "\(file.path) is not a list of users; restore it from a backup or "
                        + "remove it to begin with the administrator alone")
            }
            for user in users {
                guard let id = Self.fingerprint(user.userId) else {
                    throw FileError(
                        description: "\(file.path) has a user id that is no certificate's SHA-256 "
                            + "fingerprint; correct it as AB:CD:…")
                }
                roles[id] = user.assignedRole
            }
        }
        self.roles = Mutex(roles)
    }

    /// The role of the owner of a certificate; nil if unknown.
    func role(of certificate: Digest) -> Role? {
        certificate == administrator
            ? .administrator : roles.withLock { $0[certificate] }
    }

    func user(_ id: Digest) -> User? {
        role(of: id).map { User(assignedRole: $0, userId: Self.text(id)) }
    }

    /// Adds a user or changes its role.
    func assign(_ role: Role, to id: Digest) throws -> User {
        try change(id) { roles in
            guard roles[id] != nil || roles.count < Self.maxCount else {
                throw ServiceError.badRequest(
                    "UserCapacityExceeded", "the node knows \(Self.maxCount) users; delete some")
            }
            roles[id] = role
        }
        return User(assignedRole: role, userId: Self.text(id))
    }

    /// Removes a user, who need not exist.
    func remove(_ id: Digest) throws { try change(id) { $0[id] = nil } }

    /// Changes memory only after the file holds the change.
    private func change(_ id: Digest, _ body: (inout [Digest: Role]) throws -> Void) throws {
        guard id != administrator else {
            throw ServiceError.badRequest(
                "InvalidUser", "the party's own administrator is set where the node is started")
        }
        try roles.withLock { roles in
            var changed = roles
            try body(&changed)
            let users = changed.map { User(assignedRole: $1, userId: Self.text($0)) }
                .sorted { $0.userId < $1.userId }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try AtomicFile.write(
                Array(encoder.encode(users)), to: file, overwriting: true, mode: 0o600)
            roles = changed
        }
    }

    /// Reads a fingerprint: 32 pairs of hexadecimal digits of either case, with colons or without.
    public static func fingerprint(_ text: String) -> Digest? {
        let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
        guard pairs.count == 1 || pairs.count == 32 && pairs.allSatisfy({ $0.utf8.count == 2 })
        else { return nil }
        return Digest(hex: pairs.joined())
    }

    /// A fingerprint as Azure's clients write it: `AB:CD:…`.
    static func text(_ fingerprint: Digest) -> String {
        fingerprint.bytes.map { [$0].hex.uppercased() }.joined(separator: ":")
    }
}
