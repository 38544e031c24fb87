import Foundation
import MPC
import Runner
import Testing

/// `parley bench`: its processes, and what it writes.
@Suite(.serialized) struct BenchTests {
    private static func run(_ arguments: [String], folder: URL) throws -> (
        code: Int32, text: String
    ) {
        let child = try ProcessTests.Child(
            ["bench"] + arguments, log: folder.appending(path: "log"))
        return (child.exitCode(within: 120), child.text)
    }

    private static func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test("Every protocol next to each other: rounds and bytes are the catalogue's")
    func measures() throws {
        try Self.withFolder { folder in
            let (csv, json, svg) = ("r.csv", "r.json", "r.svg")
            func path(_ name: String) -> String { folder.appending(path: name).path }
            let (code, text) = try Self.run(
                [
                    "--protocol", "replicated3", "--protocol", "additive-ot", "--protocol",
                    "additive-dealer", "--parties", "3", "--operation", "multiply", "--operation",
                    "sort", "--count", "1000", "--repetitions", "1", "--ring", "z64",
                    "--csv", path(csv), "--json", path(json), "--svg", path(svg),
                ], folder: folder)
            #expect(code == 0, "\(text)")
            let results = try JSONDecoder().decode(
                [BenchResult].self, from: Data(contentsOf: folder.appending(path: json)))
            #expect(results.count == 6)
            // 24,072 and 96,144 bytes are in the catalogue.
            let products = results.filter { $0.operation == .multiply }
            #expect(products.map(\.onlineBytes) == [24_072, 96_144, 96_144])
            #expect(products.map(\.onlineRounds) == [1, 1, 1])
            #expect(products[0].preparationBytes == 0)
            #expect(products.dropFirst().allSatisfy { $0.preparationBytes > 0 })
            #expect(results.allSatisfy { $0.total > 0 && $0.peakMemory > 1 << 20 })
            let lines = try String(contentsOf: folder.appending(path: csv), encoding: .utf8)
                .split(separator: "\n")
            #expect(lines.count == 7 && lines[0].hasPrefix("protocol,ring,parties,"))
            let drawing = try XMLDocument.wellFormed(folder.appending(path: svg))
            #expect(drawing.contains("polyline") && drawing.contains("additive-dealer"))
        }
    }

    @Test("A slow link makes rounds dear")
    func slowLink() throws {
        try Self.withFolder { folder in
            let json = folder.appending(path: "r.json")
            let (code, text) = try Self.run(
                [
                    "--protocol", "replicated3", "--parties", "3", "--operation", "compare",
                    "--count", "10", "--repetitions", "1", "--link", "20,1000", "--json", json.path,
                ], folder: folder)
            #expect(code == 0, "\(text)")
            let result = try #require(
                JSONDecoder().decode([BenchResult].self, from: Data(contentsOf: json)).first)
            // Each round waits for at least 10 ms one way.
            #expect(result.onlineSeconds >= 0.009 * Double(result.onlineRounds))
        }
    }

    @Test(
        "What cannot be measured is refused with the reason",
        arguments: [
            (["--link", "fast"], "--link is none, lan, wan"),
            (["--count", "0"], "--count is 1 to"),
            (["--parties", "1"], "2 to 10 parties"),
            (["--ring", "z63"], "--ring is z64"),
            (["--protocol", "replicated3", "--parties", "2"], "nothing to measure"),
        ])
    func refused(arguments: [String], reason: String) throws {
        try Self.withFolder { folder in
            let (code, text) = try Self.run(arguments, folder: folder)
            #expect(code == 64 && text.contains(reason), "\(text)")
        }
    }
}

private enum XMLDocument {
    /// The text of a file whose tags close as they open.
    static func wellFormed(_ file: URL) throws -> String {
        let text = try String(contentsOf: file, encoding: .utf8)
        var open: [Substring] = []
        for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
            guard let end = part.firstIndex(of: ">") else {
                Issue.record("a tag without an end")
                return text
            }
            let tag = part[..<end]
            if tag.hasPrefix("/") {
                #expect(open.popLast() == tag.dropFirst(), "a tag closes another")
            } else if !tag.hasSuffix("/") {
                open.append(tag.prefix { !$0.isWhitespace })
            }
        }
        #expect(open.isEmpty)
        return text
    }
}
