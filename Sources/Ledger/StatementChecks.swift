extension Statement {
    /// Checks what the format cannot: names of the roster, lengths, ranges, fields that belong
    /// together.
    package func check(_ parties: LedgerParties) throws(LedgerError) {
        switch self {
        case .intent(let intent): try intent.check(parties)
        case .outcome(let outcome): try outcome.check(parties)
        }
    }
}

extension Intent {
    fileprivate func check(_ parties: LedgerParties) throws(LedgerError) {
        guard participants.parties == parties.names else {
            throw .malformed("an intent names other parties than the roster")
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
        try Checks.time(time)
    }
}

extension Outcome {
    fileprivate func check(_ parties: LedgerParties) throws(LedgerError) {
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
        try Checks.time(time)
    }
}

private enum Checks {
    /// At most 256 bytes of text in one line, not empty.
    static func text(_ text: String?, _ what: String) throws(LedgerError) {
        guard let text else { return }
        guard !text.isEmpty, text.utf8.count <= 256,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw .malformed("\(what) in a statement is not one line of 1 to 256 bytes")
        }
    }

    static func member(_ name: String, of parties: LedgerParties) throws(LedgerError) {
        guard parties.names.contains(name) else {
            throw .malformed("a statement names a party that is not in the roster")
        }
    }

    static func members(_ names: [String], of parties: LedgerParties) throws(LedgerError) {
        for name in names { try member(name, of: parties) }
        guard Set(names).count == names.count else {
            throw .malformed("a statement names a party twice")
        }
    }

    static func time(_ time: Int64) throws(LedgerError) {
        guard (0...253_402_300_799).contains(time) else {
            throw .malformed("a statement's time is not between 1970 and 9999")
        }
    }
}
