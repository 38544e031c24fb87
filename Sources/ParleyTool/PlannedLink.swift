import ArgumentParser
import Costs

/// A link that a plan is for: `local`, `lan`, `wan`, or bandwidth and round trip as in `1Gbit,10ms`.
struct PlannedLink: ExpressibleByArgument {
    let link: Link

    init?(argument: String) {
        switch argument {
        case "local": link = .local
        case "lan": link = .lan
        case "wan": link = .wan
        default:
            let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2,
                let bits = Self.number(
                    parts[0], units: [("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)]),
                let trip = Self.number(parts[1], units: [("ms", 1e-3), ("us", 1e-6), ("s", 1)]),
                bits > 0
            else { return nil }
            // A plan counts one way.
            link = Link(latency: trip / 2, bytesPerSecond: bits / 8)
        }
    }

    private static func number(_ text: Substring, units: [(String, Double)]) -> Double? {
        guard let (unit, scale) = units.first(where: { text.hasSuffix($0.0) }),
            let value = Double(text.dropLast(unit.count)), value.isFinite, value >= 0,
            value <= 1e6
        else { return nil }
        return value * scale
    }
}
