import Foundation
import Synchronization

/// What a ``TamperingProxy`` does to one TLS record.
public enum RecordTampering: String, Sendable, CaseIterable {
    case flipBit, truncate, duplicate, swapWithNext, dropAndClose, oversize
}

/// A TCP proxy on 127.0.0.1 that reads TLS records (5-byte headers) and spoils one of them.
///
/// Records of a direction count from 0, those of the handshake included; `delay` lets the first
/// ones of the application be told apart without knowing how many those are.
public final class TamperingProxy: Sendable {
    public enum Direction: Sendable { case toServer, toClient }

    public let port: Int
    private let listener: Listener
    private let target: Mutex<(direction: Direction, records: Int, change: RecordTampering)?> =
        Mutex(nil)
    private let records = Mutex<[Bool: Int]>([:])

    /// Forwards every caller to `serverPort`.
    public init(serverPort: Int) throws {
        port = freePort()
        listener = try Listener(port: port)
        Thread.detachNewThread { [self] in
            while let client = listener.accept() {
                guard let server = try? RawClient(port: serverPort) else {
                    client.stop()
                    continue
                }
                Thread.detachNewThread { self.forward(client, server, .toServer) }
                Thread.detachNewThread { self.forward(server, client, .toClient) }
            }
        }
    }

    /// From now on, spoils the record after the next `skipping` of that direction.
    public func spoil(
        _ direction: Direction, skipping: Int = 0, _ change: RecordTampering
    ) {
        target.withLock { $0 = (direction, skipping, change) }
    }

    /// Records forwarded so far.
    public func count(_ direction: Direction) -> Int {
        records.withLock { $0[direction == .toServer, default: 0] }
    }

    public func stop() { listener.stop() }

    private func forward(_ source: RawClient, _ sink: RawClient, _ direction: Direction) {
        var held: [UInt8] = []
        while let record = source.readRecord() {
            records.withLock { $0[direction == .toServer, default: 0] += 1 }
            let pieces = held
            held = []
            switch changeNow(direction) {
            case nil: sink.send(record + pieces)
            case .flipBit?:
                var flipped = record
                flipped[record.count / 2 + 2] ^= 0x10
                sink.send(flipped)
            case .truncate?: sink.send(Array(record.dropLast(3)))
            case .duplicate?: sink.send(record + record)
            case .swapWithNext?: held = record
            case .dropAndClose?:
                source.stop()
                sink.stop()
                return
            case .oversize?:
                var long = record
                (long[3], long[4]) = (0xff, 0xff)
                sink.send(long + [UInt8](repeating: 0, count: 0xffff))
            }
        }
        sink.stopSending()
    }

    private func changeNow(_ direction: Direction) -> RecordTampering? {
        target.withLock { target in
            guard let current = target, current.direction == direction else { return nil }
            if current.records > 0 {
                target?.records -= 1
                return nil
            }
            target = nil
            return current.change
        }
    }
}
