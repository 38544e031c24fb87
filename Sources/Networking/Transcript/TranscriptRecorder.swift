package import Foundation
public import Primitives

/// Keeps, encrypted on the disk, what a session took from outside, so that the run can be replayed.
///
/// Received frames whole, the hashes of sent ones, readings of the clock, own signatures: in the order
/// in which the session's thread saw them. Control frames are not recorded: they depend on time. The
/// memory that it takes does not grow with the run; each frame is hashed once, and a received one
/// encrypted once.
public final class TranscriptRecorder: Transport, @unchecked Sendable {
    // Invariant: everything belongs to the session's thread.
    private let base: any Transport
    private var summary: TranscriptSummary
    /// What was recorded before there is a file: the agreement.
    private var early: [UInt8] = []
    private var writer: TranscriptWriter?
    private var isRecording = true
    /// Why the file could not be written; the session was ended for it.
    package private(set) var failure: FileError?

    public init(_ base: any Transport) {
        self.base = base
        summary = TranscriptSummary(peers: base.peers)
    }

    public var me: Participant { base.me }
    public var peers: [Participant] { base.peers }
    public var traffic: Traffic { base.traffic }

    // MARK: The file

    /// Begins the file, with what was recorded so far.
    package func keep(
        in file: URL, header: TranscriptHeader, key: SecretBytes
    ) throws(FileError) {
        let writer = try TranscriptWriter(file, header: header, key: key)
        try writer.append(early[...])
        early = []
        self.writer = writer
    }

    /// Ends the transcript; nothing is recorded from now on.
    ///
    /// - Returns: what the ledger is to hold.
    package func seal() throws(FileError) -> TranscriptSummary {
        isRecording = false
        if let failure { throw failure }
        try writer?.finish()
        return summary
    }

    /// Leaves out what follows, which is not part of what is replayed.
    package func pause() { isRecording = false }

    /// Goes on; `place` is where the session stands now.
    package func resume(at place: [UInt8]) {
        isRecording = true
        summary.add(.place, place)
        write(.place, length(place.count) + place)
    }

    // MARK: Records

    package func record(wallSeconds: Int64) {
        guard isRecording else { return }
        summary.addClock(wallSeconds)
        var bytes: [UInt8] = []
        bytes.append(littleEndian: wallSeconds)
        write(.wallClock, bytes)
    }

    package func record(signature: [UInt8]) {
        guard isRecording else { return }
        summary.add(.signature, signature)
        write(.signature, signature)
    }

    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        if isRecording, !FrameHeader.isControl(frame) {
            let digest = SHA256.hash(frame)
            summary.addSent(digest, byteCount: frame.count, to: peer)
            write(.sent, peer.code + length(frame.count) + digest.bytes)
        }
        try checkFile()
        try base.send(frame, to: peer)
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        let frame = try base.receive(from: peer)
        if isRecording {
            summary.addReceived(SHA256.hash(frame), byteCount: frame.count, from: peer)
            write(.received, peer.code + length(frame.count), frame)
        }
        try checkFile()
        return frame
    }

    public func flush() throws(TransportError) { try base.flush() }
    public func close() { base.close() }
    public func cancel() { base.cancel() }

    private func length(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(count))
        return bytes
    }

    private func write(
        _ kind: TranscriptRecord.Kind, _ bytes: [UInt8], _ frame: [UInt8] = []
    ) {
        guard failure == nil else { return }
        guard let writer else {
            early += [kind.rawValue] + bytes + frame
            return
        }
        do throws(FileError) {
            try writer.append(([kind.rawValue] + bytes)[...])
            try writer.append(frame[...])
        } catch {
            failure = error
        }
    }

    /// A run that cannot be accounted for does not go on; ``failure`` says why.
    private func checkFile() throws(TransportError) {
        if isRecording, failure != nil { throw .cancelled }
    }
}
