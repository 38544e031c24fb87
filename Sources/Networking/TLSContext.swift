import COpenSSL
import Glibc
import Primitives

/// What all TLS channels of a member share: TLS 1.3 only, mutual authentication, no resumption.
@safe package final class TLSContext {
    // `SSL_CTX *`, owned by this object alone.
    private let context: OpaquePointer

    package init(identity: TLSIdentity) {
        // OpenSSL writes to sockets without MSG_NOSIGNAL: a peer that is gone is an error to
        // handle, not a signal that ends the process.
        signal(SIGPIPE, SIG_IGN)
        guard let context = unsafe SSL_CTX_new(TLS_method()) else {
            preconditionFailure("TLS: out of memory")
        }
        unsafe self.context = unsafe context
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        // OpenSSL keeps references of its own to certificate and key.
        let status =
            unsafe SSL_CTX_ctrl(
                context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), nil) == 1
            && SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION), nil) == 1
            && SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1
            && SSL_CTX_set_num_tickets(context, 0) == 1
            && SSL_CTX_use_certificate(context, identity.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, identity.key) == 1
        precondition(status, "OpenSSL offers no TLS 1.3 with AES-128-GCM and P-256")
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
        // Whole records, and several at once, are read in one system call.
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
        unsafe SSL_CTX_set_default_read_buffer_len(context, 128 << 10)
        // A certificate is demanded, and TLS has its owner prove that it knows the key. Whose it
        // is, and whether it is valid, MeshConnector decides by the roster after the handshake and
        // before any frame: only so can the refused side be told why.
        unsafe SSL_CTX_set_verify(
            context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        ) { _, _ in 1 }
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// A channel over a connected socket, before its handshake.
    package func channel(over socket: Socket, isCaller: Bool) -> TLSChannel {
        guard let connection = unsafe SSL_new(context) else {
            preconditionFailure("TLS: out of memory")
        }
        let status = unsafe SSL_set_fd(connection, socket.descriptor)
        precondition(status == 1, "TLS: out of memory")
        if isCaller {
            unsafe SSL_set_connect_state(connection)
        } else {
            unsafe SSL_set_accept_state(connection)
        }
        return unsafe TLSChannel(connection: connection, socket: socket)
    }
}
