/// How many damaged copies of each thing that comes from others the ledger's suites try.
///
/// Each must be refused, or say nothing else than the original; none may crash or hang. The suites take
/// their numbers from here.
public enum MutationCounts {
    // LedgerTests, MutationTests
    public static let notes = 25_000
    public static let proofsInLog = 25_000
    public static let policies = 5_000
    public static let checkpoints = 5_000
    public static let entries = 20_000
    public static let replicaMessages = 20_000
    /// Each with up to 40 damaged bytes.
    public static let databases = 300
    // ReceiptTests
    public static let proofs = 20_000
    public static let receipts = 20_000
    /// Half of them as PEM, half as DER.
    public static let certificates = 2_000
    // NodeTests, InterfaceTests
    public static let requests = 10_000

    /// What the ledger was asked to withstand: notes, proofs, receipts, REST bodies, database files.
    public static let askedFor = notes + proofsInLog + proofs + receipts + requests + databases
    public static let all =
        askedFor + policies + checkpoints + entries + replicaMessages + certificates
}
