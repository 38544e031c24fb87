import Algebra
import Testing

@Suite struct FixedPointTests {
    let quarters = FixedPoint(fractionBits: 2, range: -100...100)

    @Test func decimalsRoundHalfUp() throws {
        // Multiples of 1/4: 0.125 is a tie and goes up, as −0.125 does.
        let cases: [(String, Int64)] = [
            ("0", 0), ("1.5", 6), ("-1.5", -6), ("0.125", 1), ("-0.125", 0), ("0.1249", 0),
            ("-0.1251", -1), ("+2.25", 9), ("100", 400), ("-100.00", -400), ("007.0", 28),
        ]
        for (text, encoding) in cases {
            #expect(try quarters.encode(decimal: text) == encoding, "\(text)")
        }
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-", "-.5", "1.2.3", "1e3", "1,5", " 1", "1.-5", "1.+5", "nan",
    ])
    func malformedDecimalsAreRefused(_ text: String) {
        #expect(throws: FixedPoint.EncodingError.malformed(text)) {
            try quarters.encode(decimal: text)
        }
    }

    @Test func overlongTextIsRefused() {
        let text = String(repeating: "9", count: 81)
        #expect(throws: FixedPoint.EncodingError.malformed(String(text.prefix(80)))) {
            try quarters.encode(decimal: text)
        }
    }

    @Test func outsideTheRangeIsRefusedByName() throws {
        for text in ["100.01", "-100.01", "101", "9999999999999999999999"] {
            #expect(throws: FixedPoint.EncodingError.outOfRange(text, -100...100)) {
                try quarters.encode(decimal: text)
            }
        }
        let error = FixedPoint.EncodingError.outOfRange("101", -100...100)
        #expect(throws: error) { try quarters.encode(101) }
        #expect(error.description.contains("101") && error.description.contains("-100 to 100"))
        #expect(try quarters.encode(-100) == -400)
    }

    @Test func decoding() {
        #expect(quarters.decode(-6) == -1.5 && quarters.decode(1) == 0.25)
        #expect(quarters.text(-6, places: 1) == "-1.5" && quarters.text(1, places: 2) == "0.25")
        #expect(quarters.text(1, places: 1) == "0.3" && quarters.text(-1, places: 1) == "-0.2")
        #expect(quarters.text(0, places: 2) == "0.00" && quarters.text(2, places: 0) == "1")
        #expect(quarters.text(-2, places: 0) == "0" && quarters.text(-1, places: 3) == "-0.250")
    }

    @Test func theWidestRange() throws {
        let whole = FixedPoint(fractionBits: 0, range: .min ... .max)
        #expect(try whole.encode(decimal: String(Int64.min)) == .min)
        #expect(try whole.encode(decimal: "9223372036854775807") == .max)
        #expect(throws: FixedPoint.EncodingError.self) {
            try whole.encode(decimal: "9223372036854775807.5")
        }
    }
}
