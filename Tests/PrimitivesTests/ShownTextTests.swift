import Foundation
import Primitives
import Testing

/// Texts of others on a terminal, and files that are none.
struct ShownTextTests {
    @Test("What steers a terminal is written as in JSON; everything else stays")
    func controls() throws {
        #expect("a\u{1B}[2J\u{9B}31m\u{7F}".shown == "a\\u001b[2J\\u009b31m\\u007f")
        #expect("\u{202E}lave\u{2066}\u{200F}\u{2028}".shown == "\\u202elave\\u2066\\u200f\\u2028")
        #expect("a\tb\nc\r\n".shown == "a\tb\nc\\u000d\n")
        #expect("a\tb\nc".shownInLine == "a\\u0009b\\u000ac")
        for text in ["", "Zoë, 12.50 €", "漢字 🙂", "\\u001b"] {
            #expect(text.shown == text && text.shownInLine == text)
        }
        // A JSON text has them in strings alone: its value is the same.
        let json = try JSONEncoder().encode(["a\u{9B}b\u{202E}"])
        let shown = String(decoding: json, as: UTF8.self).shown
        #expect(shown.utf8.allSatisfy { $0 < 0x80 })
        #expect(
            try JSONDecoder().decode([String].self, from: Data(shown.utf8)) == ["a\u{9B}b\u{202E}"])
    }

    @Test("Only regular files within their limit are read")
    func regularFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "file")
        try Data([1, 2, 3]).write(to: file)
        #expect(try RegularFile.read(file, atMost: 3) == [1, 2, 3])
        #expect(throws: FileError.self) { try RegularFile.read(file, atMost: 2) }
        #expect(throws: FileError.self) { try RegularFile.read(folder, atMost: 9) }
        #expect(throws: FileError.self) {
            try RegularFile.read(URL(filePath: "/dev/zero"), atMost: 9)
        }
        #expect(throws: FileError.self) {
            try RegularFile.read(folder.appending(path: "none"), atMost: 9)
        }
        #expect(RegularFile.isNamed(file) && !RegularFile.isNamed(folder.appending(path: "none")))
        try RegularFile.checkFolder(folder)
        let inner = folder.appending(path: "inner")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        try RegularFile.checkFolder(folder, subfolders: ["inner"])
        #expect(throws: FileError.self) { try RegularFile.checkFolder(folder) }
        #expect(unsafe mkfifo(inner.appending(path: "fifo").path, 0o600) == 0)
        #expect(throws: FileError.self) {
            try RegularFile.checkFolder(folder, subfolders: ["inner"])
        }
        #expect(throws: FileError.self) {
            try RegularFile.read(inner.appending(path: "fifo"), atMost: 9)
        }
    }
}
