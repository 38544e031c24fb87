import Approval
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
        for file in commitmentFiles where file.session == session {
            try? FileManager.default.removeItem(at: file.url)
        }
        try? FileManager.default.removeItem(at: runFolder(of: session))
    }

    /// The files that open commitments, with their sessions.
    private var commitmentFiles: [(url: URL, session: Digest)] {
        let files = try? FileManager.default.contentsOfDirectory(
            at: commitments, includingPropertiesForKeys: nil)
        return (files ?? []).compactMap { file in
            Digest(hex: String(file.lastPathComponent.prefix { $0 != "." })).map { (file, $0) }
        }
    }

    /// Removes what is left of runs that crashed before their intent: no log names them.
    ///
    /// Another run of this party may be about to state its intent, so what is younger than
    /// ``daysUntilForgotten`` stays; and whatever came to its end stays, should this log not be the one
    /// that it is in.
    func removeForgottenRuns(at now: Int64) throws(RunFailure) {
        let limit = Date(
            timeIntervalSince1970: Double(now - 86_400 * Self.daysUntilForgotten))
        let old = commitmentFiles.filter { file in
            let values = try? file.url.resourceValues(forKeys: [.contentModificationDateKey])
            return values?.contentModificationDate.map { $0 < limit } ?? false
        }
        let ended = { (session: Digest) in
            RegularFile.isNamed(runFolder(of: session).appending(path: "report.json"))
        }
        let sessions = Set(old.map(\.session)).filter { !ended($0) }
        guard !sessions.isEmpty else { return }
        let history = try RunHistory(file: ledgerFile)
        for session in sessions where !history.hasIntent(of: session) { removeRun(of: session) }
    }

    /// Longer than any run waits before its intent.
    private static let daysUntilForgotten: Int64 = 30

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
        let text: [UInt8]
        do { text = try RegularFile.read(file, atMost: 128) } catch {
            throw RunFailure(.badInput, "\(error)")
        }
        guard
            let bytes = [UInt8](
                hex: String(decoding: text, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)),
            bytes.count == 32
        else { throw RunFailure(.badInput, "\(file.path) is not 64 hexadecimal digits") }
        self.init(copying: bytes)
    }
}
