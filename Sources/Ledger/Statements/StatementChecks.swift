import Foundation
import Primitives

extension Intent: StatementBody {
    var signers: Statement.Signers { .all }

    func check(_ parties: LedgerParties) throws(LedgerError) {
        guard participants.parties == parties.names else {
            throw .malformed("an intent names other parties than the ledger's")
        }
        try Checks.text(program.name, "the program's name")
        try Checks.text(parameters.ring, "the ring")
        try Checks.text(parameters.protocol, "the protocol")
        try Checks.text(parameters.preprocessing, "the preprocessing")
        for threshold in parameters.thresholds {
            try Checks.text(threshold.name, "a threshold's name")
            try Checks.text(threshold.value, "a threshold's value")
        }
        try Checks.text(participants.dealer, "the dealer")
        try Checks.text(period, "the period")
        for input in inputs {
            try Checks.member(input.party, of: parties)
            try Checks.text(input.table, "a table's name")
            guard (0...(1 << 40)).contains(input.rows) else {
                throw .malformed("an input has a number of rows out of range")
            }
        }
        try Checks.members(seeds.map(\.party), of: parties)
        try Checks.time(time)
    }
}

extension Outcome: StatementBody {
    var signers: Statement.Signers {
        status == .aborted || status == .refused ? .anyOne : .all
    }

    func check(_ parties: LedgerParties) throws(LedgerError) {
        let explains = step != nil && reason != nil
        let accuses = step != nil || accuser != nil || culprit != nil || reason != nil
        guard status == .completed ? !accuses : explains && receipts.isEmpty else {
            throw .malformed(
                "an outcome tells a step and a reason exactly if the run did not complete")
        }
        try Checks.text(step, "the step")
        try Checks.text(reason, "the reason")
        try Checks.text(culprit, "the culprit")
        // The dealer may accuse too; it is no member of the ledger.
        try Checks.text(accuser, "the accuser")
        for release in releases {
            for recipient in release.recipients { try Checks.member(recipient, of: parties) }
            try Checks.members(release.commitments.map(\.party), of: parties)
        }
        try Checks.members(receipts.map(\.party), of: parties)
        try Checks.members(transcripts.map(\.party), of: parties)
        try Checks.time(time)
    }
}

extension Genesis: StatementBody {
    var signers: Statement.Signers { .all }

    func check(_ parties: LedgerParties) throws(LedgerError) {
        guard try self.parties == parties else {
            throw .malformed("a genesis names other parties than the ledger's")
        }
        try Checks.time(time)
    }
}

/// What one party states by itself, and signs alone.
protocol AuthoredBody: StatementBody {
    var author: String { get }
    /// Checks the fields besides author and time.
    func checkFields(_ parties: LedgerParties) throws(LedgerError)
}

extension AuthoredBody {
    var signers: Statement.Signers { .author(author) }

    func check(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.member(author, of: parties)
        try checkFields(parties)
        try Checks.time(time)
    }

    func checkFields(_ parties: LedgerParties) throws(LedgerError) {}
}

extension Ballot: AuthoredBody {}
extension Receipt: AuthoredBody {}
extension Erasure: AuthoredBody {}
extension ServiceCertificate: AuthoredBody {}

extension Proposal: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        _ = try parties.applying(action)
    }
}

extension Note: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.recipients(recipients, author, of: parties)
    }
}

extension StoredFile: AuthoredBody {
    /// The largest file: 1 GiB.
    public static let maxBytes = 1 << 30
    /// A chunk's length, in bytes: 1 MiB.
    static let chunkBytes = 1 << 20

    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.recipients(recipients, author, of: parties)
        guard (0...Self.maxBytes).contains(bytes), chunkBytes == Self.chunkBytes else {
            throw .malformed("a file has at most 1 GiB, in chunks of 1 MiB")
        }
    }
}

extension Retention: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        guard holds.count <= 16, Set(holds).count == holds.count else {
            throw .malformed("a retention has at most 16 different holds")
        }
        for hold in holds { try Checks.text(hold, "a hold") }
        try Checks.time(until)
    }
}

extension TableDigest: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.text(document, "a table digest", atMost: 1024)
    }
}

extension BuildEvidence: AuthoredBody {
    func checkFields(_ parties: LedgerParties) throws(LedgerError) {
        try Checks.text(commit, "a commit")
        for package in packages {
            try Checks.text(package.name, "a package's name")
            try Checks.text(package.version, "a package's version")
        }
    }
}

enum Checks {
    /// One line of text, not empty.
    static func text(
        _ text: String?, _ what: String, atMost limit: Int = 256
    ) throws(LedgerError) {
        guard let text else { return }
        guard !text.isEmpty, text.utf8.count <= limit,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw .malformed("\(what) in a statement is not one line of 1 to \(limit) bytes")
        }
    }

    static func member(_ name: String, of parties: LedgerParties) throws(LedgerError) {
        guard parties.names.contains(name) else {
            throw .malformed("a statement names a party that is not in the ledger")
        }
    }

    static func members(_ names: [String], of parties: LedgerParties) throws(LedgerError) {
        for name in names { try member(name, of: parties) }
        guard Set(names).count == names.count else {
            throw .malformed("a statement names a party twice")
        }
    }

    /// Parties in the ledger's order, the author among them.
    static func recipients(
        _ names: [String], _ author: String, of parties: LedgerParties
    ) throws(LedgerError) {
        guard parties.names.filter(names.contains) == names, names.contains(author) else {
            throw .malformed(
                "recipients are parties in the ledger's order, the author among them")
        }
    }

    /// A day as 2027-06-30; nil is none.
    static func day(_ day: String?, _ what: String) throws(LedgerError) {
        guard let day else { return }
        let isHyphen = [false, false, false, false, true, false, false, true, false, false]
        guard day.utf8.count == isHyphen.count,
            zip(day.utf8, isHyphen).allSatisfy({
                $1 ? $0 == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            })
        else { throw .malformed("\(what) is not written as 2027-06-30") }
    }

    static func time(_ time: Int64) throws(LedgerError) {
        guard (0...253_402_300_799).contains(time) else {
            throw .malformed("a statement's time is not between 1970 and 9999")
        }
    }
}
