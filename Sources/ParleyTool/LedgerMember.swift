import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

/// A member's own ledger, to be written to.
struct LedgerMemberOptions: ParsableArguments {
    @Option(help: "The roster that all members agreed on.")
    var roster: String
    @Option(help: "This member's own folder.")
    var directory: String

    /// Whose ledger it is.
    func seat() throws -> (roster: Roster, me: Party, directory: PartyDirectory) {
        let roster = try RosterCommand.load(roster)
        let directory = PartyDirectory(URL(filePath: directory))
        let identity = try directory.tlsIdentity()
        guard case .party(let me)? = roster.participant(withCertificate: identity.fingerprint)
        else {
            throw RunFailure(.badInput, "the roster has no party with this identity's certificate")
        }
        return (roster, me, directory)
    }

    func ledger() throws -> SharedLedger {
        let (roster, me, directory) = try seat()
        return try orFail {
            try SharedLedger(
                file: directory.ledgerFile, parties: LedgerParties(roster), me: me,
                keys: directory.ledgerKeys())
        }
    }

    /// Says what was recorded and that it still has to be cosigned.
    func report(_ digest: Digest, _ what: String) {
        Console.print(
            "\(what) recorded as \(digest.hex)\nit will be in the ledger after the next run, "
                + "`parley ledger sync` of all parties, or at once if their nodes are up")
    }
}

/// Turns the ledger's errors into exit codes.
func orFail<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as LedgerError {
        let code: RunFailure.Code =
            switch error {
            case .malformed, .clock: .refused
            case .misbehaved, .forked, .diverged: .protocolViolation
            case .waiting: .unavailable
            case .storage: .cannotCreate
            }
        throw RunFailure(code, "\(error)")
    }
}

/// A statement's digest on the command line.
func statementDigest(_ text: String) throws -> Digest {
    guard let digest = Digest(hex: text) else {
        throw RunFailure(
            .usage, "\(text) is no digest: 64 hexadecimal digits, as `show` prints them")
    }
    return digest
}
