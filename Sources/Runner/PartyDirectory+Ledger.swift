public import Ledger
public import Networking
import Primitives

extension PartyDirectory {
    /// This party's copy of the ledger that the roster's parties keep.
    ///
    /// - Throws: ``RunFailure`` if this folder's party is not in the roster, `LedgerError` if the
    ///   ledger's file is none.
    public func sharedLedger(_ roster: Roster) throws -> SharedLedger {
        try SharedLedger(
            file: ledgerFile, parties: LedgerParties(roster), me: roster.party(tlsIdentity()),
            keys: ledgerKeys())
    }
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
