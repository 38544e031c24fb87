public import Ledger
public import Networking
public import Primitives

extension PartyDirectory {
    /// This party's copy of the ledger that the roster's parties keep.
    ///
    /// - Throws: ``RunFailure`` if this folder's party is not in the roster, `LedgerError` if the
    ///   ledger's file is none.
    ///
    /// - Parameter report: gets lines for the operator: see ``SharedLedger``.
    public func sharedLedger(
        _ roster: Roster, report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> SharedLedger {
        try SharedLedger(
            file: ledgerFile, parties: LedgerParties(roster), me: seat(in: roster),
            keys: ledgerKeys(), report: report)
    }
}

extension PartyDirectory {
    /// Which of the roster's parties this folder's is.
    public func seat(in roster: Roster) throws -> Party { try roster.party(tlsIdentity()) }
}

extension Roster {
    /// The place of the party that has this identity.
    func party(_ identity: TLSIdentity) throws(RunFailure) -> Party {
        guard case .party(let me)? = participant(withCertificate: identity.fingerprint) else {
            throw RunFailure(.badInput, "the roster has no party with this identity's certificate")
        }
        return me
    }
}
