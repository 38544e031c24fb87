public import Foundation
public import Primitives

/// What a role signs: a script with everything that decides what it does and what it discloses.
///
/// Any change of any field is another subject, which nobody has signed yet.
public struct ApprovalSubject: Hashable, Sendable, Codable {
    public let script: String
    public let version: Int
    /// SHA-256 of the script's canonical text, which holds its tables' columns and all choices.
    public let text: Digest
    /// SHA-256 of the disclosure manifest's text as it is signed: no period or choice of a run in it.
    public let manifest: Digest
    /// ``LibraryVersion``.
    public let library: String
    public let `protocol`: String
    public let ring: String
    /// Of the roster: who takes part, with which keys, and which roles must sign.
    public let roster: Digest

    public init(
        script: String, version: Int, text: Digest, manifest: Digest,
        library: String = LibraryVersion.current, protocol: String, ring: String, roster: Digest
    ) {
        (self.script, self.version) = (script, version)
        (self.text, self.manifest, self.library) = (text, manifest, library)
        (self.protocol, self.ring, self.roster) = (`protocol`, ring, roster)
    }
}

/// A role of a party approves a script, or takes its approval back.
///
/// The party signs the statement, as all that it states; the role's own signature within says that it
/// was the role, and stays valid outside of the ledger.
public struct RoleApproval: Hashable, Sendable, Codable {
    public enum Verdict: String, Codable, Sendable { case approved, withdrawn }

    /// The party whose role it is.
    public let author: String
    /// As in the roster: "compliance".
    public let role: String
    public let subject: ApprovalSubject
    public let verdict: Verdict
    /// The last day on which it is valid, as 2027-06-30; absent from the JSON if there is none.
    public let until: String?
    /// The role's Ed25519 signature of ``message``: 64 bytes.
    public let signature: Data
    /// Seconds since 1970 by the role's clock: of several statements the latest counts.
    public let time: Int64

    /// Signs as a role.
    ///
    /// - Parameter key: the role's.
    public init(
        author: String, role: String, subject: ApprovalSubject, verdict: Verdict, until: String?,
        time: Int64, key: SigningKey
    ) throws(LedgerError) {
        let signed = Signed(
            party: author, role: role, subject: subject, time: time, until: until,
            verdict: verdict)
        self.init(
            author: author, role: role, subject: subject, verdict: verdict, until: until,
            signature: Data(key.sign(try signed.message)), time: time)
    }

    /// Takes a signature as it is.
    public init(
        author: String, role: String, subject: ApprovalSubject, verdict: Verdict, until: String?,
        signature: Data, time: Int64
    ) {
        (self.author, self.role, self.subject) = (author, role, subject)
        (self.verdict, self.until) = (verdict, until)
        (self.signature, self.time) = (signature, time)
    }

    /// What the role signs: `parley-approval/v1`, a line break and the canonical JSON of all fields but
    /// the signature, the author as `party`.
    public var message: [UInt8] {
        get throws(LedgerError) {
            try Signed(
                party: author, role: role, subject: subject, time: time, until: until,
                verdict: verdict
            ).message
        }
    }

    /// Whether the role with this key signed it.
    public func isSigned(by key: VerifyingKey) -> Bool {
        guard let message = try? message else { return false }
        return key.verify(Array(signature), of: message)
    }

    private struct Signed: Encodable {
        let party, role: String
        let subject: ApprovalSubject
        let time: Int64
        let until: String?
        let verdict: Verdict

        var message: [UInt8] {
            get throws(LedgerError) {
                Array("parley-approval/v1\n".utf8) + (try CanonicalJSON.encode(self))
            }
        }
    }
}

extension RoleApproval: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.text(role, "a role")
        try Checks.text(subject.script, "a script's name")
        try Checks.text(subject.library, "a library's version")
        try Checks.text(subject.protocol, "the protocol")
        try Checks.text(subject.ring, "the ring")
        try Checks.day(until, "the last day of an approval")
        guard (0...Int(Int32.max)).contains(subject.version) else {
            throw .malformed("an approval has a script's version out of range")
        }
        guard signature.count == VerifyingKey.signatureByteCount else {
            throw .malformed("an approval's signature has not 64 bytes")
        }
    }
}
