import COpenSSL
public import Foundation

/// A party's node key and certificate, under the certificate of a service of its own.
///
/// The shape is that of Azure Confidential Ledger's: a service (CA) certificate that clients trust,
/// and a node certificate under it that serves TLS and signs receipts; both keys are ECDSA P-384.
/// The service's private key is written by ``create(in:name:hosts:validFrom:days:)`` and never read
/// again: who keeps it elsewhere loses nothing at run time.
public final class ServiceIdentity: Sendable, CustomStringConvertible {
    /// The files of an identity, in one folder; the two keys have mode 0600.
    public enum File: String, CaseIterable, Sendable {
        case service = "service.pem"
        case serviceKey = "service-key.pem"
        case node = "node.pem"
        case nodeKey = "node-key.pem"
    }

    /// What clients trust: self-signed, may sign certificates.
    public let service: Certificate
    /// What serves TLS and verifies receipts.
    public let node: Certificate
    /// Where the files are.
    public let folder: URL
    private let key: P384Key

    private init(folder: URL, service: Certificate, node: Certificate, key: P384Key) {
        (self.folder, self.service, self.node, self.key) = (folder, service, node, key)
    }

    /// SHA-256 of the node's public key, as receipts name it.
    public var nodeID: Digest { node.keyDigest }

    /// The node's ECDSA signature, in DER, of a digest as it is.
    public func sign(_ digest: Digest) -> [UInt8] { key.sign(digest) }

    /// Where one of the files is.
    public func path(_ file: File) -> String { folder.appendingPathComponent(file.rawValue).path }

    public var description: String { "service identity, node \(nodeID)" }

    /// New keys and certificates, written to a folder that has none of the four files yet.
    ///
    /// - Parameters:
    ///   - name: the certificates' common name, 1 to 64 letters, digits, dots, hyphens or spaces.
    ///   - hosts: the names and IP addresses under which clients reach the node; at least one.
    ///   - wallSeconds: the first second of validity, since 1970.
    public static func create(
        in folder: URL, name: String, hosts: [String], validFrom wallSeconds: Int64, days: Int
    ) throws(ServiceIdentityError) -> ServiceIdentity {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameCharacter) else {
            throw .badName(name)
        }
        guard !hosts.isEmpty else { throw .badHost("an empty list") }
        var names: [String] = []
        for host in hosts { names.append(try alternativeName(host)) }
        let validity = wallSeconds...wallSeconds + Int64(days) * 86_400
        let (serviceKey, nodeKey) = (P384Key(), P384Key())
        let service = CertificateTemplate(
            subject: name + " service", issuer: name + " service", validity: validity,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:1"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        ).sign(key: serviceKey, by: serviceKey, issuer: nil)
        let node = CertificateTemplate(
            subject: name + " node", issuer: name + " service", validity: validity,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                // CCF's own check of a receipt's chain asks for clientAuth.
                (NID_ext_key_usage, "serverAuth,clientAuth"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
                (NID_subject_alt_name, names.joined(separator: ",")),
            ]
        ).sign(key: nodeKey, by: serviceKey, issuer: service)
        let identity = ServiceIdentity(folder: folder, service: service, node: node, key: nodeKey)
        try serviceKey.save(file: identity.path(.serviceKey))
        try nodeKey.save(file: identity.path(.nodeKey))
        for (file, certificate) in [(File.service, service), (.node, node)] {
            do {
                try AtomicFile.write(
                    Array(certificate.pem.utf8), to: folder.appendingPathComponent(file.rawValue),
                    overwriting: false)
            } catch {
                throw .file(path: identity.path(file), reason: error.description)
            }
        }
        return identity
    }

    /// Reads what ``create(in:name:hosts:validFrom:days:)`` wrote; refuses a key that others may
    /// read and files that do not belong together.
    public convenience init(in folder: URL) throws(ServiceIdentityError) {
        let path = { (file: File) in folder.appendingPathComponent(file.rawValue).path }
        let service = try readCertificate(path(.service))
        let node = try readCertificate(path(.node))
        let key = try P384Key(file: path(.nodeKey))
        defer { ERR_clear_error() }
        guard unsafe X509_check_private_key(node.pointer, key.pointer) == 1,
            service.isIssued(by: service), node.isIssued(by: service)
        else { throw .doesNotFit(folder.path) }
        self.init(folder: folder, service: service, node: node, key: key)
    }
}

private func readCertificate(_ path: String) throws(ServiceIdentityError) -> Certificate {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw .file(path: path, reason: "cannot be read")
    }
    do {
        return try Certificate(pem: String(decoding: data, as: UTF8.self))
    } catch {
        throw .file(path: path, reason: "not exactly one X.509 certificate in PEM")
    }
}

private func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: " "):
        true
    default: false
    }
}

/// A host as OpenSSL writes it in a subjectAltName.
private func alternativeName(_ host: String) throws(ServiceIdentityError) -> String {
    var address = in6_addr()
    // `in6_addr` has room for both kinds of address.
    if unsafe inet_pton(AF_INET, host, &address) == 1 { return "IP:" + host }
    if unsafe inet_pton(AF_INET6, host, &address) == 1 { return "IP:" + host }
    guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isNameCharacter),
        !host.contains(" "), !host.hasPrefix("-"), !host.hasPrefix(".")
    else { throw .badHost(host) }
    return "DNS:" + host
}
