import Foundation
import Networking
import Primitives

/// What one group of processes measures: one protocol, one number of parties, one ring.
public struct BenchPlan: Sendable, Codable {
    public struct Case: Sendable, Codable, Hashable {
        public let operation: BenchOperation
        public let count: Int
        public init(operation: BenchOperation, count: Int) {
            (self.operation, self.count) = (operation, count)
        }
    }

    public var protocolName: String
    public var ring: String
    public var parties: Int
    public var cases: [Case]
    public var repetitions: Int
    public var link: BenchLink

    public init(
        protocolName: String, ring: String, parties: Int, cases: [Case], repetitions: Int,
        link: BenchLink
    ) {
        (self.protocolName, self.ring, self.parties) = (protocolName, ring, parties)
        (self.cases, self.repetitions, self.link) = (cases, repetitions, link)
    }
}

/// The network between the parties: this machine's, or one made slow.
public struct BenchLink: Sendable, Codable, Hashable, CustomStringConvertible {
    /// Milliseconds there and back.
    public let roundTrip: Double
    /// Megabits a second in each direction; 0 for no limit.
    public let bandwidth: Double

    /// This machine's loopback as it is.
    public static let none = BenchLink(roundTrip: 0, bandwidth: 0)

    private init(roundTrip: Double, bandwidth: Double) {
        (self.roundTrip, self.bandwidth) = (roundTrip, bandwidth)
    }

    /// `lan` is 1 ms and 1 Gbit/s, `wan` 50 ms and 100 Mbit/s; else milliseconds, a comma, Mbit/s.
    public init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "lan": self.init(roundTrip: 1, bandwidth: 1000)
        case "wan": self.init(roundTrip: 50, bandwidth: 100)
        default:
            let parts = text.split(separator: ",").compactMap { Double($0) }
            guard parts.count == 2, text.split(separator: ",").count == 2,
                (0...10_000).contains(parts[0]), (0.001...1_000_000).contains(parts[1])
            else { return nil }
            self.init(roundTrip: parts[0], bandwidth: parts[1])
        }
    }

    public var description: String {
        self == .none ? "loopback" : "\(roundTrip) ms, \(bandwidth) Mbit/s"
    }

    func wrapping(_ transport: SocketTransport) -> any Transport {
        guard self != .none else { return transport }
        return EmulatedLinkTransport(
            transport, latency: .microseconds(Int(roundTrip * 500)),
            bytesPerSecond: bandwidth > 0 ? bandwidth * 125_000 : .infinity)
    }
}
