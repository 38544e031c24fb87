public import Primitives

/// Private, authenticated, ordered channels to the other participants of one session.
///
/// A frame is the whole encoded message, header included (``FrameCodec``); decorators therefore act
/// below the codec. A transport belongs to one session's thread, but for ``cancel()``.
///
/// - ``send(_:to:)`` queues and returns: it never waits for the peer, so two parties may send each
///   other large frames at the same time. What is queued moves while this thread is in
///   ``receive(from:)`` or ``flush()``, which ends every step that does not end with a receive.
/// - ``receive(from:)`` blocks its thread until a frame is there, a deadline passes, a peer
///   disconnects or the session is cancelled. Call it from a session's own thread, never from a
///   task of Swift's cooperative pool.
public protocol Transport: AnyObject {
    var me: Participant { get }
    /// Everybody else, parties in index order, then the dealer if there is one.
    var peers: [Participant] { get }

    func send(_ frame: [UInt8], to peer: Participant) throws(TransportError)
    func receive(from peer: Participant) throws(TransportError) -> [UInt8]
    /// Waits until everything queued is handed to the operating system.
    func flush() throws(TransportError)
    /// Hangs up on everybody; what is queued is flushed first for at most a second.
    func close()
    /// Wakes a blocked ``receive(from:)``, which throws ``TransportError/cancelled``. The only call
    /// that another thread may make.
    func cancel()
    /// Bytes and frames so far, both ways, control frames apart.
    var traffic: Traffic { get }
}
