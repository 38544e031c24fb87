import Glibc

/// The system's words for an error number.
func errorText(_ number: Int32) -> String {
    // `strerror` returns a string of the C library's own.
    unsafe String(cString: strerror(number))
}

/// Neither waits in system calls nor outlives an `exec`.
func makeNonBlocking(_ descriptor: Int32) {
    // Neither can fail for a descriptor that was just opened.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}

/// An address in the system's own form.
package struct SocketAddress {
    let family: Int32
    private let bytes: [UInt8]

    /// Looks up a host; the addresses in the order to be tried.
    package static func resolve(
        host: String, port: Int
    ) -> Result<[SocketAddress], SocketError> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // The list belongs to this function until it is freed; addresses are copied out of it.
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            return .failure(SocketError(reason: unsafe String(cString: gai_strerror(status))))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            let info = unsafe current.pointee
            let bytes = unsafe UnsafeRawBufferPointer(
                start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append(unsafe SocketAddress(family: info.ai_family, bytes: Array(bytes)))
            unsafe entry = unsafe info.ai_next
        }
        return addresses.isEmpty ? .failure(SocketError(reason: "no address")) : .success(addresses)
    }

    /// Every address of this machine, in the same family.
    func wildcard(port: Int) -> SocketAddress? {
        try? SocketAddress.resolve(host: family == AF_INET6 ? "::" : "0.0.0.0", port: port)
            .get().first
    }

    /// Lends the address to a system call.
    func withPointer<R>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> R) -> R {
        // Arrays are aligned to 16 bytes, and hold what `getaddrinfo` wrote.
        unsafe bytes.withUnsafeBytes {
            unsafe body(
                $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
    }
}

/// Why a system call on sockets failed.
package struct SocketError: Error {
    var number: Int32 = 0
    let reason: String

    init(reason: String) { self.reason = reason }

    init(number: Int32) {
        self.number = number
        reason = errorText(number)
    }
}

/// A non-blocking TCP socket that is closed with its last owner.
package final class Socket {
    let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    private convenience init(family: Int32) throws(SocketError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SocketError(number: errno) }
        self.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    static func listening(at address: SocketAddress) throws(SocketError) -> Socket {
        let socket = try Socket(family: address.family)
        socket.set(SOL_SOCKET, SO_REUSEADDR)
        let status = unsafe address.withPointer { unsafe bind(socket.descriptor, $0, $1) }
        guard status == 0, listen(socket.descriptor, 64) == 0 else {
            throw SocketError(number: errno)
        }
        return socket
    }

    /// Begins to connect; writable once that is decided (``pendingError``).
    package static func connecting(to address: SocketAddress) throws(SocketError) -> Socket {
        let socket = try Socket(family: address.family)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
        let status = unsafe address.withPointer { unsafe connect(socket.descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else { throw SocketError(number: errno) }
        return socket
    }

    /// The next caller; nil if there is none.
    func accept() -> Socket? {
        let caller = Glibc.accept(descriptor, nil, nil)
        guard caller >= 0 else { return nil }
        makeNonBlocking(caller)
        let socket = Socket(descriptor: caller)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
        return socket
    }

    /// What became of ``connecting(to:)``; 0 if it is connected.
    var pendingError: Int32 {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        // Writes at most `size` bytes into `error`.
        let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        return status == 0 ? error : errno
    }

    /// Tells the peer that nothing more comes, and throws away what it still says: to close with
    /// unread bytes would reset the connection, and could destroy what was just sent.
    func hangUp() {
        shutdown(descriptor, Int32(SHUT_WR))
        var waste = [UInt8](repeating: 0, count: 16 << 10)
        for _ in 0..<64 {
            // Reads into the array, within its count.
            let count = unsafe recv(descriptor, &waste, waste.count, Int32(MSG_DONTWAIT))
            if count <= 0 { return }
        }
    }

    private func set(_ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        // Reads the 4 bytes of `on`. An option that cannot be set costs speed, not correctness.
        unsafe setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
