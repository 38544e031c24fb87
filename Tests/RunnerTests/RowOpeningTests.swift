import Foundation
import Ledger
import Primitives
import Runner
import Testing

/// Single rows that a party opens, and rows that nobody committed to.
@Suite(.serialized) struct RowOpeningTests {
    private static func entries(_ consortium: Consortium) throws -> RunEntries {
        try RunEntries(
            session: String(try ReplayTests.session(consortium).hex.prefix(12)),
            in: consortium.directory(1).ledgerFile, roster: consortium.roster)
    }

    private static func open(
        _ consortium: Consortium, row: Int, table: String = "transfers", source: String? = nil
    ) throws -> RowOpening {
        try RowOpening(
            row: row, table: table, source: source, entries: try entries(consortium),
            roster: consortium.roster, directory: consortium.directory(0))
    }

    @Test("Rows of both tables open, and read as the file does; other rows do not pass for them")
    func opens() throws {
        let consortium = try ReplayTests.completed(.exposure, .replicated3)
        let entries = try Self.entries(consortium)
        let lines = try String(
            contentsOf: consortium.directory(0).url.appending(path: "transfers.csv"),
            encoding: .utf8
        ).split(separator: "\n")
        for row in [1, 2, lines.count - 1] {
            let opening = try Self.open(consortium, row: row)
            try opening.check(entries)
            let account = lines[row].split(separator: ",")[3]
            #expect(opening.line.hasPrefix(account))
            #expect(opening.party == "bank-a" && opening.rows == 600)
        }
        try Self.open(consortium, row: 3, table: "account").check(entries)
        for wrong in [0, lines.count, -1] {
            #expect(throws: RunFailure.self) { try Self.open(consortium, row: wrong) }
        }
        #expect(throws: RunFailure.self) { try Self.open(consortium, row: 1, table: "other") }
        // A file that is not what was committed to.
        #expect(throws: RunFailure.self) {
            try Self.open(
                consortium, row: 1,
                source: consortium.directory(1).url.appending(path: "transfers.csv").path)
        }
    }

    @Test("A table that lost its rows is not the one of the run, whichever row is asked for")
    func empty() throws {
        let consortium = try ReplayTests.completed(.exposure, .replicated3)
        let file = consortium.folder.appending(path: "empty.csv")
        let table = try String(
            contentsOf: consortium.directory(0).url.appending(path: "transfers.csv"),
            encoding: .utf8)
        try Data((table.prefix { $0 != "\n" } + "\n").utf8).write(to: file)
        for row in [0, 1, -1, Int.max] {
            let error = #expect(throws: RunFailure.self) {
                try Self.open(consortium, row: row, source: file.path)
            }
            #expect(error?.description.contains("is not the table") == true)
        }
    }

    @Test("Every changed field of an opening is refused, without a crash")
    func hostile() throws {
        let consortium = try ReplayTests.completed()
        let entries = try Self.entries(consortium)
        let file = consortium.folder.appending(path: "row.json")
        let sound = String(
            decoding: try encodedJSON(try Self.open(consortium, row: 5)), as: UTF8.self)
        try Data(sound.utf8).write(to: file)
        try RowOpening.read(file).check(entries)
        func refuses(_ text: String) throws -> Bool {
            try Data(text.utf8).write(to: file)
            do {
                try RowOpening.read(file).check(entries)
                return false
            } catch {
                return error.code == .auditDiffers || error.code == .badInput
            }
        }
        for (from, to) in [
            ("\"row\" : 5", "\"row\" : 6"), ("\"row\" : 5", "\"row\" : -9223372036854775808"),
            ("\"row\" : 5", "\"row\" : 9223372036854775807"), ("\"rows\" : 600", "\"rows\" : 601"),
            ("bank-a\",\n  \"proof", "bank-b\",\n  \"proof"), ("transfers", "account"),
            ("\"money\"", "\"timestamp\""), ("\"integer\" : ", "\"integer\" : 1"),
            ("parley-row/1", "parley-row/2"), ("\"kind\" : \"text\"", "\"kind\" : \"key\""),
            ("\"text\" : \"", "\"integer\" : 1, \"text\" : \""), ("[", ""), ("\"salt\"", "\"x\""),
        ] {
            #expect(sound.contains(from), "\(from)")
            let range = try #require(sound.firstRange(of: from))
            var changed = sound
            changed.replaceSubrange(range, with: to)
            #expect(try refuses(changed), "\(from) as \(to)")
        }
        // Any digit, letter or bracket.
        let bytes = Array(sound.utf8)
        for place in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[place] ^= 1
            let text = String(decoding: changed, as: UTF8.self)
            try Data(text.utf8).write(to: file)
            // White space may differ; nothing else.
            guard bytes[place] > 0x20 else { continue }
            #expect(try refuses(text), "byte \(place)")
        }
    }
}
