/// A link between parties.
public struct Link: Hashable, Sendable, Codable {
    /// One way, in seconds.
    public let latency: Double
    /// Of what one participant sends.
    public let bytesPerSecond: Double

    public init(latency: Double, bytesPerSecond: Double) {
        precondition(latency >= 0 && bytesPerSecond > 0, "a link has a speed")
        (self.latency, self.bytesPerSecond) = (latency, bytesPerSecond)
    }

    /// Parties of one process or machine: no more than the machine's own work.
    public static let local = Link(latency: 0, bytesPerSecond: 1e12)
    /// 1 Gbit/s, 0.5 ms round trip.
    public static let lan = Link(latency: 0.25e-3, bytesPerSecond: 125e6)
    /// 100 Mbit/s, 40 ms round trip.
    public static let wan = Link(latency: 20e-3, bytesPerSecond: 12.5e6)
}

/// How fast one engine works on one machine over one ring: what calibration measures.
///
/// Seconds are those of runs in which all parties share the cores of the machine that was measured;
/// parties with machines of their own are faster.
public struct MachineSpeed: Hashable, Sendable, Codable {
    /// Of a round with next to nothing in it: the machine's part, without the link's latency.
    public var secondsPerRound: Double
    /// Of a unit of each kind of work; a kind that was not measured costs nothing.
    public var secondsPerUnit: [Work: Double]

    public init(secondsPerRound: Double, secondsPerUnit: [Work: Double]) {
        (self.secondsPerRound, self.secondsPerUnit) = (secondsPerRound, secondsPerUnit)
    }
}

extension PlannedCost {
    /// Rounds × latency, bytes of the busiest participant ÷ bandwidth, and work, one after the other.
    public func seconds(on link: Link, speed: MachineSpeed) -> Double {
        let sent = Double(largestBytesSent) / link.bytesPerSecond
        return work.reduce(Double(rounds) * (link.latency + speed.secondsPerRound) + sent) {
            $0 + Double($1.value) * speed.secondsPerUnit[$1.key, default: 0]
        }
    }
}

extension CostEstimate {
    /// From the agreement to the end, preprocessing included.
    public func seconds(on link: Link, speed: MachineSpeed) -> Double {
        total.seconds(on: link, speed: speed)
    }
}
