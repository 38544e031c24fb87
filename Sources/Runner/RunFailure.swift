/// A run that ended without its result: a line for people and the process's exit code.
public struct RunFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Documented in the README; the numbers are those of `sysexits.h`.
    public enum Code: Int32, Sendable {
        /// The command line makes no sense.
        case usage = 64
        /// A file of this party is wrong; nothing was sent.
        case badInput = 65
        /// A participant is missing, gone, silent or gave up.
        case unavailable = 69
        /// This program is at fault.
        case `internal` = 70
        /// A file cannot be written.
        case cannotCreate = 73
        /// A participant broke the protocol; do not retry before this is cleared up.
        case protocolViolation = 76
        /// The participants do not run the same thing, or the ledger does not allow it.
        case refused = 78
        /// A ledger does not verify.
        case ledgerDamaged = 80
        /// An audit found something else than what a party committed to.
        case auditDiffers = 81
        /// An audit found no difference, but lacked what to compare with.
        case auditIncomplete = 82
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        (self.code, self.description) = (code, description)
    }
}
