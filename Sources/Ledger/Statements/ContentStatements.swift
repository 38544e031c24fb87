public import Foundation
public import Primitives

/// A text that a party posted; the log holds a salted digest, the text itself is kept beside it.
public struct Note: Hashable, Sendable, Codable {
    public let author: String
    /// Who has the text: all parties, or some; in the roster's order.
    public let recipients: [String]
    /// The claims digest of the ``Payload``.
    public let claims: Digest
    public let time: Int64

    public init(author: String, recipients: [String], claims: Digest, time: Int64) {
        (self.author, self.recipients, self.claims, self.time) = (author, recipients, claims, time)
    }
}

/// A file whose content is kept beside the log.
public struct StoredFile: Hashable, Sendable, Codable {
    public let author: String
    public let recipients: [String]
    /// The claims digest of the ``Payload``, which names the file and holds the salt's secret.
    public let claims: Digest
    public let bytes, chunkBytes: Int
    /// The root of an ``InputCommitment`` whose rows are the chunks.
    public let content: Digest
    public let time: Int64

    public init(
        author: String, recipients: [String], claims: Digest, bytes: Int, chunkBytes: Int,
        content: Digest, time: Int64
    ) {
        (self.author, self.recipients, self.claims) = (author, recipients, claims)
        (self.bytes, self.chunkBytes, self.content) = (bytes, chunkBytes, content)
        self.time = time
    }
}

/// A party's word that it has what a statement is about.
public struct Receipt: Hashable, Sendable, Codable {
    public let author: String
    /// The statement's digest.
    public let subject: Digest
    /// What was received: the digest of its bytes, salted where they could be guessed.
    public let content: Digest
    public let time: Int64

    public init(author: String, subject: Digest, content: Digest, time: Int64) {
        (self.author, self.subject) = (author, subject)
        (self.content, self.time) = (content, time)
    }
}

/// The author of a note or file has its text and salt deleted at every party; proofs stay valid.
public struct Erasure: Hashable, Sendable, Codable {
    public let author: String
    public let subject: Digest
    public let time: Int64

    public init(author: String, subject: Digest, time: Int64) {
        (self.author, self.subject, self.time) = (author, subject, time)
    }
}

/// How long the text of a note or file must be kept, as its author says.
public struct Retention: Hashable, Sendable, Codable {
    public let author: String
    public let subject: Digest
    /// Seconds since 1970 until which it is not erased.
    public let until: Int64
    /// Once locked, ``until`` can only become later, and the lock stays.
    public let isLocked: Bool
    /// Reasons for which it is not erased, whatever the time; each is one line.
    public let holds: [String]
    public let time: Int64

    public init(
        author: String, subject: Digest, until: Int64, isLocked: Bool, holds: [String], time: Int64
    ) {
        (self.author, self.subject, self.until) = (author, subject, until)
        (self.isLocked, self.holds, self.time) = (isLocked, holds, time)
    }
}

/// A digest of a party's ledger tables.
public struct TableDigest: Hashable, Sendable, Codable {
    public let author: String
    /// The digest document, verbatim.
    public let document: String
    public let time: Int64

    public init(author: String, document: String, time: Int64) {
        (self.author, self.document, self.time) = (author, document, time)
    }
}

/// Which program a party runs.
public struct BuildEvidence: Hashable, Sendable, Codable {
    /// A library that was built in.
    public struct Package: Hashable, Sendable, Codable {
        public let name, version: String

        public init(name: String, version: String) { (self.name, self.version) = (name, version) }
    }

    public let author: String
    /// SHA-256 of the executable file.
    public let binary: Digest
    /// The source's commit as hexadecimal digits.
    public let commit: String
    public let packages: [Package]
    /// An attestation quote, carried as it is and never interpreted.
    public let quote: Data?
    public let time: Int64

    public init(
        author: String, binary: Digest, commit: String, packages: [Package], quote: Data?,
        time: Int64
    ) {
        (self.author, self.binary, self.commit) = (author, binary, commit)
        (self.packages, self.quote, self.time) = (packages, quote, time)
    }
}

/// The service certificate under which a party's node answers and signs receipts.
public struct ServiceCertificate: Hashable, Sendable, Codable {
    public let author: String
    /// SHA-256 of its DER.
    public let fingerprint: Digest
    public let time: Int64

    public init(author: String, fingerprint: Digest, time: Int64) {
        (self.author, self.fingerprint, self.time) = (author, fingerprint, time)
    }
}
