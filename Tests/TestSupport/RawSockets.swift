import Glibc

/// A blocking TCP socket for tests that talk below TLS.
public final class RawClient: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    public struct ConnectError: Error {}

    /// Calls 127.0.0.1; tries for two seconds, since the listener may be about to come.
    public init(port: Int) throws {
        for _ in 0..<100 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let status = unsafe withLoopback(port) { unsafe connect(descriptor, $0, $1) }
            if status == 0 {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
            usleep(20_000)
        }
        throw ConnectError()
    }

    deinit { close(descriptor) }

    public func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            // Reads from the array, within its count.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// The next TLS record, header included; nil at the end.
    func readRecord() -> [UInt8]? {
        guard let header = read(5), let body = read(Int(header[3]) << 8 | Int(header[4])) else {
            return nil
        }
        return header + body
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            // Writes into the array, within its count.
            let step = unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress?.advanced(by: got), count - got, 0)
            }
            if step <= 0 { return nil }
            got += step
        }
        return bytes
    }

    func stopSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A listening socket on 127.0.0.1.
public final class Listener: Sendable {
    private let descriptor: Int32

    public struct ListenError: Error {}

    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let status = unsafe withLoopback(port) { unsafe bind(descriptor, $0, $1) }
        guard status == 0, listen(descriptor, 16) == 0 else { throw ListenError() }
    }

    deinit { close(descriptor) }

    func accept() -> RawClient? {
        let caller = Glibc.accept(descriptor, nil, nil)
        return caller >= 0 ? RawClient(descriptor: caller) : nil
    }

    public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Lends the address of a port of 127.0.0.1 to a system call.
func withLoopback<R>(_ port: Int, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    // The system reads the address within its size.
    return unsafe withUnsafeBytes(of: &address) { bytes in
        unsafe body(
            bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
}
