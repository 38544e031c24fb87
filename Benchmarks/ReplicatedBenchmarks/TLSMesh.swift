import Foundation
public import Networking
import Synchronization
import TestSupport

/// The connected TLS transports of parties (and a dealer) on loopback, identities made on the fly.
public func connectedMesh(partyCount: Int, dealer: Bool) throws -> [SocketTransport] {
    let members = try TestIdentities(partyCount: partyCount, dealer: dealer)
    return try onThreads(members.identities.count) { try members.connector($0).connect() }
}

/// Runs `body` for 0 ..< `count` on a thread each; what each returned, in order.
public func onThreads<T: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> T
) throws -> [T] {
    let results = Mutex<[Int: Result<T, any Error>]>([:])
    let done = DispatchGroup()
    for index in 0..<count {
        done.enter()
        Thread.detachNewThread {
            let result = Result { try body(index) }
            results.withLock { $0[index] = result }
            done.leave()
        }
    }
    done.wait()
    let all = results.withLock { $0 }
    return try (0..<count).compactMap { try all[$0]?.get() }
}
