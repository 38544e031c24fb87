public import Ledger
public import Primitives
public import Script

/// A script in its canonical text without mistakes, with the manifest that roles sign beside it.
///
/// Nothing in it depends on a run's period or choices.
public struct SignableScript: Sendable {
    /// Checked with any period and choice; for what the header and the reveals say.
    public let checked: CheckedScript
    public let manifest: Manifest
    /// SHA-256 of the text.
    public let text: Digest

    /// Checks a script's text.
    ///
    /// - Parameter limit: the largest magnitude that the ring can compare.
    /// - Throws: all diagnostics if it has mistakes, or what to do if the text is not canonical.
    public init(_ source: SourceText, limit: Int128) throws(ApprovalRefusal) {
        let (manifest, diagnostics) = Manifest.signed(source, limit: limit)
        guard let manifest, let syntax = Parser.parse(source).0,
            let checked = Checker.check(source, limit: limit).script
        else { throw ApprovalRefusal(diagnostics.map { $0.text(in: source) }) }
        guard Array(Formatter.format(syntax).utf8) == source.bytes else {
            throw ApprovalRefusal([
                "\(source.name) is not in canonical form, which is what is signed; run `parley "
                    + "format \(source.name) --in-place`"
            ])
        }
        (self.checked, self.manifest) = (checked, manifest)
        text = SHA256.hash(source.bytes)
    }

    /// What a role signs of it.
    ///
    /// - Parameters:
    ///   - protocol: with which it is to run, as `replicated3`.
    ///   - ring: over which, as `z64`.
    ///   - roster: the roster's digest.
    public func subject(
        protocol: String, ring: String, roster: Digest, library: String = LibraryVersion.current
    ) -> ApprovalSubject {
        ApprovalSubject(
            script: checked.name, version: checked.version, text: text,
            manifest: SHA256.hash(Array(manifest.text.utf8)), library: library,
            protocol: `protocol`, ring: ring, roster: roster)
    }

    /// "exposure version 1".
    var title: String { "\(checked.name) version \(checked.version)" }
}

/// Why a script is not run or not signed: each reason is a line for people.
public struct ApprovalRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let reasons: [String]

    public init(_ reasons: [String]) { self.reasons = reasons }

    public var description: String { reasons.joined(separator: "\n") }
}
