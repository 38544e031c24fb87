import Algebra
public import Costs
public import Foundation
public import Primitives

/// How fast this machine is with each engine and ring: what turns a plan's figures into seconds.
public struct MachineCalibration: Sendable, Codable, Equatable {
    /// One engine over one ring, with all parties in one process of this machine.
    public struct Item: Sendable, Codable, Equatable {
        public let engine: PlannedEngine
        public let ring: String
        public let speed: MachineSpeed
    }

    /// Of this form of the file.
    public let version: Int
    /// As the system calls it.
    public let processor: String
    /// Which this process may use.
    public let cores: Int
    /// The library that was measured.
    public let library: String
    /// Seconds since 1970.
    public let time: Int64
    public let items: [Item]

    private static let version = 1
    /// The longest file that is read, in bytes.
    private static let maxBytes = 1 << 20

    /// The rings that are measured; others are near the one of their size.
    private static let rings: [RingChoice] = [.z64, .z128, .p62, .p126]

    /// Measures all of it: about a minute.
    ///
    /// - Parameters:
    ///   - parties: of additive sharing by oblivious transfers; replicated sharing has three.
    ///   - progress: is told what is measured next.
    /// - Throws: ``RunFailure`` if a measurement fails.
    public static func measure(
        parties: [Int] = [2, 3], clock: some ParleyClock = SystemClock(),
        progress: (String) -> Void
    ) throws(RunFailure) -> MachineCalibration {
        let engines: [PlannedEngine] =
            [.replicated3] + parties.map { .additiveOT(parties: $0) }
        var items: [Item] = []
        for engine in engines {
            for ring in rings {
                progress("\(engine.name) over \(ring)")
                do {
                    items.append(
                        Item(
                            engine: engine, ring: ring.description,
                            speed: try ring.run(Calibrating(engine: engine))))
                } catch {
                    throw RunFailure(.internal, "calibration of \(engine.name): \(error)")
                }
            }
        }
        return MachineCalibration(
            version: version, processor: thisProcessor,
            cores: ProcessInfo.processInfo.activeProcessorCount, library: LibraryVersion.current,
            time: clock.wallSeconds, items: items)
    }

    /// How fast an engine is over a ring; nil if that was not measured.
    public func speed(of engine: PlannedEngine, over ring: RingChoice) -> MachineSpeed? {
        items.first { $0.engine == engine && $0.ring == ring.description }?.speed
    }

    /// A line for people: what was measured, where and when.
    public var summary: String {
        "calibration of \(Date(timeIntervalSince1970: Double(time)).formatted(.iso8601)) on "
            + "\(processor), \(counted(cores, "core")) for all parties together"
    }

    // MARK: The file

    /// Where a user's own is, in a folder of settings.
    public static func file(in folder: URL) -> URL { folder.appending(path: "calibration.json") }

    /// The folder of a user's settings: `$XDG_CONFIG_HOME/parley`, or `~/.config/parley`.
    public static var defaultFolder: URL {
        let environment = ProcessInfo.processInfo.environment
        let base =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".config")
        return base.appending(path: "parley")
    }

    /// Writes it, over an earlier one.
    public func save(in folder: URL) throws(RunFailure) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try AtomicFile.write(
                Array(encodedJSON(self)), to: Self.file(in: folder), overwriting: true)
        } catch { throw RunFailure(.cannotCreate, "\(error)") }
    }

    /// Reads it back; nil if there is none.
    ///
    /// - Throws: ``RunFailure`` if there is something else, with what to do.
    public static func read(in folder: URL) throws(RunFailure) -> MachineCalibration? {
        let file = file(in: folder)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        func failure(_ what: String) -> RunFailure {
            RunFailure(.badInput, "\(file.path) \(what); make it anew with `parley calibrate`")
        }
        guard let bytes = try? Data(contentsOf: file), bytes.count <= maxBytes else {
            throw failure("cannot be read, or is too long")
        }
        guard let read = try? JSONDecoder().decode(MachineCalibration.self, from: bytes),
            read.items.allSatisfy(\.isSensible)
        else { throw failure("is no calibration") }
        guard read.version == version else { throw failure("has the form of another version") }
        return read
    }

    /// The processor's name, as Linux tells it.
    static var thisProcessor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last
            .map { $0.trimmingCharacters(in: .whitespaces) } ?? "an unnamed processor"
    }
}

extension MachineCalibration.Item {
    /// Whether all its times are times.
    fileprivate var isSensible: Bool {
        RingChoice(ring) != nil
            && ([speed.secondsPerRound] + speed.secondsPerUnit.values)
                .allSatisfy { $0.isFinite && $0 >= 0 }
    }
}

extension PlannedEngine {
    /// As `--protocol` names it, with the number of its parties.
    public var name: String {
        switch self {
        case .replicated3: "replicated3"
        case .additiveDealer(let parties): "additive-dealer, \(parties) parties"
        case .additiveOT(let parties): "additive-ot, \(parties) parties"
        }
    }
}

private struct Calibrating: RingProgram {
    let engine: PlannedEngine

    func run<R: Ring>(over ring: R) throws -> MachineSpeed {
        try Calibration(ring, of: engine).run()
    }
}
