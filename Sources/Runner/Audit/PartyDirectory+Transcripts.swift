package import Foundation
import Networking
package import Primitives

/// Where a party keeps what replays its runs.
extension PartyDirectory {
    /// Under this name the run's seed is beside the secrets of its commitments.
    static let seedName = "run-seed"

    var transcripts: URL { url.appending(path: "transcripts") }

    package func transcriptFile(of session: Digest) -> URL {
        transcripts.appending(path: "\(session.hex).transcript")
    }

    package func planFile(of session: Digest) -> URL {
        runFolder(of: session).appending(path: "run.json")
    }

    /// The canonical text that was run.
    package func scriptFile(of session: Digest) -> URL {
        runFolder(of: session).appending(path: "script.parley")
    }

    package func seedFile(of session: Digest) -> URL {
        commitmentSecretFile(table: Self.seedName, session: session)
    }

    /// Removes the seed and transcript of a session, the seed first.
    func removeTranscript(of session: Digest) {
        for file in [seedFile(of: session), transcriptFile(of: session)] {
            try? FileManager.default.removeItem(at: file)
        }
    }

    /// Removes everything of a session that all have forgotten: nobody signed an intent.
    func removeRun(of session: Digest) {
        removeTranscript(of: session)
        try? FileManager.default.removeItem(at: runFolder(of: session))
    }

    /// Removes the transcripts whose time is over, with what belongs to them.
    package func removeExpiredTranscripts(at now: Int64) {
        let files = try? FileManager.default.contentsOfDirectory(
            at: transcripts, includingPropertiesForKeys: nil)
        for file in files ?? [] where file.pathExtension == "transcript" {
            guard let header = try? TranscriptReader.header(of: file), header.expires <= now,
                transcriptFile(of: header.session).lastPathComponent == file.lastPathComponent
            else { continue }
            removeTranscript(of: header.session)
        }
    }
}

extension SecretBytes {
    /// Reads 32 bytes in hexadecimal from a file.
    package convenience init(hexFile file: URL) throws(RunFailure) {
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: 128),
            let bytes = [UInt8](
                hex: String(decoding: data, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)),
            bytes.count == 32
        else { throw RunFailure(.badInput, "\(file.path) is not 64 hexadecimal digits") }
        self.init(copying: bytes)
    }
}
