import Algebra

/// The ring that a run computes over, as people name it: `z64`, `z128`, `p62`, `p126` or `prime:BITS`.
public enum RingChoice: Hashable, Sendable, CustomStringConvertible {
    case z64, z128, p62, p126
    /// The largest prime of this many bits, on GMP.
    case prime(bits: Int)

    /// The sizes of a prime chosen at run time, in bits.
    public static let primeBits = 16...1024

    /// Nil if `text` names no ring.
    public init?(_ text: String) {
        switch text {
        case "z64": self = .z64
        case "z128": self = .z128
        case "p62": self = .p62
        case "p126": self = .p126
        default:
            guard text.hasPrefix("prime:"), let bits = Int(text.dropFirst(6)),
                Self.primeBits.contains(bits), text == "prime:\(bits)"
            else { return nil }
            self = .prime(bits: bits)
        }
    }

    public var description: String {
        switch self {
        case .z64: "z64"
        case .z128: "z128"
        case .p62: "p62"
        case .p126: "p126"
        case .prime(let bits): "prime:\(bits)"
        }
    }
}

/// Code that is generic over the ring, run with the one that was chosen.
protocol RingProgram {
    associatedtype Result
    func run<R: Ring>(over ring: R) throws -> Result
}

extension RingChoice {
    /// The one switch from a run-time choice to a type.
    func run<Program: RingProgram>(_ program: Program) throws -> Program.Result {
        switch self {
        case .z64: try program.run(over: Z64())
        case .z128: try program.run(over: Z128())
        case .p62: try program.run(over: Prime62())
        case .p126: try program.run(over: Prime126())
        case .prime(let bits): try program.run(over: PrimeField.largest(bits: bits))
        }
    }
}
