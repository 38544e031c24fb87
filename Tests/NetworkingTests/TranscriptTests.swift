import Foundation
import Networking
import Primitives
import TestSupport
import Testing

/// Transcripts as files: what is read back, and what is refused.
@Suite struct TranscriptTests {
    private static let session = SHA256.hash([1])
    private static let key = SecretBytes(copying: Array(repeating: 7, count: 32))

    /// A transcript at party 0 with frames of these sizes from party 1, in a file.
    private static func record(_ sizes: [Int], in file: URL) throws -> TranscriptSummary {
        let mesh = InMemoryTransport.mesh(partyCount: 2)
        let recorder = TranscriptRecorder(mesh[0])
        let frames = sizes.enumerated().map { number, size in
            FrameHeader(opcode: Opcode(rawValue: 16), sequence: UInt64(number))
                .frame(payload: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size))
        }
        // The first is from before there is a file, as in a run's agreement.
        for (number, frame) in frames.enumerated() {
            if number == 1 {
                try recorder.keep(
                    in: file, header: TranscriptHeader(session: session, party: 0, expires: 5),
                    key: key)
            }
            try mesh[1].send(frame, to: .party(Party(0)))
            #expect(try recorder.receive(from: .party(Party(1))) == frame)
            try recorder.send(frame, to: .party(Party(1)))
        }
        recorder.record(wallSeconds: -3)
        recorder.pause()
        try recorder.send(frames[0], to: .party(Party(1)))
        recorder.resume(at: [1, 2, 3])
        return try recorder.seal()
    }

    private static func file() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID()).transcript")
    }

    @Test("Frames longer than a chunk and empty ones are read back, in order; the digest too")
    func readsBack() throws {
        let file = Self.file()
        defer { try? FileManager.default.removeItem(at: file) }
        let sizes = [3, 0, 3 << 20, 1 << 20, 17]
        let summary = try Self.record(sizes, in: file)
        #expect(summary.flows[0].received.frames == 5 && summary.flows[0].sent.frames == 5)
        #expect(summary.flows[0].received == summary.flows[0].sent)
        let again = try TranscriptReader(file, key: Self.key)
            .summarized(peers: [.party(Party(1))])
        #expect(again == summary && again.digest == summary.digest)
        let reader = try TranscriptReader(file, key: Self.key)
        #expect(reader.header == TranscriptHeader(session: Self.session, party: 0, expires: 5))
        var records: [TranscriptRecord] = []
        while let record = try reader.next() { records.append(record) }
        #expect(records.count == 12)
        guard case .received(_, let frame) = records[4] else {
            Issue.record("the fifth record is no received frame")
            return
        }
        #expect(frame.count == (3 << 20) + FrameHeader.byteCount)
        #expect(Array(records.suffix(2)) == [.wallClock(-3), .place([1, 2, 3])])
    }

    @Test("Chunks that are swapped, dropped at the end or of another header are refused")
    func chunks() throws {
        let file = Self.file()
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try Self.record([0, 3 << 20], in: file)
        let sound = try Data(contentsOf: file)
        let start = try #require(sound.firstIndex(of: 0x0A)) + 1
        let chunk = 4 + (1 << 20) + 28
        func refuses(_ bytes: Data) throws -> Bool {
            try bytes.write(to: file)
            do {
                _ = try TranscriptReader(file, key: Self.key)
                    .summarized(peers: [.party(Party(1))])
                return false
            } catch { return true }
        }
        #expect(try !refuses(sound))
        let (first, second) = (start..<start + chunk, start + chunk..<start + 2 * chunk)
        let rest = sound[(start + 2 * chunk)...]
        #expect(try refuses(sound[..<start] + sound[second] + sound[first] + rest))
        #expect(try refuses(sound[..<start] + sound[first] + rest))
        // Whole chunks only: nothing but the mark of the last tells that there were more.
        for whole in 0...2 { #expect(try refuses(sound[..<(start + whole * chunk)])) }
        let later = Data(
            TranscriptHeader(session: Self.session, party: 0, expires: 6).line.utf8)
        #expect(try refuses(later + sound[start...]))
        #expect(try refuses(Data("parley-transcript/1\n".utf8)))
        #expect(try refuses(Data()))
    }

    @Test("A file that cannot be made, or is there already, is named")
    func noFile() throws {
        let recorder = TranscriptRecorder(InMemoryTransport.mesh(partyCount: 2)[0])
        let header = TranscriptHeader(session: Self.session, party: 0, expires: 5)
        let file = Self.file()
        defer { try? FileManager.default.removeItem(at: file) }
        try Data([1]).write(to: file)
        for taken in [URL(filePath: "/nowhere/at/all"), file] {
            #expect {
                try recorder.keep(in: taken, header: header, key: Self.key)
            } throws: {
                "\($0)".contains(taken.path)
            }
        }
        #expect(try Data(contentsOf: file) == Data([1]))
    }
}
