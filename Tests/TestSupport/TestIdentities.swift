import Glibc
public import Networking
public import Primitives
import Synchronization

/// Members with fresh certificates and reproducible signing keys, on free ports of 127.0.0.1.
public struct TestIdentities: Sendable {
    public let roster: Roster
    /// In the order of `roster.members`, as are the keys.
    public let identities: [TLSIdentity]
    public let signingKeys: [SigningKey]

    /// Members bank-a, bank-b, … and dealer.
    public init(partyCount: Int, dealer: Bool = false) throws {
        let letters = "abcdefghij"
        let names = letters.prefix(partyCount).map { "bank-\($0)" } + (dealer ? ["dealer"] : [])
        let now = SystemClock().wallSeconds
        let identities = try names.map { try TLSIdentity(name: $0, validFrom: now - 60, days: 1) }
        try self.init(names: names, identities: identities, dealer: dealer)
    }

    /// Members with certificates of the caller's making; the last is the dealer if there is one.
    public init(names: [String], identities: [TLSIdentity], dealer: Bool = false) throws {
        let keys = names.indices.map { SigningKey(using: SeededRandomness(seed: UInt64($0) + 1)) }
        let members = names.indices.map { index in
            Roster.Member(
                name: names[index], host: "127.0.0.1", port: freePort(),
                fingerprint: identities[index].fingerprint,
                statementKey: keys[index].derived(label: "statement").publicKey,
                cosignerKey: keys[index].derived(label: "cosigner").publicKey,
                logKey: keys[index].derived(label: "log").publicKey,
                deliveryKey: DeliverySecret(keys[index].derivedSecret(label: "delivery"))
                    .publicKey)
        }
        roster = try Roster(
            parties: dealer ? members.dropLast() : members, dealer: dealer ? members.last : nil)
        self.identities = identities
        signingKeys = keys
    }

    /// A connector of member number `index`, with deadlines fit for tests.
    public func connector(_ index: Int) -> MeshConnector {
        var connector = MeshConnector(
            roster: roster, me: roster.participants[index], identity: identities[index])
        connector.deadline = .seconds(20)
        connector.connectDeadline = .seconds(20)
        return connector
    }
}

private let nextPort = Mutex(20_000 + Int(getpid()) * 97 % 10_000)

/// A port that nobody listens at, below those that the system hands out to callers.
public func freePort() -> Int {
    nextPort.withLock { port in
        while true {
            port = port >= 30_000 ? 20_000 : port + 1
            if isFree(port) { return port }
        }
    }
}

private func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return unsafe withLoopback(port) { unsafe bind(descriptor, $0, $1) } == 0
}
