import ArgumentParser
import Foundation
import Ledger

/// The ledger in a party's folder, as a member of the roster's consortium.
func openLedger(of party: URL, roster: URL) async throws -> any LedgerService {
    throw ValidationError(
        "\(party.path): this build has no ledger that can be served; use one with it")
}
