import Foundation
import Primitives

/// Lines on the standard streams; standard output is for results, standard error for the rest.
///
/// What others wrote may be among them: nothing of it steers a terminal (`String.shown`).
enum Console {
    static func print(_ text: String) {
        FileHandle.standardOutput.write(Data((text.shown + "\n").utf8))
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data((text.shown + "\n").utf8))
    }

    static let errorIsTerminal = isatty(2) == 1

    /// "12.3 MB", in powers of ten.
    static func bytes(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// "1,234,567".
    static func grouped(_ count: Int) -> String {
        var digits = String(count)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = String(digits.dropLast(3))
        }
        return ([digits] + groups.map(String.init)).joined(separator: ",")
    }

}

/// One line a step with the time since the start: in a log each is kept, on a terminal the newest
/// replaces the one before.
final class ProgressPrinter: Sendable {
    private let start = Date()
    private let isTerminal = Console.errorIsTerminal

    func report(_ step: String) {
        let line = String(format: "[%6.2f s] ", Date().timeIntervalSince(start)) + step.shownInLine
        if isTerminal {
            FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
        } else {
            Console.error(line)
        }
    }

    /// Ends the line on a terminal.
    func finish() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
