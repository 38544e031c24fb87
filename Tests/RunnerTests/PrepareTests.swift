import Applications
import Foundation
import MPC
import Runner
import Testing

/// Randomness made in one session and used in another, over TLS on loopback.
@Suite(.serialized) struct PrepareTests {
    static func additive(_ options: inout RunOptions) {
        (options.protocolChoice, options.ring) = (.additiveOT, .z64)
    }

    /// The failure of every party, for its description.
    static func failures<T>(_ results: [Int: Result<T, RunFailure>]) -> [RunFailure] {
        results.values.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    }

    @Test("Prepared, then run online only: right, and 0 bytes of preprocessing", arguments: [2, 3])
    func onlineOnly(banks: Int) throws {
        let consortium = try Consortium(banks: banks)
        let prepared = consortium.prepare(options: { Self.additive(&$1) })
        let ids = Set(try prepared.values.map { try $0.get().preparation })
        #expect(ids.count == 1)
        let draw: @Sendable (Int, inout RunOptions) -> Void = { _, options in
            Self.additive(&options)
            (options.preparation, options.isOnlineOnly) = (.newest, true)
        }
        for result in consortium.run(dealer: false, options: draw).values {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [consortium.expectedLarge()])
            #expect(report.costs.preprocessing.bytesSent == 0)
            #expect(report.randomness.preparation == ids.first)
            #expect(report.randomness.readyShare == 1)
            #expect(report.summary.contains("preprocessing 0 bytes"))
            #expect(report.security.threshold == banks - 1 && report.security.dealer == nil)
        }
        // It was for one run.
        for failure in Self.failures(consortium.run(dealer: false, options: draw)) {
            #expect(failure.code == .badInput && failure.description.contains("is spent"))
        }
    }

    @Test("The plan tells what a sort takes: the script exposure, online only")
    func exposure() throws {
        let consortium = try Consortium(banks: 2)
        let options = ExposureTests.prepare(consortium, .additiveOT)
        for result in consortium.prepare(options: options).values { _ = try result.get() }
        let results = consortium.run(dealer: false) { party, chosen in
            options(party, &chosen)
            (chosen.preparation, chosen.isOnlineOnly) = (.newest, true)
        }
        for (party, result) in results {
            let report = try result.get()
            #expect(ExposureTests.learned(report) == ExposureTests.answer(consortium, party))
            #expect(report.costs.preprocessing.bytesSent == 0)
        }
    }

    @Test("Too little: refused with kind, needed and left, or made on the spot and said so")
    func tooLittle() throws {
        let consortium = try Consortium(banks: 2)
        var amounts = PreparedAmounts()
        (amounts.triples, amounts.daBits, amounts.comparisons) = (64, 64, 128)
        let few = amounts
        let prepared = consortium.prepare(
            options: { Self.additive(&$1) }, for: { _ in .amounts(few) })
        for result in prepared.values { _ = try result.get() }
        let refused = consortium.run(dealer: false) { _, options in
            Self.additive(&options)
            (options.preparation, options.isOnlineOnly) = (.newest, true)
        }
        #expect(refused.count == Self.failures(refused).count)
        for failure in Self.failures(refused) {
            #expect(failure.code == .refused)
            #expect(failure.description.contains("triples are needed and 64 are left"))
        }
        // That cost nothing: now it is drawn on as far as it goes.
        let results = consortium.run(dealer: false) { _, options in
            Self.additive(&options)
            options.preparation = .newest
        }
        for result in results.values {
            let report = try result.get()
            #expect(report.answers.map(\.rows) == [consortium.expectedLarge()])
            #expect(report.costs.preprocessing.bytesSent > 0)
            #expect((0.01..<0.99).contains(report.randomness.readyShare))
            #expect(report.randomness.summary.contains("were ready; the rest from oblivious"))
        }
    }

    @Test("Parties on different preparations, or only some on one, are refused with both")
    func differentPreparations() throws {
        let consortium = try Consortium(banks: 2)
        var folders: [[URL]] = []
        for _ in 0..<2 {
            let prepared = consortium.prepare(options: { Self.additive(&$1) })
            folders.append(try (0..<2).map { try #require(prepared[$0]).get().folder })
        }
        let all = folders
        let results = consortium.run(dealer: false) { party, options in
            Self.additive(&options)
            options.preparation = .folder(all[party][party])
        }
        #expect(Self.failures(results).count == 2)
        for failure in Self.failures(results) {
            #expect(failure.code == .refused && failure.description.contains("\"preparation\""))
            for party in 0..<2 {
                #expect(failure.description.contains(all[party][party].lastPathComponent))
            }
        }
        let some = consortium.run(dealer: false) { party, options in
            Self.additive(&options)
            if party == 0 { options.preparation = .newest }
        }
        #expect(Self.failures(some).count == 2)
        for failure in Self.failures(some) { #expect(failure.description.contains("has none")) }
    }

    @Test("Another roster's preparation, and one for a protocol that takes none, are refused")
    func foreign() throws {
        let (consortium, other) = (try Consortium(banks: 2), try Consortium(banks: 2))
        let prepared = other.prepare(options: { Self.additive(&$1) })
        let folder = try #require(prepared[0]).get().folder
        let foreign = consortium.run(parties: [0], dealer: false) { _, options in
            Self.additive(&options)
            options.preparation = .folder(folder)
        }
        for failure in Self.failures(foreign) {
            #expect(failure.code == .badInput && failure.description.contains("for the roster"))
        }
        let dealt = consortium.run(parties: [0], dealer: false) { _, options in
            options.preparation = .folder(folder)
        }
        for failure in Self.failures(foreign) + Self.failures(dealt) {
            #expect([.badInput, .usage].contains(failure.code))
        }
        #expect(Self.failures(foreign).count == 1 && Self.failures(dealt).count == 1)
    }

    @Test("Parties that name different protocols are refused with both names")
    func differentProtocols() throws {
        let consortium = try Consortium()
        let results = consortium.run(dealer: false) { party, options in
            options.ring = .z64
            options.protocolChoice = party == 1 ? .replicated3 : .additiveOT
        }
        #expect(Self.failures(results).count == 3)
        for failure in Self.failures(results) {
            #expect(failure.code == .refused)
            #expect(failure.description.contains("bank-b has replicated3"))
            #expect(failure.description.contains("bank-a has additive-ot"))
        }
    }
}
