public import Primitives

/// What a participant announces before it hangs up: the step, the reason and whom it blames.
///
/// It never depends on a secret: steps and reasons are texts of this program.
public struct AbortNotice: Hashable, Sendable {
    public let accuser: Participant
    public let culprit: Participant?
    public let step: String
    public let reason: String

    init(accuser: Participant, error: MPCError, step: String) {
        self.accuser = accuser
        // Who gives up for a reason of its own is the cause itself.
        culprit = error.isOwn ? accuser : error.culprit
        self.step = step
        // What is wrong with its files is for its own people.
        reason =
            if case .preprocessingStore = error { "its preparation cannot be used" } else {
                error.message { "\($0)" }
            }
    }

    private static let noCulprit: UInt16 = 0xFFFF
    private static let dealerCode: UInt16 = 0xFFFE
    private static let textLimit = 400

    /// The payload of an abort frame: culprit, step, reason; at most 1 KiB.
    var payload: [UInt8] {
        var bytes: [UInt8] = []
        let code =
            switch culprit {
            case .party(let party): UInt16(party.index)
            case .dealer: Self.dealerCode
            case nil: Self.noCulprit
            }
        bytes.append(littleEndian: code)
        for text in [step, reason] {
            let clipped = Array(text.utf8.prefix(Self.textLimit))
            bytes.append(littleEndian: UInt16(clipped.count))
            bytes += clipped
        }
        return bytes
    }

    /// Reads what a peer announced.
    ///
    /// Its text may be anything: only printable ASCII is kept, and a malformed notice is still one.
    init(from accuser: Participant, payload: [UInt8]) {
        self.accuser = accuser
        var rest = payload[...]
        func integer() -> Int? {
            guard rest.count >= 2, let low = rest.popFirst(), let high = rest.popFirst() else {
                return nil
            }
            return Int(low) | Int(high) << 8
        }
        func text() -> String {
            guard let count = integer(), count <= rest.count else { return "an unknown step" }
            defer { rest = rest.dropFirst(count) }
            let printable = rest.prefix(count).map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }
            return String(decoding: printable, as: UTF8.self)
        }
        culprit =
            switch integer().map(UInt16.init(truncatingIfNeeded:)) {
            case nil, Self.noCulprit?: nil
            case Self.dealerCode?: .dealer
            case let index?: .party(Party(Int(index)))
            }
        step = text()
        reason = text()
    }
}
