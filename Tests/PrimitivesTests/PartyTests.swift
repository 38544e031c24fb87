import Primitives
import TestSupport
import Testing

struct PartyTests {
    @Test func orderAndText() {
        let everybody: [Participant] = [.dealer, .party(Party(2)), .party(Party(0))]
        #expect(everybody.sorted() == [.party(Party(0)), .party(Party(2)), .dealer])
        #expect("\(Party(2))" == "party 2")
        #expect("\(Participant.party(Party(0))), \(Participant.dealer)" == "party 0, the dealer")
    }

    @Test func manualClockMovesWhenTold() {
        let clock = ManualClock(wallSeconds: 100)
        clock.advance(seconds: 1.5)
        #expect(clock.monotonicNanoseconds == 1_500_000_000)
        #expect(clock.wallSeconds == 101)
    }

    @Test func systemClockNeverRunsBackwards() {
        let clock = SystemClock()
        let readings = (0..<100).map { _ in clock.monotonicNanoseconds }
        #expect(readings == readings.sorted())
        #expect(clock.wallSeconds > 1_700_000_000)
    }
}
