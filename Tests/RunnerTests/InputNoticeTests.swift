import Runner
import Testing

/// A peer's notice is hostile: the numbers in it decide how much memory is taken.
@Suite struct InputNoticeTests {
    /// Input rows, a time, and rows and commitment of two tables.
    private func notice(inputRows: UInt64, transfers: UInt64, accounts: UInt64) -> [UInt8] {
        func word(_ value: UInt64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let digest = [UInt8](repeating: 7, count: 32)
        return word(inputRows) + word(1) + word(transfers) + digest + word(accounts) + digest
    }

    @Test("More accounts or input rows than a run takes are refused, and so is none")
    func limits() {
        let most: UInt64 = 1 << 26
        #expect(
            InputNotice(
                notice(inputRows: most, transfers: 1 << 40, accounts: most), tables: 2) != nil)
        for (rows, accounts) in [
            (1, most + 1), (1, 1 << 40), (1, .max), (most + 1, 1), (1, 0), (0, 1),
        ] as [(UInt64, UInt64)] {
            #expect(
                InputNotice(
                    notice(inputRows: rows, transfers: 1, accounts: accounts), tables: 2) == nil)
        }
    }

    @Test("A notice of another length is refused")
    func length() {
        let bytes = notice(inputRows: 1, transfers: 1, accounts: 1)
        #expect(InputNotice(bytes + [0], tables: 2) == nil)
        #expect(InputNotice(Array(bytes.dropLast()), tables: 2) == nil)
        #expect(InputNotice(bytes, tables: 1) == nil)
    }
}
