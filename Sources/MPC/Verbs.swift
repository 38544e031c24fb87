/// A uniformly masked value that a protocol has opened among all parties.
///
/// It may be computed with, but must never steer control flow or reach the application: only
/// protocol code reads `masked`. Nothing has checked it yet.
public struct Opened<Value: Sendable>: Sendable {
    package let masked: Value
    package init(masked: Value) { self.masked = masked }
}

/// A value that all pending checks preceded and that was checked itself, so that it may steer what
/// the parties do next, as the comparison bits of a sort do.
public struct Revealed<Value: Sendable>: Sendable {
    public let value: Value
    package init(_ value: Value) { self.value = value }
}

extension Opened: CustomStringConvertible, CustomReflectable {
    public var description: String { "Opened<\(Value.self)>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
