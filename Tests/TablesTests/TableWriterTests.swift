import Foundation
import Primitives
import Tables
import Testing

@Suite struct TableWriterTests {
    static let table = Table(
        name: "result",
        schema: Schema([
            .init("account", .key), .init("total", .money(Int64.min...Int64.max)),
            .init("kind", .code(["a,b", "c"])), .init("at", .timestamp),
            .init("note \"x\"", .text(maxBytes: 100)), .init("flagged", .integer(0...1)),
        ]),
        columns: [
            .texts(TextColumn(["A", "B"])), .integers([-5, .min]), .integers([0, 1]),
            .integers([1_709_210_096, 253_402_300_799]),
            .texts(TextColumn(["line\nbreak \"q\"", "\u{1}é\\"])), .integers([1, 0]),
        ])

    @Test("CSV quotes what must be quoted and reads back")
    func csv() throws {
        let bytes = Self.table.encoded(as: .csv)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == """
                account,total,kind,at,"note ""x""\",flagged
                A,-0.05,"a,b",2024-02-29T12:34:56Z,"line
                break ""q""\",1
                B,-92233720368547758.08,c,9999-12-31T23:59:59Z,\u{1}é\\,0

                """)
        let again = try CSVReader.read(bytes, name: "again", schema: Self.table.schema)
        #expect(again.columns == Self.table.columns)
    }

    @Test("JSON is read by another implementation")
    func json() throws {
        let data = Data(Self.table.encoded(as: .json))
        let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(rows.count == 2)
        #expect(rows[0]["note \"x\""] as? String == "line\nbreak \"q\"")
        #expect(rows[1]["note \"x\""] as? String == "\u{1}é\\")
        #expect(rows[0]["flagged"] as? Int == 1)
        #expect(rows[0]["total"] as? Double == -0.05)
        #expect(rows[0]["at"] as? String == "2024-02-29T12:34:56Z")
    }

    @Test("Every day of 400 years has its own date, which reads back")
    func dates() throws {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let seconds = day * 86_400 + day % 86_400
            let text = Array(CivilDate.text(seconds).utf8)
            #expect(try FieldParsing.timestamp(text.span, 0..<text.count) == seconds)
        }
        #expect(CivilDate.text(951_782_400) == "2000-02-29T00:00:00Z")
        #expect(CivilDate.text(4_107_542_400) == "2100-03-01T00:00:00Z")
    }

    @Test("A file is written whole, not over another unless told, and leaves nothing behind")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tables-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("out.csv")
        try Self.table.write(to: file, as: .csv)
        let error = #expect(throws: FileError.self) { try Self.table.write(to: file, as: .json) }
        #expect(error?.description.contains("exists") == true)
        #expect(try Data(contentsOf: file) == Data(Self.table.encoded(as: .csv)))
        try Self.table.write(to: file, as: .json, overwriting: true)
        #expect(try Data(contentsOf: file) == Data(Self.table.encoded(as: .json)))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.csv"])
        let nowhere = folder.appendingPathComponent("missing/out.csv")
        #expect(throws: FileError.self) { try Self.table.write(to: nowhere, as: .csv) }
    }

    @Test("Row bytes are as documented and differ between rows")
    func rowBytes() {
        var first: [UInt8] = []
        Self.table.appendRowBytes(0, to: &first)
        let expected: [UInt8] =
            [6, 0, 6, 1, 0, 0, 0, 0x41]
            + [2, 8, 0, 0, 0, 0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            + [5, 3, 0, 0, 0] + Array("a,b".utf8)
        #expect(first.starts(with: expected))
        var second: [UInt8] = []
        Self.table.appendRowBytes(1, to: &second)
        #expect(first != second)
    }
}
