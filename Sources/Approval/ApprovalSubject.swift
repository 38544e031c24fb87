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
