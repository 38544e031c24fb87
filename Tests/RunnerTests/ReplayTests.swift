import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Runner
import TestSupport
import Testing

/// Runs that are replayed from what a party opens, and parties that open or did something else.
@Suite(.serialized) struct ReplayTests {
    /// The scripts of a consortium.
    enum Kind: CaseIterable { case large, exposure }

    static let kinds: [(Kind, ProtocolChoice)] = Kind.allCases.flatMap { kind in
        ProtocolChoice.allCases.map { (kind, $0) }
    }

    static func options(
        _ consortium: Consortium, _ kind: Kind, _ choice: ProtocolChoice
    ) -> @Sendable (Int, inout RunOptions) -> Void {
        if kind == .exposure { return ExposureTests.prepare(consortium, choice) }
        return { _, options in
            options.protocolChoice = choice
            options.ring = choice == .additiveDealer ? .p62 : .z64
        }
    }

    /// A consortium of which every party completed a run.
    static func completed(
        _ kind: Kind = .large, _ choice: ProtocolChoice = .replicated3,
        adversary: @escaping @Sendable (Int, any Transport) -> any Transport = { $1 }
    ) throws -> Consortium {
        // A sort among three without replicated sharing takes its time; two do for it.
        let consortium = try Consortium(
            banks: kind == .exposure && choice != .replicated3 ? 2 : 3)
        let results = consortium.run(
            dealer: choice.needsDealer, options: options(consortium, kind, choice),
            adversary: adversary)
        for result in results.values { _ = try result.get() }
        return consortium
    }

    /// One for all tests that only open what is in it.
    static let shared = Result { try completed() }

    /// The newest session in a party's ledger.
    static func session(_ consortium: Consortium) throws -> Digest {
        let intents: [Digest] = try consortium.records(0).compactMap {
            if case .intent(let intent) = $0.statement { intent.session } else { nil }
        }
        return try #require(intents.last)
    }

    /// What a party opens of the newest run.
    static func bundle(_ consortium: Consortium, _ party: Int, summaryOnly: Bool = false) throws
        -> URL
    {
        let folder = consortium.folder.appending(path: "bundle-\(UUID())")
        let entries = try RunEntries(
            session: try session(consortium).hex, in: consortium.directory(party).ledgerFile,
            roster: consortium.roster)
        _ = try AuditBundle(folder).collect(
            session: entries, from: consortium.directory(party), summaryOnly: summaryOnly)
        return folder
    }

    static func replay(_ consortium: Consortium, _ bundle: URL, threads: Int = 1) throws
        -> ReplayVerdict
    {
        // Anybody's copy of the ledger does.
        try ReplayAudit(
            bundle: bundle, roster: consortium.roster,
            ledger: consortium.directory(consortium.roster.parties.count - 1).ledgerFile,
            threads: threads
        ).run()
    }

    static func findings(_ verdict: ReplayVerdict) -> [String: ReplayVerdict.Finding] {
        Dictionary(verdict.items.map { ($0.name, $0.finding) }) { a, b in a == .equal ? b : a }
    }

    // MARK: Honest parties

    @Test("Every party's part is replayed and equal, on every protocol", arguments: kinds)
    func equal(kind: Kind, choice: ProtocolChoice) throws {
        let consortium = try Self.completed(kind, choice)
        for party in consortium.roster.parties.indices {
            let verdict = try Self.replay(consortium, try Self.bundle(consortium, party))
            #expect(verdict.isFaithful, "\(verdict.text)")
            #expect(verdict.items.allSatisfy { $0.finding == .equal }, "\(verdict.text)")
            #expect(verdict.items.count >= 8 && verdict.difference == nil)
        }
    }

    @Test("A replay is the same each time, and with more threads; and is what the outcome holds")
    func deterministic() throws {
        let consortium = try Self.completed(.exposure, .replicated3)
        let bundle = try Self.bundle(consortium, 1)
        let digests = try [1, 1, 2].map {
            try Self.replay(consortium, bundle, threads: $0).replayed
        }
        let outcome = try consortium.records(0).compactMap {
            if case .outcome(let outcome) = $0.statement { outcome } else { nil }
        }.first
        let kept = outcome?.transcripts.first { $0.party == "bank-b" }?.digest
        #expect(kept != nil && digests.allSatisfy { $0 == kept })
    }

    @Test("A rerun is replayed too, with what opened the first run's commitments")
    func rerun() throws {
        let consortium = try Self.completed()
        let (first, options) = (
            try Self.session(consortium), Self.options(consortium, .large, .replicated3)
        )
        let results = consortium.run(
            dealer: false,
            options: { party, chosen in
                options(party, &chosen)
                chosen.repeated = first
            })
        for result in results.values { _ = try result.get() }
        let verdict = try Self.replay(consortium, try Self.bundle(consortium, 2))
        #expect(verdict.isFaithful, "\(verdict.text)")
    }

    @Test("What each says that it sent is what each other received; a changed summary is found")
    func crossCheck() throws {
        let consortium = try Self.shared.get()
        let bundles = try (0..<3).map { try Self.bundle(consortium, $0, summaryOnly: true) }
        func check() throws -> CrossCheck {
            try CrossCheck(
                bundles: bundles, roster: consortium.roster,
                ledger: consortium.directory(0).ledgerFile)
        }
        let sound = try check()
        #expect(sound.lines.count == 9 && sound.lines.allSatisfy { $0.finding == .equal })
        #expect(sound.uncheckedCount == 0 && sound.text.hasSuffix("\nall 9 lines are equal"))
        // Nothing but the summary was opened.
        let names = try FileManager.default.contentsOfDirectory(atPath: bundles[1].path)
        #expect(names == ["summary.json"])
        let file = bundles[1].appending(path: "summary.json")
        var text = try String(contentsOf: file, encoding: .utf8)
        let flow = try #require(text.firstRange(of: "\"frames\" : "))
        text.insert("9", at: flow.upperBound)
        try Data(text.utf8).write(to: file)
        let changed = try check()
        #expect(!changed.holds && changed.text.hasSuffix("\nthe parties' transcripts differ"))
        #expect(changed.lines[1].what == "bank-b" && changed.lines[1].finding == .differs)
        try Data(text.replacing("bank-b", with: "bank-x").utf8).write(to: file)
        #expect(throws: RunFailure.self) { try check() }
    }

    @Test("An aborted run is replayed as far as it came")
    func aborted() throws {
        let consortium = try Consortium()
        let cancellation = Cancellation()
        let options = Self.options(consortium, .large, .replicated3)
        let ended = consortium.run(
            dealer: false, options: options,
            monitor: { party in
                RunMonitor(cancellation: party == 2 ? cancellation : Cancellation()) { step in
                    if party == 2, step.hasPrefix("where amount") { cancellation.cancel() }
                }
            })
        for result in ended.values { #expect(throws: RunFailure.self) { try result.get() } }
        let session = try #require(
            try consortium.records(0).compactMap {
                if case .intent(let intent) = $0.statement { intent.session } else { nil }
            }.first)
        // What nobody's outcome in the log binds is unchecked, and no success.
        let summaries = try [0, 1].map { try Self.bundle(consortium, $0, summaryOnly: true) }
        let check = try CrossCheck(
            bundles: summaries, roster: consortium.roster,
            ledger: consortium.directory(1).ledgerFile)
        #expect(check.holds && check.uncheckedCount >= 2)
        #expect(check.text.hasSuffix("of 4 lines are unchecked"))
        let tool = try ProcessTests.Child(
            ["audit", "cross-check"] + summaries.map(\.path) + [
                "--roster", consortium.rosterFile.path, "--ledger",
                consortium.directory(1).ledgerFile.path,
            ], log: consortium.folder.appending(path: "cross-check.log"))
        #expect(tool.exitCode(within: 30) == RunFailure.Code.auditIncomplete.rawValue)
        // The next run brings what the parties say about the end into the log.
        for result in consortium.run(dealer: false, options: options).values {
            _ = try result.get()
        }
        let entries = try RunEntries(
            session: session.hex, in: consortium.directory(1).ledgerFile,
            roster: consortium.roster)
        let folder = consortium.folder.appending(path: "aborted")
        _ = try AuditBundle(folder).collect(
            session: entries, from: consortium.directory(1), summaryOnly: false)
        let verdict = try Self.replay(consortium, folder)
        #expect(verdict.isFaithful, "\(verdict.text)")
        let findings = Self.findings(verdict)
        #expect(findings["sent frames"] == .equal && findings["transcript"] == .equal)
        #expect(findings["released results"] == .unchecked)
    }

    // MARK: Parties that did, or open, something else

    @Test("A party that changed one frame that it sent is found: step, frame and peer are named")
    func changedFrame() throws {
        // Bank-b adds something to a share that it sends to bank-c, and its transcript says so.
        let consortium = try Self.completed(adversary: { party, base in
            party == 1 ? LyingTransport(base) : base
        })
        let honest = try Self.replay(consortium, try Self.bundle(consortium, 0))
        #expect(honest.isFaithful, "\(honest.text)")
        let verdict = try Self.replay(consortium, try Self.bundle(consortium, 1))
        #expect(!verdict.isFaithful)
        let findings = Self.findings(verdict)
        // What it committed to is in order; only what it did is not.
        #expect(findings["transcript"] == .equal && findings["seed"] == .equal)
        #expect(findings["input commitment"] == .equal && findings["sent frames"] == .differs)
        let difference = try #require(verdict.difference)
        #expect(difference.party == 2 && difference.frame != nil)
        #expect(difference.step.hasPrefix("online"))
        #expect(verdict.text.contains("bank-c"))
    }

    @Test("Other rows than those that the party committed to are found")
    func otherRow() throws {
        let consortium = try Self.shared.get()
        let bundle = try Self.bundle(consortium, 0)
        let file = bundle.appending(path: "transfers.csv")
        var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        lines[7] = lines[8]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        let verdict = try Self.replay(consortium, bundle)
        let findings = Self.findings(verdict)
        #expect(!verdict.isFaithful && findings["input commitment"] == .differs)
        #expect(verdict.difference?.step.hasPrefix("intent") ?? false)
        #expect(verdict.text.contains("table transfers"))
    }

    @Test("Another seed is found: it is not the one of the intent, and opens no transcript")
    func otherSeed() throws {
        let consortium = try Self.shared.get()
        let bundle = try Self.bundle(consortium, 0)
        try Data((String(repeating: "ab", count: 32) + "\n").utf8)
            .write(to: bundle.appending(path: "seed"))
        let verdict = try Self.replay(consortium, bundle)
        let findings = Self.findings(verdict)
        #expect(!verdict.isFaithful && findings["seed"] == .differs)
        #expect(findings["transcript"] == .differs)
    }

    @Test("Another choice than the one that all signed is found and named")
    func otherParameters() throws {
        let consortium = try Self.shared.get()
        let bundle = try Self.bundle(consortium, 0)
        let file = bundle.appending(path: "run.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try #require(text.contains("threshold=EUR 1000.00"))
        try Data(text.replacing("EUR 1000.00", with: "EUR 2000.00").utf8).write(to: file)
        let verdict = try Self.replay(consortium, bundle)
        #expect(!verdict.isFaithful && Self.findings(verdict)["parameters"] == .differs)
        #expect(verdict.text.contains("choice threshold is EUR 2000.00"))
        #expect(verdict.difference?.step == "agreement")
    }

    @Test("A transcript that was cut, or of which one bit was changed anywhere, is refused")
    func damagedTranscript() throws {
        let consortium = try Self.shared.get()
        let bundle = try Self.bundle(consortium, 0)
        let file = bundle.appending(path: "transcript")
        let sound = try Data(contentsOf: file)
        for cut in [1, 17, sound.count / 2, sound.count - 20] {
            try sound.dropLast(cut).write(to: file)
            #expect(try Self.refuses(consortium, bundle), "cut by \(cut) bytes")
        }
        for place in stride(from: 0, to: sound.count, by: sound.count / 23) {
            var damaged = sound
            damaged[place] ^= 1
            try damaged.write(to: file)
            #expect(try Self.refuses(consortium, bundle), "bit of byte \(place)")
        }
    }

    /// Whether the verdict says that the transcript is not in order.
    static func refuses(_ consortium: Consortium, _ bundle: URL) throws -> Bool {
        let verdict = try replay(consortium, bundle)
        return !verdict.isFaithful && findings(verdict)["transcript"] == .differs
    }

    @Test("Files that anybody may have written end in errors")
    func hostileFiles() throws {
        let consortium = try Self.shared.get()
        let bundle = try Self.bundle(consortium, 0)
        let plan = bundle.appending(path: "run.json")
        let sound = try String(contentsOf: plan, encoding: .utf8)
        for (from, to) in [
            ("replicated3", "other"), ("\"z64\"", "\"prime:9\""), ("{", "["),
            ("threshold=EUR 1000.00", "threshold=EUR 9.00"), ("threshold=", "other="),
            ("\"transfers\"", "\"../transfers\""), ("bank-a", "nobody"),
            ("parley-run/2", "parley-run/1"),
        ] {
            try #require(sound.contains(from))
            try Data(sound.replacing(from, with: to).utf8).write(to: plan)
            let isFaithful = try? Self.replay(consortium, bundle).isFaithful
            #expect(isFaithful != true, "\(to)")
        }
        try Data(sound.utf8).write(to: plan)
        let script = bundle.appending(path: "script.parley")
        let text = try String(contentsOf: script, encoding: .utf8)
        try Data(text.replacing("at least 3", with: "at least 2").utf8).write(to: script)
        let verdict = try Self.replay(consortium, bundle)
        #expect(!verdict.isFaithful && verdict.text.contains("script's hash"))
        // A script that was not signed is not run, whatever it would ask for.
        #expect(verdict.replayed == nil && Self.findings(verdict)["tables"] == nil)
        try Data("script".utf8).write(to: script)
        #expect(try !Self.replay(consortium, bundle).isFaithful)
        let handle = try FileHandle(forWritingTo: script)
        try handle.truncate(atOffset: 1 << 38)
        try handle.close()
        #expect(throws: RunFailure.self) { try Self.replay(consortium, bundle) }
    }

    @Test("What no commitment binds is not called faithful")
    func unbound() throws {
        // Bank-a keeps no transcript, and afterwards opens bank-b's seed and transcript as its own.
        let consortium = try Consortium()
        let options = Self.options(consortium, .large, .replicated3)
        let results = consortium.run(
            dealer: false,
            options: { party, chosen in
                options(party, &chosen)
                if party == 0 { chosen.transcriptDays = nil }
            })
        for result in results.values { _ = try result.get() }
        let bundle = try Self.bundle(consortium, 1)
        let plan = bundle.appending(path: "run.json")
        let text = try String(contentsOf: plan, encoding: .utf8)
        try Data(text.replacing("bank-b", with: "bank-a").utf8).write(to: plan)
        let table = try Data(
            contentsOf: consortium.directory(0).url.appending(path: "transfers.csv"))
        try table.write(to: bundle.appending(path: "transfers.csv"))
        let verdict = try Self.replay(consortium, bundle)
        #expect(!verdict.isFaithful && Self.findings(verdict)["seed"] == .unchecked)
        #expect(throws: RunFailure.self) { try Self.bundle(consortium, 0) }
        let folder = consortium.directory(0).url.appending(path: "transcripts")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        // The others' parts are replayed all the same.
        let other = try Self.replay(consortium, try Self.bundle(consortium, 1))
        #expect(other.isFaithful, "\(other.text)")
    }

    // MARK: What is kept

    @Test("Nobody reads a transcript without the seed; it goes when its time is over")
    func kept() throws {
        let consortium = try Self.completed()
        let (session, directory) = (try Self.session(consortium), consortium.directory(0))
        let file = directory.transcriptFile(of: session)
        let bytes = try Data(contentsOf: file)
        // The agreement's terms are the first that was received.
        #expect(bytes.range(of: Data("choice threshold".utf8)) == nil)
        let seed = try SecretBytes(hexFile: directory.seedFile(of: session))
        let peers = [Participant.party(Party(1)), .party(Party(2))]
        let reader = try TranscriptReader(file, key: RunRandomness.transcriptKey(seed))
        #expect(try reader.summarized(peers: peers).flows.allSatisfy { $0.sent.frames > 5 })
        let stranger = try TranscriptReader(
            file, key: SecretBytes(copying: Array(repeating: 1, count: 32)))
        #expect(throws: FileError.self) { try stranger.next() }
        for own in [file, directory.seedFile(of: session), directory.planFile(of: session)] {
            let mode = try FileManager.default.attributesOfItem(atPath: own.path)[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
        }

        let expires = reader.header.expires
        let days = (expires - SystemClock().wallSeconds) / 86_400
        #expect((29...30).contains(days))
        directory.removeExpiredTranscripts(at: expires - 1)
        #expect(FileManager.default.fileExists(atPath: file.path))
        directory.removeExpiredTranscripts(at: expires)
        for gone in [file, directory.seedFile(of: session)] {
            #expect(!FileManager.default.fileExists(atPath: gone.path))
        }
    }
}

/// Adds something to the first share that goes to the last party in the online phase.
private final class LyingTransport: Transport, @unchecked Sendable {
    // Invariant: everything belongs to the session's thread.
    private let base: any Transport
    private var hasLied = false

    init(_ base: any Transport) { self.base = base }

    var me: Participant { base.me }
    var peers: [Participant] { base.peers }
    var traffic: Traffic { base.traffic }

    func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        var frame = frame
        // Frames of a share vector are long.
        if !hasLied, peer == .party(Party(2)), frame.count > 2000 {
            frame[60] ^= 1
            hasLied = true
        }
        try base.send(frame, to: peer)
    }

    func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        try base.receive(from: peer)
    }

    func flush() throws(TransportError) { try base.flush() }
    func close() { base.close() }
    func cancel() { base.cancel() }
}
