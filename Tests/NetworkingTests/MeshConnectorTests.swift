import Foundation
import Networking
import Primitives
import Synchronization
import TestSupport
import Testing

private let p0 = Participant.party(Party(0))
private let p1 = Participant.party(Party(1))
private let p2 = Participant.party(Party(2))

@Suite(.serialized) struct MeshConnectorTests {
    /// Connects the given members, each on its own thread; true where the mesh came about.
    private func connect(
        _ connectors: [MeshConnector], alongside: (@Sendable () throws -> Void)? = nil
    ) -> [Result<Bool, any Error>] {
        let connectors = connectors.map(Handed.init)
        return concurrently(connectors.count + (alongside == nil ? 0 : 1)) { index in
            guard index < connectors.count else {
                try alongside?()
                return true
            }
            try connectors[index].connector.connect().close()
            return true
        }
    }

    /// A connector is handed to one thread, which alone uses it from then on.
    private struct Handed: @unchecked Sendable {
        let connector: MeshConnector
    }

    private func expect(
        _ result: Result<Bool, any Error>, _ peer: Participant, says words: String...
    ) {
        guard case .refused(let who, let reason)? = result.transportError else {
            Issue.record("expected a refusal, got \(result)")
            return
        }
        #expect(who == peer)
        for word in words { #expect(reason.contains(word), "\(reason)") }
    }

    @Test func laterMembersMayBeFirst() throws {
        let members = try TestIdentities(partyCount: 3)
        let results = connect((0..<3).map(members.connector))
        #expect(results.allSatisfy { (try? $0.get()) == true })
    }

    // MARK: Whose certificate

    @Test func anExpiredCertificateIsRefusedAtBothEnds() throws {
        let now = SystemClock().wallSeconds
        for (start, days, words) in [
            (now - 3 * 86_400, 1, "expired on 20"), (now + 86_400, 1, "is not valid before 20"),
        ] {
            let members = try TestIdentities(
                names: ["bank-a", "bank-b"],
                identities: [
                    TLSIdentity(name: "bank-a", validFrom: now - 60, days: 1),
                    TLSIdentity(name: "bank-b", validFrom: start, days: days),
                ])
            // Its own clock says that all is well: the other end has to notice.
            var late = members.connector(1)
            late.clock = ShiftedClock(offset: start + 60 - now)
            let results = connect([members.connector(0), late])
            expect(results[0], p1, says: "its certificate \(words)")
            // The late one's clock may itself find bank-a's certificate out of date.
            #expect(results[1].transportError != nil)
            // With a clock that is right it does not even try.
            expect(connect([members.connector(1)])[0], p1, says: "its certificate \(words)")
        }
    }

    @Test func anUnknownCallerIsToldSo() throws {
        let members = try TestIdentities(partyCount: 2)
        let stranger = try TLSIdentity(
            name: "bank-b", validFrom: SystemClock().wallSeconds - 60, days: 1)
        // The stranger's own roster has its certificate in bank-b's place.
        let b = try #require(members.roster[p1])
        let forged = try Roster(parties: [
            members.roster.parties[0],
            Roster.Member(
                name: b.name, host: b.host, port: b.port, fingerprint: stranger.fingerprint,
                statementKey: b.statementKey, cosignerKey: b.cosignerKey, logKey: b.logKey,
                deliveryKey: b.deliveryKey),
        ])
        var first = members.connector(0)
        first.connectDeadline = .seconds(1)
        let caller = MeshConnector(roster: forged, me: p1, identity: stranger)
        let results = connect([first, caller])
        expect(results[1], p0, says: "it says: your certificate", "is not in the roster of bank-a")
        guard case .unreachable([p1], let reason)? = results[0].transportError else {
            Issue.record("expected unreachable, got \(results[0])")
            return
        }
        #expect(reason.contains("bank-b at 127.0.0.1"))
        #expect(reason.contains("a caller's certificate (SHA-256 "))
    }

    @Test func aSwappedCertificateIsNamedAtBothEnds() throws {
        // Bank-b's place is taken by bank-c, which has a certificate of the roster: its own.
        let members = try TestIdentities(partyCount: 3)
        let r = members.roster.parties
        func at(_ member: Roster.Member, _ place: Roster.Member) -> Roster.Member {
            Roster.Member(
                name: member.name, host: place.host, port: place.port,
                fingerprint: member.fingerprint, statementKey: member.statementKey,
                cosignerKey: member.cosignerKey, logKey: member.logKey,
                deliveryKey: member.deliveryKey)
        }
        // In bank-b's roster, addresses of bank-a and a third are exchanged.
        let mixed = try Roster(parties: [at(r[0], r[1]), at(r[1], r[0]), r[2]])
        var wrong = MeshConnector(roster: mixed, me: p1, identity: members.identities[1])
        wrong.connectDeadline = .seconds(3)
        // bank-c dials bank-a's address as its roster has it, and finds bank-b there.
        let results = connect([wrong, members.connector(2)])
        expect(results[1], p0, says: "bank-b's certificate", "answered at its address 127.0.0.1")
        expect(results[0], p2, says: "it says: refused bank-a: bank-b's certificate")
    }

    @Test func theOwnCertificateMustBeTheRosters() throws {
        let members = try TestIdentities(partyCount: 2)
        let connector = MeshConnector(
            roster: members.roster, me: p0, identity: members.identities[1])
        expect(connect([connector])[0], p0, says: "another certificate")
    }

    @Test func oneIdentityTwiceIsRefused() throws {
        let members = try TestIdentities(partyCount: 3)
        var (first, original, copy) = (
            members.connector(0), members.connector(2), members.connector(2)
        )
        first.connectDeadline = .seconds(2)
        original.connectDeadline = .seconds(2)
        copy.connectDeadline = .seconds(2)
        let results = connect([first, original, copy])
        // Bank-b is missing: nobody gets a mesh, but only the second bank-c is told to go.
        #expect(results.allSatisfy { $0.transportError != nil })
        let texts = results[1...].compactMap { $0.transportError?.description }
        #expect(texts.count { $0.contains("bank-c is connected already: does it run twice?") } == 1)
    }

    @Test func differentRostersAreNoticedAtBothEnds() throws {
        let members = try TestIdentities(partyCount: 3)
        let parties = members.roster.parties
        let other = try Roster(parties: Array(parties[..<2]))
        let wrong = MeshConnector(roster: other, me: p1, identity: members.identities[1])
        let results = connect([members.connector(0), wrong])
        expect(results[0], p1, says: "its roster")
        expect(results[1], p0, says: "its roster")
    }

    // MARK: Waiting

    @Test func missingMembersAreNamed() throws {
        let members = try TestIdentities(partyCount: 3)
        var connector = members.connector(1)
        connector.connectDeadline = .seconds(2)
        let lines = Lines()
        connector.waiting = { line in lines.append(line) }
        let error = connect([connector])[0].transportError
        guard case .unreachable(let missing, let reason)? = error else {
            Issue.record("expected unreachable, got \(String(describing: error))")
            return
        }
        #expect(missing == [p0, p2])
        #expect(
            reason.contains("bank-a at \(members.roster.parties[0].address) (Connection refused)"))
        #expect(
            reason.contains("bank-c at \(members.roster.parties[2].address) (it has not called"))
        let seen = lines.all
        #expect(seen.count == 2)
        #expect(seen[0].hasPrefix("waiting for bank-a at 127.0.0.1:"))
        #expect(seen[0].hasSuffix("(Connection refused), 0 s left"))
    }

    private final class Lines: Sendable {
        private let content = Mutex<[String]>([])
        func append(_ line: String) { content.withLock { $0.append(line) } }
        var all: [String] { content.withLock { $0 } }
    }

    @Test func aPortInUseIsNamed() throws {
        let members = try TestIdentities(partyCount: 2)
        let listener = try Listener(port: members.roster.parties[0].port)
        defer { listener.stop() }
        guard
            case .cannotListen(let address, let reason)? = connect([members.connector(0)])[0]
                .transportError
        else {
            Issue.record("expected cannotListen")
            return
        }
        #expect(address == members.roster.parties[0].address)
        #expect(reason.contains("the port is in use"))
    }

    @Test func cancelEndsTheWait() throws {
        let members = try TestIdentities(partyCount: 2)
        let connector = members.connector(0)
        let cancellation = connector.cancellation
        let results = connect([connector]) {
            usleep(50_000)
            cancellation.cancel()
        }
        #expect(results[0].transportError == .cancelled)
    }

    @Test func strangersDoNotDisturb() throws {
        let members = try TestIdentities(partyCount: 2)
        let port = members.roster.parties[0].port
        let late = Handed(connector: members.connector(1))
        let results = connect([members.connector(0)]) {
            // 40 callers: silent, talking nonsense, or hanging up, all before the right one.
            var callers: [RawClient] = []
            for number in 0..<40 {
                let caller = try RawClient(port: port)
                if number % 3 == 1 { caller.send(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
                if number % 3 == 2 { caller.send([UInt8](repeating: 0x16, count: 5000)) }
                if number % 4 == 0 { caller.stop() } else { callers.append(caller) }
            }
            try late.connector.connect().close()
            for caller in callers { caller.stop() }
        }
        #expect(results.allSatisfy { (try? $0.get()) == true })
    }

    /// The system's clock, moved.
    private struct ShiftedClock: ParleyClock {
        let offset: Int64
        var monotonicNanoseconds: UInt64 { SystemClock().monotonicNanoseconds }
        var wallSeconds: Int64 { SystemClock().wallSeconds + offset }
    }
}

struct TLSIdentityTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "parley-identity-\(UUID().uuidString)").path

    private func inDirectory(_ body: (_ certificate: String, _ key: String) throws -> Void) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body("\(directory)/tls-cert.pem", "\(directory)/tls-key.pem")
    }

    @Test func filesRoundTrip() throws {
        try inDirectory { certificate, key in
            let identity = try TLSIdentity(name: "bank-a", validFrom: 1_800_000_000, days: 10)
            #expect(identity.notBefore == 1_800_000_000)
            #expect(identity.notAfter == 1_800_864_000)
            try identity.save(certificateFile: certificate, keyFile: key)
            let read = try TLSIdentity(certificateFile: certificate, keyFile: key)
            #expect(read.fingerprint == identity.fingerprint)
            #expect(read.notAfter == identity.notAfter)
            let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            // Never over an existing key.
            #expect(throws: IdentityError.file(path: key, reason: "File exists")) {
                try identity.save(certificateFile: certificate, keyFile: key)
            }
        }
    }

    @Test func badFilesAreNamed() throws {
        try inDirectory { certificate, key in
            func read() throws { _ = try TLSIdentity(certificateFile: certificate, keyFile: key) }
            #expect(throws: IdentityError.file(path: key, reason: "No such file or directory")) {
                try read()
            }
            let identity = try TLSIdentity(name: "bank-a", validFrom: 1_800_000_000, days: 10)
            try identity.save(certificateFile: certificate, keyFile: key)
            _ = unsafe chmod(key, 0o640)
            #expect(throws: IdentityError.readableByOthers(path: key)) { try read() }
            _ = unsafe chmod(key, 0o600)
            let other = try TLSIdentity(name: "bank-a", validFrom: 1_800_000_000, days: 10)
            #expect(other.fingerprint != identity.fingerprint)
            try FileManager.default.removeItem(atPath: certificate)
            try other.save(certificateFile: certificate, keyFile: key + "2")
            #expect(throws: IdentityError.keyDoesNotFit(certificate: certificate, key: key)) {
                try read()
            }
            try "nonsense".write(toFile: certificate, atomically: false, encoding: .utf8)
            #expect(throws: IdentityError.file(path: certificate, reason: "no PEM certificate")) {
                try read()
            }
        }
        #expect(throws: IdentityError.badName("Bank A")) {
            try TLSIdentity(name: "Bank A", validFrom: 0, days: 1)
        }
    }
}
