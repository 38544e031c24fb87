import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

/// The number of open connections.
final class ConnectionCount: Sendable {
    let limit: Int
    private let count = Atomic(0)

    init(limit: Int) { self.limit = limit }

    /// Counts one more; whether it is within the limit.
    func open() -> Bool { count.add(1, ordering: .relaxed).newValue <= limit }
    func close() { count.subtract(1, ordering: .relaxed) }
}

/// Bounds what one connection may take: it answers 503 if there are too many, and closes when a
/// request takes too long from its first line to the last byte of its answer.
///
/// A client that sends a byte now and then, or reads its answer as slowly, so loses its place. Time
/// before a request and between two is bounded by the server's idle time.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let connections: ConnectionCount
    private let requestTime: TimeAmount
    private var isWithinLimit = true
    /// Requests that have begun and whose answers have not all left; a client may send several.
    private var pending = 0
    /// Those of them that were read to their end.
    private var complete = 0
    private var deadline: Scheduled<Void>?

    init(connections: ConnectionCount, requestTime: TimeAmount) {
        (self.connections, self.requestTime) = (connections, requestTime)
    }

    func handlerAdded(context: ChannelHandlerContext) { isWithinLimit = connections.open() }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        connections.close()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            pending += 1
            if pending == 1 { startTime(context) }
            if !isWithinLimit { refuse(context) }
        case .body: break
        case .end: complete += 1
        }
        // What belongs to a refused request is dropped with the connection.
        if isWithinLimit { context.fireChannelRead(data) }
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        guard case .end = unwrapOutboundIn(data) else {
            return context.write(data, promise: promise)
        }
        // An answer before the request's end is a refusal: the rest is not waited for.
        let isRefusal = complete == 0
        if !isRefusal { complete -= 1 }
        // The request is over when the last byte of its answer has left, not when it is queued.
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.cascade(to: promise)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.pending -= 1
            handler.deadline?.cancel()
            if isRefusal {
                context.close(promise: nil)
            } else if handler.pending > 0 {
                handler.startTime(context)
            }
        }
        context.write(data, promise: written)
    }

    private func startTime(_ context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: requestTime) { channel.close(promise: nil) }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let refusal = ServiceError(
            503, "TooManyConnections", "the node serves as many clients as it may; try again"
        ).response
        let head = HTTPResponse(
            status: .serviceUnavailable,
            headerFields: [
                .connection: "close", .contentType: "application/json",
                .contentLength: "\(refusal.body.count)", .retryAfter: "1",
            ])
        let channel = context.channel
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: refusal.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
