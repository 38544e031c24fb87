import Applications
import Foundation
import Runner
import Tables
import Testing

/// The keys that the job exposure publishes tell nothing but which accounts reached.
@Suite(.serialized) struct PublishedKeysTests {
    @Test("Neither order nor choice of published keys follows the banks' lists")
    func order() throws {
        let consortium = try Consortium()
        let lists = consortium.data.accounts.map { table in
            (0..<table.rowCount).map { table.texts("account")[$0] }
        }
        let places = Dictionary(
            uniqueKeysWithValues: zip(lists.joined(), 0..<lists.joined().count))
        let paid = consortium.data.transfers.map { table in
            Set((0..<table.rowCount).map { table.texts("bene_acct")[$0] })
        }
        let expected = Set(places.keys).intersection(paid.reduce([]) { $0.union($1) })
        try #require(expected.count > 100)

        for bound in [1000, 40] {
            let results = consortium.run(dealer: false) { party, options in
                options.job = .exposure(
                    accounts: consortium.directory(party).url.appending(path: "accounts.csv"),
                    bound: nil, publishing: bound)
                (options.protocolChoice, options.ring) = (.replicated3, .z64)
                (options.thresholdCents, options.minimumBanks) = (1, 1)
            }
            for (party, result) in results {
                let answer = try result.get().answer
                #expect(answer.flagged.count == min(bound, expected.count))
                #expect(answer.isCut == (bound < expected.count))
                let named = answer.flagged.filter { places[$0] != nil }
                #expect(Set(named).isSubset(of: expected))
                if bound >= expected.count {
                    let known = paid[party].union(lists[party])
                    #expect(Set(named) == expected.intersection(known))
                }
                // Sorted by chance with probability below 1 / 10!.
                let order = named.compactMap { places[$0] }
                #expect(order.count > 10 && order != order.sorted())
                #expect(order.contains { $0 >= lists[0].count })
            }
        }
    }

    @Test("Another number of comparisons at once, which cuts other messages, is refused by name")
    func batches() throws {
        let consortium = try Consortium()
        let results = consortium.run(dealer: false) { party, options in
            options.job = .exposure(
                accounts: consortium.directory(party).url.appending(path: "accounts.csv"),
                bound: nil, publishing: nil)
            (options.protocolChoice, options.ring) = (.replicated3, .z64)
            if party == 1 { options.batch = 64 }
        }
        for result in results.values {
            #expect {
                _ = try result.get()
            } throws: { error in
                guard let failure = error as? RunFailure else { return false }
                return failure.code == .refused
                    && failure.description.contains("comparisons at once")
            }
        }
    }
}
