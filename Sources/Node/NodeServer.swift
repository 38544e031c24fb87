import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
public import Primitives
import ServiceLifecycle
import UnixSignals

/// What a server takes at most.
public struct NodeLimits: Sendable {
    /// Connections at once; one more is told so with 503, and after as many again none is accepted.
    public var connections = 256
    /// From a request's first line to the last byte of its answer.
    public var requestTime: Duration = .seconds(30)
    /// Before the first request, with the TLS handshake, and between two.
    public var idleTime: Duration = .seconds(30)
    /// A request's line and headers, in bytes each.
    public var headerBytes = 16_384

    public init() {}
}

/// Why a server cannot start.
public struct NodeError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// The node's interface over HTTPS.
///
/// TLS 1.3 with the node's certificate. A client may show a certificate and then proves that it has
/// the key; whose certificate it is decides ``NodeAPI``, request by request.
public struct NodeServer: Sendable {
    private let application: ApplicationOf
    private typealias ApplicationOf = Application<Responder>
    private let group: ServiceGroup

    /// - Parameters:
    ///   - port: 0 for any free one.
    ///   - signals: stop on SIGTERM and SIGINT, after the requests at hand.
    ///   - onListening: is called with the port when clients may come.
    public init(
        _ api: NodeAPI, identity: ServiceIdentity, host: String, port: Int,
        limits: NodeLimits = NodeLimits(), signals: Bool = true,
        onListening: @escaping @Sendable (Int) -> Void
    ) throws(NodeError) {
        let logger = Logger(label: "parley-node") { _ in SwiftLogNoOpLogHandler() }
        let connections = ConnectionCount(limit: limits.connections)
        let requestTime = TimeAmount(limits.requestTime)
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(connections: connections, requestTime: requestTime)
            ],
            idleTimeout: TimeAmount(limits.idleTime))
        channel.httpDecoder = .init(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: 64)
        do {
            application = Application(
                responder: Responder(api: api),
                server: try .tls(
                    .http1(configuration: channel),
                    configuration: .init(
                        tlsConfiguration: try Self.tls(identity),
                        // Any certificate will do here: users are known by their fingerprints.
                        customVerificationCallback: { _, promise in
                            promise.succeed(.certificateVerified)
                        })),
                configuration: .init(
                    address: .hostname(host, port: port), backlog: 64,
                    availableConnectionsDelegate: MaximumAvailableConnections(
                        2 * limits.connections, logger: logger)),
                onServerRunning: { onListening($0.localAddress?.port ?? port) },
                logger: logger)
        } catch {
            throw NodeError(
                description: "parley-node: the certificates of \(identity.folder.path) cannot be "
                    + "used for TLS: \(error)")
        }
        group = ServiceGroup(
            configuration: .init(
                services: [application],
                gracefulShutdownSignals: signals ? [.sigterm, .sigint] : [], logger: logger))
    }

    private static func tls(_ identity: ServiceIdentity) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(identity.path(.node))
                .map { .certificate($0) },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(file: identity.path(.nodeKey), format: .pem)))
        tls.minimumTLSVersion = .tlsv13
        tls.certificateVerification = .optionalVerification
        tls.applicationProtocols = ["http/1.1"]
        // A client that is closed for being slow is not waited for either.
        tls.shutdownTimeout = .seconds(1)
        return tls
    }

    /// Serves until ``stop()`` or a signal.
    public func run() async throws(NodeError) {
        do {
            try await group.run()
        } catch {
            throw NodeError(
                description: "parley-node: cannot serve: \(error); choose another address or port")
        }
    }

    /// Takes no more connections, and ends when the requests at hand have their answers.
    public func stop() async { await group.triggerGracefulShutdown() }
}

/// Carries requests from Hummingbird to the interface.
private struct Responder: HTTPResponder {
    /// What is known of a request besides itself: its connection.
    struct Context: InitializableFromSource {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) { channel = source.channel }
    }

    let api: NodeAPI

    func respond(to request: Request, context: Context) async throws -> Response {
        // 1. The client's certificate, if it showed one.
        let shown = try await context.channel.nioSSL_peerCertificate().get()
        let certificate = shown.flatMap { try? Certificate(der: $0.toDERBytes()) }
        // 2. The body; a longer one is not read to its end.
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: NodeAPI.maxBodyBytes)
        } catch is NIOTooManyBytesError {
            let refusal = ServiceError(
                413, "RequestBodyTooLarge", "a body has at most \(NodeAPI.maxBodyBytes) bytes")
            return Response(refusal.response)
        }
        // 3. The answer.
        return Response(
            await api.respond(
                to: NodeRequest(
                    method: request.method.rawValue, target: request.uri.string,
                    body: Array(buffer: body), certificate: certificate)))
    }
}

extension Response {
    fileprivate init(_ response: NodeResponse) {
        var fields = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        self.init(
            status: .init(code: response.status), headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
    }
}
