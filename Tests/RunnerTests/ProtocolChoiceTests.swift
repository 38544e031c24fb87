import Networking
import Runner
import Testing

/// Which protocol is taken for whom, and what is refused with which reason.
@Suite struct ProtocolChoiceTests {
    private func choice(
        _ banks: Int, _ name: ProtocolChoice? = nil, _ security: SecurityChoice? = nil,
        dealer: Bool = false
    ) throws -> Result<ProtocolChoice, RunFailure> {
        let all = try Consortium(banks: banks).roster
        let roster = dealer ? all : try Roster(parties: all.parties)
        return Result { () throws(RunFailure) in
            try .chosen(named: name, security: security, for: roster)
        }
    }

    @Test("The default follows from the number of parties and the security; never a dealer")
    func defaults() throws {
        #expect(try choice(3).get() == .replicated3)
        #expect(try choice(3, nil, .honestMajority).get() == .replicated3)
        #expect(try choice(3, nil, .dishonestMajority).get() == .additiveOT)
        for banks in [2, 5] {
            for dealer in [false, true] {
                #expect(try choice(banks, dealer: dealer).get() == .additiveOT)
                #expect(
                    try choice(banks, nil, .honestMajority, dealer: dealer).get() == .additiveOT)
            }
        }
        #expect(try choice(2, .additiveDealer, dealer: true).get() == .additiveDealer)
        #expect(try choice(3, .additiveOT, .honestMajority).get() == .additiveOT)
    }

    @Test("What does not fit is refused with the reason and what to do")
    func refusals() throws {
        func reason(_ result: Result<ProtocolChoice, RunFailure>) -> String {
            guard case .failure(let failure) = result else { return "" }
            return failure.description
        }
        let malicious = reason(try choice(3, nil, .malicious))
        #expect(malicious.contains("is built yet; choose --security honest-majority"))
        for banks in [2, 5] {
            let other = reason(try choice(banks, .replicated3))
            #expect(other.contains("exactly 3 parties and the roster has \(banks)"))
            #expect(other.contains("--protocol additive-ot"))
        }
        #expect(
            reason(try choice(3, .replicated3, .dishonestMajority)).contains("pool what they see"))
        #expect(reason(try choice(2, .additiveDealer)).contains("the roster has none"))
    }

    @Test("A roster of one party, or of eleven, is none")
    func counts() throws {
        let parties = try Consortium(banks: 2).roster.parties
        let eleven = Array(repeating: parties[0], count: 11)
        for list in [[parties[0]], eleven] {
            let error = #expect(throws: RosterError.self) { try Roster(parties: list) }
            #expect(error?.description.contains("\(list.count), not 2 to 10") == true)
        }
    }
}
