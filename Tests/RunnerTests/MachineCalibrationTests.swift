import Costs
import Foundation
import Runner
import Testing

@Suite struct MachineCalibrationTests {
    private static let good = """
        {"version": 1, "processor": "a processor", "cores": 2, "library": "0.1", "time": 1795446477,
         "items": [{"engine": {"replicated3": {}}, "ring": "z64",
                    "speed": {"secondsPerRound": 0.0001, "secondsPerUnit": {"multiply": 2e-9}}},
                   {"engine": {"additiveOT": {"parties": 2}}, "ring": "p126",
                    "speed": {"secondsPerRound": 0.0002, "secondsPerUnit": {}}}]}
        """

    private func folder(_ text: String?) throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "parley-calibration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let text {
            try Data(text.utf8).write(to: MachineCalibration.file(in: folder))
        }
        return folder
    }

    @Test("A calibration is read back as it was kept, and gives the speed of what was measured")
    func keeping() throws {
        let first = try folder(Self.good)
        defer { try? FileManager.default.removeItem(at: first) }
        let read = try #require(try MachineCalibration.read(in: first))
        let second = try folder(nil).appending(path: "made")
        defer { try? FileManager.default.removeItem(at: second.deletingLastPathComponent()) }
        try read.save(in: second)
        #expect(try MachineCalibration.read(in: second) == read)
        let speed = try #require(read.speed(of: .replicated3, over: .z64))
        #expect(speed.secondsPerUnit[.multiply] == 2e-9)
        #expect(read.speed(of: .additiveOT(parties: 2), over: .p126) != nil)
        #expect(read.speed(of: .additiveOT(parties: 3), over: .p126) == nil)
        #expect(read.speed(of: .replicated3, over: .prime(bits: 128)) == nil)
        #expect(read.summary.contains("a processor"))
    }

    @Test("Without a calibration there is none")
    func absent() throws {
        let folder = try folder(nil)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try MachineCalibration.read(in: folder) == nil)
    }

    @Test(
        "Anything else in its file is refused, with what to do",
        arguments: [
            ("", ""), ("{", "{"), ("\"version\": 1", "\"version\": 2"),
            ("\"z64\"", "\"z65\""), ("2e-9", "-2e-9"), ("\"multiply\"", "\"divide\""),
            ("\"replicated3\"", "\"replicated4\""),
        ])
    func refusing(old: String, new: String) throws {
        let text = old.isEmpty || old == new ? new : Self.good.replacing(old, with: new)
        let folder = try folder(text)
        defer { try? FileManager.default.removeItem(at: folder) }
        let failure = #expect(throws: RunFailure.self) { try MachineCalibration.read(in: folder) }
        #expect(failure?.code == .badInput)
        #expect(failure?.description.contains("parley calibrate") == true)
    }
}
