import Foundation
import Networking
import Primitives
import TestSupport
import Testing

struct RosterTests {
    private static func member(
        _ name: String, seed: UInt64, host: String = "127.0.0.1", port: Int? = nil,
        fingerprint: Digest? = nil, logKey: VerifyingKey? = nil, roles: [Role] = []
    ) -> Roster.Member {
        let key = SigningKey(using: SeededRandomness(seed: seed))
        return Roster.Member(
            name: name, host: host, port: port ?? 7000 + Int(seed),
            fingerprint: fingerprint ?? SHA256.hash([UInt8(seed)]),
            statementKey: key.derived(label: "statement").publicKey,
            cosignerKey: key.derived(label: "cosigner").publicKey,
            logKey: logKey ?? key.derived(label: "log").publicKey,
            deliveryKey: DeliverySecret(key.derivedSecret(label: "delivery")).publicKey,
            roles: roles)
    }

    private static func role(_ name: String, seed: UInt64) -> Role {
        Role(name: name, key: SigningKey(using: SeededRandomness(seed: seed)).publicKey)
    }

    private let a = member("bank-a", seed: 1)
    private let b = member("bank-b", seed: 2, host: "b.example")
    private let dealer = member("dealer", seed: 3, host: "::1")

    @Test func textRoundTripsByteForByte() throws {
        for roster in [try Roster(parties: [a, b]), try Roster(parties: [b, a], dealer: dealer)] {
            let read = try Roster(text: roster.text)
            #expect(read == roster)
            #expect(read.text == roster.text)
            #expect(read.digest == roster.digest)
            // The same fields in another layout are the same roster.
            let compact = roster.text.filter { !$0.isWhitespace }
            #expect(try Roster(text: compact).digest == roster.digest)
        }
        #expect(
            try Roster(parties: [a, b]).digest != Roster(parties: [b, a]).digest,
            "the order gives the indices")
    }

    @Test func lookups() throws {
        let roster = try Roster(parties: [a, b], dealer: dealer)
        #expect(roster.participants == [.party(Party(0)), .party(Party(1)), .dealer])
        #expect(roster[.dealer]?.name == "dealer")
        #expect(roster[.party(Party(2))] == nil)
        #expect(roster.participant(named: "bank-b") == .party(Party(1)))
        #expect(roster.participant(withCertificate: a.fingerprint) == .party(Party(0)))
        #expect(roster.participant(withCertificate: SHA256.hash([99])) == nil)
        #expect(dealer.address == "[::1]:7003")
        let error = TransportError.disconnected(.party(Party(1)))
        #expect(error.message(naming: roster).hasPrefix("bank-b (party 1) closed"))
        #expect(error.description.hasPrefix("party 1 closed"))
    }

    @Test func fieldsAreValidated() {
        func refused(_ members: [Roster.Member], dealer: Roster.Member? = nil) -> String? {
            do {
                _ = try Roster(parties: members, dealer: dealer)
                return nil
            } catch { return error.description }
        }
        #expect(refused([a]) == "roster: parties are 1, not 2 to 10")
        let many = (1...11).map { Self.member("p\($0)", seed: $0) }
        #expect(refused(many) == "roster: parties are 11, not 2 to 10")
        #expect(refused(Array(many.dropLast())) == nil)
        for name in ["", "Bank", "bank b", "bänk", String(repeating: "x", count: 64), "a\n"] {
            let text = refused([a, Self.member(name, seed: 5)])
            #expect(text?.contains("member \(name): name is not 1 to 63") == true)
        }
        #expect(
            refused([a, Self.member("x", seed: 5, port: 65_536)])
                == "roster: member x: port 65536 is not in 1 to 65535")
        #expect(refused([a, Self.member("x", seed: 5, port: 0)]) != nil)
        #expect(
            refused([a, Self.member("x", seed: 5, host: "a b")])
                == "roster: member x: host is no host name or IP address")
        #expect(
            refused([a, Self.member("bank-a", seed: 5)])
                == "roster: member bank-a: name bank-a is in use already, by bank-a")
        #expect(
            refused([a, Self.member("x", seed: 5, port: 7001)])
                == "roster: member x: host and port 127.0.0.1:7001 is in use already, by bank-a")
        #expect(refused([a, b], dealer: a)?.contains("in use already") == true)
        #expect(
            refused([a, Self.member("x", seed: 5, fingerprint: a.fingerprint)])?
                .hasPrefix("roster: member x: certificateSHA256") == true)
        #expect(
            refused([a, Self.member("x", seed: 5, logKey: a.statementKey)])?
                .hasPrefix("roster: member x: Ed25519 key") == true)
    }

    @Test("Roles are in the text and digest; without them both are what they were")
    func roles() throws {
        let plain = try Roster(parties: [a, b])
        #expect(!plain.text.contains("roles"))
        let roles = [Self.role("compliance", seed: 50), Self.role("owner-2", seed: 51)]
        let roster = try Roster(parties: [Self.member("bank-a", seed: 1, roles: roles), b])
        #expect(roster.digest != plain.digest)
        let read = try Roster(text: roster.text)
        #expect(read == roster && read.parties[0].roles == roles && read.parties[1].roles.isEmpty)
        let changed = roster.text.replacingOccurrences(
            of: roles[1].key.hex, with: a.statementKey.hex)
        #expect(throws: RosterError.self) { try Roster(text: changed) }
        #expect(throws: RosterError.self) {
            try Roster(text: roster.text.replacingOccurrences(of: roles[1].key.hex, with: "00"))
        }
    }

    @Test("Roles with bad or equal names, too many, or with keys in use are refused")
    func badRoles() {
        func refused(_ roles: [Role], _ others: [Role] = []) -> String? {
            do {
                _ = try Roster(parties: [
                    Self.member("x", seed: 5, roles: roles),
                    Self.member("y", seed: 6, roles: others),
                ])
                return nil
            } catch { return error.description }
        }
        let role = Self.role("owner", seed: 50)
        #expect(refused([role], [Self.role("owner", seed: 51)]) == nil)
        #expect(
            refused([role, Self.role("owner", seed: 51)])
                == "roster: member x: roles owner twice")
        for name in ["", "Owner", "a.b", "a b", String(repeating: "x", count: 33), "a\n", "../a"] {
            #expect(
                refused([Self.role(name, seed: 50)])
                    == "roster: member x: roles \"\(name)\" is not 1 to 32 characters of a-z, 0-9 "
                    + "and hyphen")
        }
        let many = (0..<9).map { Self.role("r\($0)", seed: 60 + UInt64($0)) }
        #expect(refused(many) == "roster: member x: roles are 9, more than 8")
        #expect(refused(Array(many.dropLast())) == nil)
        #expect(
            refused([role], [role])
                == "roster: member y: Ed25519 key \(role.key.hex) is in use already, by x")
        #expect(
            refused([role, Role(name: "other", key: role.key)])?.contains("in use already") == true)
        #expect(refused([Role(name: "o", key: a.cosignerKey)]) == nil)
        #expect(
            refused([Role(name: "o", key: Self.member("x", seed: 5).cosignerKey)])?
                .contains("in use already") == true)
    }

    @Test func damagedTextNamesTheField() throws {
        let text = try Roster(parties: [a, b], dealer: dealer).text
        func refused(_ from: String, _ to: String) -> String? {
            let damaged = text.replacingOccurrences(of: from, with: to)
            #expect(damaged != text)
            do {
                _ = try Roster(text: damaged)
                return nil
            } catch { return error.description }
        }
        #expect(refused("{", "[") == "roster: text is not JSON")
        #expect(
            refused("\"version\" : 1", "\"version\" : 2")?.contains("version 2 is not 1") == true)
        #expect(
            refused(a.fingerprint.hex, "00")
                == "roster: member bank-a: certificateSHA256 is not 64 hexadecimal digits")
        #expect(
            refused(b.logKey.hex, "00")?.hasPrefix("roster: member bank-b: logKey is an Ed25519")
                == true)
        #expect(refused("7001", "\"7001\"") == "roster: parties.[0].port has the wrong type")
        #expect(
            refused("\"port\" : 7002", "\"prt\" : 7002") == "roster: parties.[1].port is missing")
        #expect(throws: RosterError.self) { try Roster(text: "") }
    }
}
