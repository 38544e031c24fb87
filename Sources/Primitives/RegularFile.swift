package import Foundation

/// Reads files that anybody may have put there: regular ones alone, and none without a limit.
///
/// A FIFO or a device would keep its reader waiting for ever, or never end.
package enum RegularFile {
    /// Opens a file for reading, without waiting for anything.
    ///
    /// - Throws: ``FileError`` if it is not there, not regular or has more than `limit` bytes.
    package static func open(_ file: URL, atMost limit: Int = .max) throws(FileError) -> FileHandle
    {
        let descriptor = unsafe Foundation.open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw FileError(description: "\(file.path) cannot be read (\(reason)); check the path")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.isRegular else {
            throw FileError(description: "\(file.path) is no regular file; it is not read")
        }
        guard status.st_size <= limit else {
            throw FileError(description: "\(file.path) is longer than \(limit) bytes")
        }
        return handle
    }

    /// A whole file of at most `limit` bytes.
    package static func read(_ file: URL, atMost limit: Int) throws(FileError) -> [UInt8] {
        let handle = try open(file, atMost: limit)
        var bytes: [UInt8] = []
        do {
            // It may grow while it is read.
            while bytes.count <= limit,
                let part = try handle.read(upToCount: limit + 1 - bytes.count), !part.isEmpty
            {
                bytes += part
            }
        } catch {
            throw FileError(description: "\(file.path) cannot be read to its end; check the disk")
        }
        guard bytes.count <= limit else {
            throw FileError(description: "\(file.path) is longer than \(limit) bytes")
        }
        return bytes
    }

    /// Whether anything has this name, be it a link to nothing or a file in a folder that cannot be
    /// searched.
    package static func isNamed(_ file: URL) -> Bool {
        var status = stat()
        return unsafe lstat(file.path, &status) == 0 || errno != ENOENT
    }

    /// Refuses a folder that another party filled, unless it holds regular files alone.
    ///
    /// Links are refused as well: they would lead to files of this machine.
    ///
    /// - Parameter subfolders: the names of what may be folders of regular files in it.
    package static func checkFolder(
        _ folder: URL, subfolders: Set<String> = []
    ) throws(FileError) {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path) } catch {
            throw FileError(description: "\(folder.path) cannot be read; check the path")
        }
        for name in names.sorted() {
            let file = folder.appending(path: name)
            var status = stat()
            let isThere = unsafe lstat(file.path, &status) == 0
            if isThere, status.isFolder, subfolders.contains(name) {
                try checkFolder(file)
            } else if !isThere || !status.isRegular {
                throw FileError(
                    description: "\(file.path) is no regular file; nothing in this folder is read")
            }
        }
    }
}

extension stat {
    fileprivate var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
