/// The scripts that come with Parley.
public enum ScriptLibrary: String, CaseIterable, Sendable {
    case exposure, structuring, risk, fraud, statistics, overlap

    /// What it finds out, in a line.
    public var title: String {
        switch self {
        case .exposure: "accounts that receive large sums from several banks together"
        case .structuring: "customers who split cash deposits over days and banks"
        case .risk: "accounts that risky accounts at other banks pay to, in bands"
        case .fraud: "scores of payments by a model that its vendor keeps to itself"
        case .statistics: "loans of all banks by sector: numbers, totals, means"
        case .overlap: "how many keys are at two banks or more, before any other run"
        }
    }

    /// The canonical text.
    public var text: String {
        let bytes =
            switch self {
            case .exposure: PackageResources.exposure_parley
            case .structuring: PackageResources.structuring_parley
            case .risk: PackageResources.risk_parley
            case .fraud: PackageResources.fraud_parley
            case .statistics: PackageResources.statistics_parley
            case .overlap: PackageResources.overlap_parley
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
