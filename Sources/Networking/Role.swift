public import Primitives

/// Somebody at a member who must sign what is run: compliance, data protection, the data's owner.
public struct Role: Hashable, Sendable, Codable {
    /// The most that a member has.
    public static let mostPerMember = 8

    /// 1 to 32 characters of a-z, 0-9 and hyphen.
    public let name: String
    /// Of the key with which the role signs, which its officer keeps.
    public let key: VerifyingKey

    public init(name: String, key: VerifyingKey) { (self.name, self.key) = (name, key) }

    private static let nameCharacters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")

    /// Whether a role can have this name.
    public static func isName(_ text: String) -> Bool {
        (1...32).contains(text.count) && text.allSatisfy(nameCharacters.contains)
    }

    private enum CodingKeys: CodingKey { case name, key }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        do {
            key = try VerifyingKey(hex: try fields.decode(String.self, forKey: .key))
        } catch let error as KeyError {
            throw RosterError(member: nil, field: "role \(name): key", reason: "is \(error)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(key.hex, forKey: .key)
    }
}

extension Roster {
    /// Checks a member's roles by themselves.
    static func checkRoles(of member: Member) throws(RosterError) {
        func refuse(_ reason: String) -> RosterError {
            RosterError(member: member.name, field: "roles", reason: reason)
        }
        guard member.roles.count <= Role.mostPerMember else {
            throw refuse("are \(member.roles.count), more than \(Role.mostPerMember)")
        }
        var names: Set<String> = []
        for role in member.roles {
            guard Role.isName(role.name) else {
                throw refuse(
                    "\"\(role.name.prefix(40))\" is not 1 to 32 characters of a-z, 0-9 and hyphen")
            }
            guard names.insert(role.name).inserted else { throw refuse("\(role.name) twice") }
        }
    }
}
