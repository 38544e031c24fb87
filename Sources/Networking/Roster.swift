import Foundation
public import Primitives

/// Who takes part, where they listen, and the keys by which they are known.
///
/// The same text at every member: ``digest`` is compared when the mesh is made. Parties are ordered,
/// their place is their index; the dealer, if there is one, has none.
public struct Roster: Hashable, Sendable {
    /// What the roster says about one member.
    public struct Member: Hashable, Sendable, Codable {
        /// 1 to 63 characters of a-z, 0-9, dot and hyphen.
        public let name: String
        /// A host name or an IP address.
        public let host: String
        /// 1 to 65535.
        public let port: Int
        /// SHA-256 of the member's TLS certificate in DER.
        public let fingerprint: Digest
        /// Signs statements: agreements, intents and outcomes.
        public let statementKey: VerifyingKey
        /// Cosigns the checkpoints of the common log.
        public let cosignerKey: VerifyingKey
        /// Signs the common log's checkpoints as the log itself, when this party orders its entries.
        public let logKey: VerifyingKey
        /// Opens what is sent to this member alone.
        public let deliveryKey: DeliveryKey
        /// Where this member's node listens for other members' nodes; nil if it runs none.
        public let ledgerPort: Int?
        /// Who at this member must sign a script before it runs.
        public let roles: [Role]

        public init(
            name: String, host: String, port: Int, fingerprint: Digest,
            statementKey: VerifyingKey, cosignerKey: VerifyingKey, logKey: VerifyingKey,
            deliveryKey: DeliveryKey, ledgerPort: Int? = nil, roles: [Role] = []
        ) {
            self.name = name
            self.host = host
            self.port = port
            self.fingerprint = fingerprint
            self.statementKey = statementKey
            self.cosignerKey = cosignerKey
            self.logKey = logKey
            self.deliveryKey = deliveryKey
            self.ledgerPort = ledgerPort
            self.roles = roles
        }

        /// Host and port as people write them.
        public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        /// The same member at its node's port.
        public var node: Member? {
            ledgerPort.map {
                Member(
                    name: name, host: host, port: $0, fingerprint: fingerprint,
                    statementKey: statementKey, cosignerKey: cosignerKey, logKey: logKey,
                    deliveryKey: deliveryKey)
            }
        }

        private enum CodingKeys: String, CodingKey {
            case name, host, port, fingerprint = "certificateSHA256"
            case statementKey, cosignerKey, logKey, deliveryKey, ledgerPort, roles
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            host = try fields.decode(String.self, forKey: .host)
            port = try fields.decode(Int.self, forKey: .port)
            let hex = try fields.decode(String.self, forKey: .fingerprint)
            guard let digest = Digest(hex: hex) else {
                throw RosterError(
                    member: name, field: CodingKeys.fingerprint.rawValue,
                    reason: "is not 64 hexadecimal digits")
            }
            fingerprint = digest
            let memberName = name
            func key(_ field: CodingKeys) throws -> VerifyingKey {
                let hex = try fields.decode(String.self, forKey: field)
                do {
                    return try VerifyingKey(hex: hex)
                } catch {
                    throw RosterError(
                        member: memberName, field: field.rawValue, reason: "is \(error)")
                }
            }
            statementKey = try key(.statementKey)
            cosignerKey = try key(.cosignerKey)
            logKey = try key(.logKey)
            guard
                let delivery = try DeliveryKey(
                    hex: fields.decode(String.self, forKey: .deliveryKey))
            else {
                throw RosterError(
                    member: name, field: CodingKeys.deliveryKey.rawValue,
                    reason: "is not 64 hexadecimal digits")
            }
            deliveryKey = delivery
            ledgerPort = try fields.decodeIfPresent(Int.self, forKey: .ledgerPort)
            roles = try fields.decodeIfPresent([Role].self, forKey: .roles) ?? []
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name, forKey: .name)
            try fields.encode(host, forKey: .host)
            try fields.encode(port, forKey: .port)
            try fields.encode(fingerprint.hex, forKey: .fingerprint)
            try fields.encode(statementKey.hex, forKey: .statementKey)
            try fields.encode(cosignerKey.hex, forKey: .cosignerKey)
            try fields.encode(logKey.hex, forKey: .logKey)
            try fields.encode(deliveryKey.hex, forKey: .deliveryKey)
            try fields.encodeIfPresent(ledgerPort, forKey: .ledgerPort)
            // Absent if there are none: rosters from before there were roles keep their digest.
            if !roles.isEmpty { try fields.encode(roles, forKey: .roles) }
        }
    }

    public static let partyCounts = 2...10

    public let parties: [Member]
    public let dealer: Member?

    /// Checks every field, and that no two members share a name, an address or a key.
    public init(parties: [Member], dealer: Member? = nil) throws(RosterError) {
        guard Roster.partyCounts.contains(parties.count) else {
            throw RosterError(
                member: nil, field: "parties", reason: "are \(parties.count), not 2 to 10")
        }
        self.parties = parties
        self.dealer = dealer
        for member in members { try Roster.check(member) }
        try checkUnique("name") { [$0.name] }
        try checkUnique("host and port") { [$0.address.lowercased()] }
        try checkUnique("certificateSHA256") { [$0.fingerprint.hex] }
        try checkUnique("Ed25519 key") {
            [$0.statementKey, $0.cosignerKey, $0.logKey].map(\.hex) + $0.roles.map(\.key.hex)
        }
        try checkUnique("deliveryKey") { [$0.deliveryKey.hex] }
    }

    /// Parties in index order, then the dealer.
    public var members: [Member] { parties + (dealer.map { [$0] } ?? []) }

    /// Everybody, in the order of ``members``.
    public var participants: [Participant] {
        parties.indices.map { .party(Party($0)) } + (dealer == nil ? [] : [.dealer])
    }

    /// Nil for a participant that the roster does not have.
    public subscript(_ participant: Participant) -> Member? {
        switch participant {
        case .party(let party): parties.indices.contains(party.index) ? parties[party.index] : nil
        case .dealer: dealer
        }
    }

    public func participant(named name: String) -> Participant? {
        zip(participants, members).first { $0.1.name == name }?.0
    }

    public func participant(withCertificate fingerprint: Digest) -> Participant? {
        zip(participants, members).first { $0.1.fingerprint == fingerprint }?.0
    }

    private static let nameCharacters = Set("abcdefghijklmnopqrstuvwxyz0123456789.-")

    static func isName(_ text: String) -> Bool {
        (1...63).contains(text.count) && text.allSatisfy(nameCharacters.contains)
    }

    private static func check(_ member: Member) throws(RosterError) {
        func refuse(_ field: String, _ reason: String) -> RosterError {
            RosterError(member: member.name, field: field, reason: reason)
        }
        guard isName(member.name) else {
            throw refuse("name", "is not 1 to 63 characters of a-z, 0-9, dot and hyphen")
        }
        let hostCharacters = Roster.nameCharacters.union("ABCDEFGHIJKLMNOPQRSTUVWXYZ:_")
        guard (1...253).contains(member.host.count),
            member.host.allSatisfy(hostCharacters.contains)
        else { throw refuse("host", "is no host name or IP address") }
        guard (1...65_535).contains(member.port) else {
            throw refuse("port", "\(member.port) is not in 1 to 65535")
        }
        guard member.ledgerPort.map((1...65_535).contains) ?? true else {
            throw refuse("ledgerPort", "is not in 1 to 65535")
        }
        try checkRoles(of: member)
    }

    private func checkUnique(_ field: String, _ values: (Member) -> [String]) throws(RosterError) {
        var owners: [String: String] = [:]
        for member in members {
            for value in values(member) {
                if let owner = owners.updateValue(member.name, forKey: value) {
                    throw RosterError(
                        member: member.name, field: field,
                        reason: "\(value) is in use already, by \(owner)")
                }
            }
        }
    }
}

/// Why a roster is none: which member, which field, what is wrong.
public struct RosterError: Error, Hashable, CustomStringConvertible {
    public let member: String?
    public let field: String
    public let reason: String

    public var description: String {
        "roster: " + (member.map { "member \($0): " } ?? "") + "\(field) \(reason)"
    }
}

// MARK: Canonical text

extension Roster {
    private struct Document: Codable {
        static let version = 1
        var version = Document.version
        var parties: [Member]
        var dealer: Member?
    }

    /// Reads what ``text`` wrote, or the same fields written by hand.
    public init(text: String) throws(RosterError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        } catch let error as RosterError {
            throw error
        } catch {
            throw RosterError(unreadable: error)
        }
        guard document.version == Document.version else {
            throw RosterError(
                member: nil, field: "version",
                reason: "\(document.version) is not \(Document.version), the one known here")
        }
        try self.init(parties: document.parties, dealer: document.dealer)
    }

    /// JSON with sorted keys and nothing to choose: the same roster is the same bytes everywhere.
    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            let data = try encoder.encode(Document(parties: parties, dealer: dealer))
            return String(decoding: data, as: UTF8.self) + "\n"
        } catch {
            preconditionFailure("strings and numbers are always JSON: \(error)")
        }
    }

    /// SHA-256 of ``text``: equal at all members, or there is no mesh.
    public var digest: Digest { SHA256.hash(Array(text.utf8)) }
}

extension RosterError {
    fileprivate init(unreadable error: any Error) {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
                .joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?:
            self.init(
                member: nil, field: path(context.codingPath + [key]), reason: "is missing")
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
            self.init(member: nil, field: path(context.codingPath), reason: "has the wrong type")
        default:
            self.init(member: nil, field: "text", reason: "is not JSON")
        }
    }
}
