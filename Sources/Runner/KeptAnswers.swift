import Foundation
import Primitives

/// What a run told this party, in files of its own from the moment at which it is known.
///
/// Whatever fails after that, from the outcome's signatures to a full disk, does not lose it.
struct KeptAnswers {
    private let answers: [ScriptAnswer]
    private let folder: URL
    /// Why there are no files; nil if there are.
    private let failure: RunFailure?

    /// Writes each answer as CSV and JSON into the run's folder, readable by the owner only.
    ///
    /// - Note: A failure is kept for ``check()``: the other parties still need this one to sign how the
    ///   run ended.
    init(_ answers: [ScriptAnswer], of session: Digest, in directory: PartyDirectory) {
        self.answers = answers
        folder = directory.runFolder(of: session)
        do {
            for answer in answers where answer.holds == nil {
                let file = folder.appending(path: answer.fileName)
                try AtomicFile.write(
                    Array(answer.csv.utf8), to: file.appendingPathExtension("csv"),
                    overwriting: true, mode: 0o600)
                try AtomicFile.write(
                    Array(encodedJSON(answer)), to: file.appendingPathExtension("json"),
                    overwriting: true, mode: 0o600)
            }
            failure = nil
        } catch {
            failure = RunFailure(.cannotCreate, "\(error)")
        }
    }

    /// - Throws: ``RunFailure`` if the answers are in no files.
    func check() throws(RunFailure) {
        if let failure { throw failure }
    }

    /// A later failure with where the answers are; with the answers themselves if they are nowhere.
    func added(to later: RunFailure) -> RunFailure {
        guard !answers.isEmpty else { return later }
        let place =
            failure == nil
            ? "what this party learned is in \(folder.path)"
            : "what this party learned is in no file; keep it from here:\n"
                + answers.map { $0.text(rows: .max) }.joined(separator: "\n")
        return RunFailure(later.code, "\(later)\n\(place)")
    }
}
