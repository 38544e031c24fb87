public import Foundation

/// Runs `body` with a new folder, which is removed afterwards.
public func withTemporaryFolder(
    isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("parley-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}
