package import Foundation

/// A file could not be written: which, and what to do.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    package init(description: String) { self.description = description }
}

/// Files that are there whole or not at all, also after a power failure.
package enum AtomicFile {
    /// Writes a temporary file beside `file`, flushes it to the disk and renames it.
    ///
    /// - Parameter mode: the permissions of the new file.
    package static func write(
        _ bytes: [UInt8], to file: URL, overwriting: Bool, mode: UInt32 = 0o644
    ) throws(FileError) {
        let directory = file.deletingLastPathComponent()
        let temporary = directory.appendingPathComponent(
            ".\(file.lastPathComponent).\(UInt64.random(in: 0...UInt64.max)).tmp")
        try create(temporary, bytes, mode, for: file)
        defer { _ = unsafe unlink(temporary.path) }
        // A link fails if the name is taken; a rename replaces.
        let status =
            overwriting
            ? unsafe rename(temporary.path, file.path) : unsafe link(temporary.path, file.path)
        guard status == 0 else {
            if errno == EEXIST {
                throw FileError(
                    description: "\(file.path) exists; choose another name or ask to overwrite it")
            }
            throw failure(file)
        }
        try synchronize(directory, for: file)
    }

    private static func create(
        _ temporary: URL, _ bytes: [UInt8], _ mode: UInt32, for file: URL
    ) throws(FileError) {
        let descriptor = unsafe open(
            temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw failure(file) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: bytes)
            try handle.synchronize()
        } catch {
            let reason = failure(file)
            _ = unsafe unlink(temporary.path)
            throw reason
        }
    }

    /// Flushes the directory, without which the new name may be lost.
    private static func synchronize(_ directory: URL, for file: URL) throws(FileError) {
        let descriptor = unsafe open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(file) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(file) }
    }

    private static func failure(_ file: URL) -> FileError {
        let reason = unsafe String(cString: strerror(errno))
        return FileError(
            description: "\(file.path) cannot be written (\(reason)); check the folder and disk")
    }
}
