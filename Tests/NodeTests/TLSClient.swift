import COpenSSL
import Foundation
import Primitives

/// A blocking HTTPS client for tests: it writes whatever bytes it is given.
@safe final class TLSClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// An answer as it came.
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
    }

    // `SSL_CTX *` and `SSL *`, owned by this object alone, which one thread uses.
    private let context: OpaquePointer
    private let connection: OpaquePointer
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1 and demands a certificate for localhost under `service`.
    ///
    /// - Parameters:
    ///   - trusted: a PEM file of the service's certificate.
    ///   - client: the identity whose node certificate is shown; nil for none.
    init(port: Int, trusting trusted: String, as client: ServiceIdentity?) throws {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        // The kernel copies both structures during the calls.
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw Failure(description: "out of memory")
        }
        unsafe self.context = unsafe context
        // OpenSSL copies the files' contents into the context.
        if let client {
            unsafe SSL_CTX_use_certificate_chain_file(context, client.path(.node))
            unsafe SSL_CTX_use_PrivateKey_file(context, client.path(.nodeKey), SSL_FILETYPE_PEM)
        }
        unsafe SSL_CTX_load_verify_locations(context, trusted, nil)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        guard let connection = unsafe SSL_new(context) else {
            throw Failure(description: "out of memory")
        }
        unsafe self.connection = unsafe connection
        unsafe SSL_set1_host(connection, "localhost")
        unsafe SSL_set_fd(connection, descriptor)
        guard status == 0, unsafe SSL_connect(connection) == 1 else {
            throw Failure(description: "no TLS connection")
        }
    }

    deinit {
        unsafe SSL_free(connection)
        unsafe SSL_CTX_free(context)
        close(descriptor)
    }

    /// Sends bytes as they are; whether the connection took them.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        defer { ERR_clear_error() }
        return unsafe SSL_write(connection, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    /// Sends a request with a body and waits for the answer.
    func ask(_ method: String, _ target: String, body: String = "") throws -> Answer {
        send(
            "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + "\(body.utf8.count)\r\n\r\n\(body)")
        return try answer()
    }

    /// The next answer.
    func answer() throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        while received.firstRange(of: end) == nil {
            guard read() else { throw Failure(description: "closed before an answer") }
        }
        guard let border = received.firstRange(of: end) else {
            throw Failure(description: "no answer")
        }
        let lines = String(decoding: received[..<border.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let count = headers["content-length"].flatMap(Int.init) ?? 0
        received.removeSubrange(..<border.upperBound)
        while received.count < count {
            guard read() else { throw Failure(description: "closed within an answer") }
        }
        defer { received.removeSubrange(..<count) }
        let words = lines[0].split(separator: " ")
        return Answer(
            status: words.count > 1 ? Int(words[1]) ?? 0 : 0, headers: headers,
            body: Array(received.prefix(count)))
    }

    /// Waits until the server closes; false if it sends something or does not close in 20 s.
    func isClosedByServer() -> Bool {
        let hadBytes = received.count
        while read() {}
        return received.count == hadBytes && errno != EAGAIN
    }

    private func read() -> Bool {
        errno = 0
        defer { ERR_clear_error() }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        // OpenSSL writes at most so many bytes into the array.
        let count = unsafe SSL_read(connection, &bytes, Int32(bytes.count))
        guard count > 0 else { return false }
        received += bytes.prefix(Int(count))
        return true
    }
}

/// Runs blocking code on a thread of its own: Swift's own few threads serve the server's tasks.
func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
