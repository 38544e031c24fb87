import Foundation

/// Numbers as pages show them.
enum Figures {
    /// "1,234,567".
    static func grouped(_ count: Int) -> String {
        let digits = Array(String(abs(count)))
        var text = count < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// "1 row", "1,234 rows".
    static func rows(_ count: Int) -> String { "\(grouped(count)) row\(count == 1 ? "" : "s")" }

    /// "12.3 MB", in powers of ten.
    static func bytes(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(count), 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return unit == 0 ? "\(count) B" : "\(significant(value)) \(units[unit])"
    }

    /// "3.2 ms", "12.3 s", "2 min 5 s".
    static func seconds(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.000_5: "0 ms"
        case ..<0.999_5: "\(significant(seconds * 1000)) ms"
        case ..<119.5: "\(significant(seconds)) s"
        default: "\(Int(seconds.rounded()) / 60) min \(Int(seconds.rounded()) % 60) s"
        }
    }

    /// Three digits or more.
    private static func significant(_ value: Double) -> String {
        String(format: value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value)
    }

    /// "2026-11-23 15:07:57 UTC" of seconds since 1970.
    static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            .replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// "2026-11-23" of seconds since 1970.
    static func day(_ seconds: Int64) -> String { String(time(seconds).prefix(10)) }

    /// A mark of an axis of seconds, which is a round number.
    static func mark(_ seconds: Double) -> String {
        switch seconds {
        case 0: "0"
        case ..<0.999: String(format: "%g ms", (seconds * 1e6).rounded() / 1e3)
        default: String(format: "%g s", (seconds * 1e3).rounded() / 1e3)
        }
    }

    /// Seconds to a millionth, as in tables.
    static func decimal(_ value: Double) -> String { String(format: "%.6f", value) }

    /// A coordinate.
    static func point(_ value: Double) -> String { String(format: "%.1f", value) }
}
