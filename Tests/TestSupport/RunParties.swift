import Foundation
public import MPC
public import Networking
public import Primitives

/// Runs `program` as every party and `dealer`, if there is one, each on its own thread with its own
/// seeded randomness, after the agreement step; returns what each returned or threw, in the order
/// of the transports; the first `computing` of them compute, all if nil.
public func runParties<T: Sendable>(
    _ transports: [any Transport],
    terms: @escaping @Sendable (Participant) -> AgreementTerms = {
        _ in AgreementTerms([("program", "test")])
    },
    computing: Int? = nil, seed: UInt64 = 1, signers: [ReleaseSigner] = [],
    dealer: (@Sendable (Session) throws -> Void)? = nil,
    _ program: @escaping @Sendable (Session) throws -> T
) -> [Result<T?, any Error>] {
    let results = Results<T?>(count: transports.count)
    for (index, transport) in transports.enumerated() {
        let box = Box(transport)
        let thread = Thread {
            let transport = box.transport
            let result = Result<T?, any Error> {
                let session = try Session.agree(
                    on: terms(transport.me), over: transport, computing: computing,
                    randomness: SeededRandomness(seed: seed << 8 | UInt64(index)),
                    signer: signers.isEmpty || transport.me == .dealer ? nil : signers[index])
                do {
                    defer { transport.close() }
                    guard transport.me == .dealer else { return try program(session) }
                    try dealer?(session)
                    return nil
                } catch let error as MPCError {
                    session.abort(error)
                    throw error
                }
            }
            results.set(index, result)
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
    return results.wait()
}

/// Hands one transport to the one thread that uses it.
private struct Box: @unchecked Sendable {
    let transport: any Transport
    init(_ transport: any Transport) { self.transport = transport }
}

private final class Results<T>: @unchecked Sendable {
    // Invariant: `results` and `missing` are touched only while `condition` is locked.
    private let condition = NSCondition()
    private var results: [Result<T, any Error>?]
    private var missing: Int

    init(count: Int) {
        results = Array(repeating: nil, count: count)
        missing = count
    }

    func set(_ index: Int, _ result: Result<T, any Error>) {
        condition.withLock {
            results[index] = result
            missing -= 1
            condition.broadcast()
        }
    }

    func wait() -> [Result<T, any Error>] {
        condition.withLock {
            while missing > 0 { condition.wait() }
            return results.compactMap { $0 }
        }
    }
}
