/// Why a service identity cannot be made, read or written.
public enum ServiceIdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    case badName(String)
    case badHost(String)
    case badCertificate
    case file(path: String, reason: String)
    case readableByOthers(path: String)
    case doesNotFit(String)

    public var description: String {
        switch self {
        case .badName(let name):
            "service identity: the name \(name) is not 1 to 64 characters of a-z, A-Z, 0-9, dot, "
                + "hyphen and space"
        case .badHost(let host):
            "service identity: \(host) is neither a host name nor an IP address"
        case .badCertificate:
            "service identity: not exactly one X.509 certificate in PEM"
        case .file(let path, let reason):
            "service identity: \(path): \(reason)"
        case .readableByOthers(let path):
            "service identity: \(path): others may read this private key; run chmod 600 \(path)"
        case .doesNotFit(let folder):
            "service identity: \(folder): node-key.pem, node.pem and service.pem do not belong "
                + "together; restore all three from one backup"
        }
    }
}
