public import Algebra
public import Primitives

/// Who receives an output.
public enum Recipients: Hashable, Sendable {
    case all
    case only(Party)

    /// Whether `party` is one of them.
    public func contains(_ party: Party) -> Bool {
        switch self {
        case .all: true
        case .only(let one): one == party
        }
    }
}

/// The arithmetic black box 𝓕_ABB over vectors of secret ring elements.
///
/// Gadgets, analytics and applications are generic over it and know neither the sharing nor the
/// adversary. Every party makes the same calls in the same order. Rounds and bytes of each engine
/// are in `Protocols/README.md`.
public protocol ArithmeticProtocol: ~Copyable {
    associatedtype R: Ring
    associatedtype Shares: ShareVector where Shares.R == R

    var ring: R { get }

    /// Shares `values`, which only `owner` passes (others pass nil).
    ///
    /// - Parameter count: n, public; the owner's vector has exactly n elements.
    mutating func input(_ values: Vector<R>?, count: Int, from owner: Party) throws(MPCError)
        -> Shares
    /// A sharing of public values.
    func constant(_ c: Vector<R>) -> Shares
    /// The same of n values, which an engine of shapes does not compute.
    func constant(_ c: @autoclosure () -> Vector<R>, count: Int) -> Shares
    /// ⟦x + c⟧ for public c, which an engine of shapes does not compute.
    func adding(_ c: @autoclosure () -> Vector<R>, to x: Shares) -> Shares

    /// ⟦x · y⟧, element by element.
    mutating func multiply(_ x: Shares, _ y: Shares) throws(MPCError) -> Shares
    /// ⟦x²⟧, element by element.
    mutating func square(_ x: Shares) throws(MPCError) -> Shares
    /// Inner products of consecutive runs of `length` elements: shape n → n / length.
    mutating func innerProducts(_ x: Shares, _ y: Shares, length: Int) throws(MPCError) -> Shares
    /// The matrix product: shapes rows × inner and inner × columns, row by row, give
    /// rows × columns.
    mutating func matrixProduct(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> Shares

    /// Opens uniformly masked vectors to all parties, together; unchecked.
    mutating func open(_ x: [Shares]) throws(MPCError) -> [Opened<Vector<R>>]
    /// Opens a value that steers what follows, all checks made.
    mutating func reveal(_ x: Shares) throws(MPCError) -> Revealed<Vector<R>>
    /// Releases a result to `recipients` after every pending check; nil for other parties.
    mutating func output(_ x: Shares, to recipients: Recipients) throws(MPCError) -> Vector<R>?
}

extension ArithmeticProtocol where Self: ~Copyable {
    public func constant(_ c: @autoclosure () -> Vector<R>, count: Int) -> Shares {
        let c = c()
        precondition(c.count == count, "\(c.count) values where \(count) are announced")
        return constant(c)
    }
}
