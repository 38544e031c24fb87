import BenchmarkKit
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

/// One TLS channel between two threads: bulk one way, and small frames to and fro.
func measureChannel(_ benchmarks: inout Benchmarks) throws {
    for mebibytes in [1, 16] {
        let name = "TLS one way, frames of \(mebibytes) MiB"
        guard benchmarks.isWanted(name) else { continue }
        let total = 256 << 20
        let times = try overOneChannel(repetitions: benchmarks.repetitions) { link, peer in
            try send(total, inFramesOf: mebibytes << 20, over: link, to: peer)
        } echo: { link, peer in
            for _ in 0..<total / (mebibytes << 20) { _ = try link.receive(from: peer) }
            try link.send(frame(byteCount: 0), to: peer)
            try link.flush()
        }
        benchmarks.record(name, elements: total, nanoseconds: times)
        // 0.5 GB/s is 2 ns a byte.
        benchmarks.derive(
            "\(name), ns a byte", value: times.sorted()[times.count / 2] / Double(total), limit: 2)
    }
    let name = "TLS round trip of 64 bytes"
    guard benchmarks.isWanted(name) else { return }
    let times = try overOneChannel(repetitions: 5_000) { link, peer in
        try link.send(frame(byteCount: 64), to: peer)
        _ = try link.receive(from: peer)
    } echo: { link, peer in
        try link.send(link.receive(from: peer), to: peer)
        try link.flush()
    }
    let sorted = times.sorted()
    benchmarks.record(name, elements: 1, nanoseconds: times)
    benchmarks.derive("\(name), median µs", value: sorted[sorted.count / 2] / 1000, limit: 40)
    benchmarks.derive("\(name), p99 µs", value: sorted[sorted.count * 99 / 100] / 1000)
}

private func send(
    _ total: Int, inFramesOf size: Int, over link: SocketTransport, to peer: Participant
) throws {
    let frame = frame(byteCount: size - FrameHeader.byteCount)
    for _ in 0..<total / size {
        try link.send(frame, to: peer)
        try link.flush()
    }
    _ = try link.receive(from: peer)
}

private func frame(byteCount: Int) -> [UInt8] {
    FrameHeader(opcode: Opcode(rawValue: 16)).frame(
        payload: [UInt8](repeating: 7, count: byteCount))
}

/// Nanoseconds of each repetition of `body`, after one to warm up, while the peer runs `echo`.
private func overOneChannel(
    repetitions: Int,
    _ body: @escaping @Sendable (SocketTransport, Participant) throws -> Void,
    echo: @escaping @Sendable (SocketTransport, Participant) throws -> Void
) throws -> [Double] {
    let links = try connectedMesh(partyCount: 2, dealer: false)
    let clock = SystemClock()
    let times = try onThreads(2) { index in
        let (link, peer) = (links[index], links[index].peers[0])
        defer { link.close() }
        return try (0...repetitions).map { _ in
            let start = clock.monotonicNanoseconds
            try index == 0 ? body(link, peer) : echo(link, peer)
            return Double(clock.monotonicNanoseconds - start)
        }
    }
    return Array(times[0].dropFirst())
}
