import Foundation

/// The largest resident size of this process, from Linux's `VmHWM`; 0 where it is not known.
package func peakResidentBytes() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
        return 0
    }
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return words.count > 1 ? (Int(words[1]) ?? 0) << 10 : 0
    }
    return 0
}

/// Begins to measure the largest resident size anew; without effect where the system cannot.
package func resetPeakResidentBytes() {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
}

/// Starts this program again, once, with an allocator that keeps freed memory for the next vector
/// and uses large pages.
///
/// A computation on vectors frees and takes megabytes all the time. By default glibc returns long
/// blocks to the system, which clears them page by page when they are taken again: 1,000,000
/// comparisons took 0.13 s with that and 0.09 s without; work in smaller batches gains little.
/// glibc reads these settings only before a program starts; a program that was started with
/// `GLIBC_TUNABLES` set is left as it is. What is kept counts as memory of the process, never as
/// more than its peak.
public func restartWithRetainedMemory() {
    let name = "GLIBC_TUNABLES"
    guard ProcessInfo.processInfo.environment[name] == nil else { return }
    let settings = [
        "hugetlb=1", "arena_max=1", "mmap_threshold=4294967296", "trim_threshold=8589934592",
        "top_pad=16777216",
    ]
    _ = unsafe setenv(name, settings.map { "glibc.malloc.\($0)" }.joined(separator: ":"), 1)
    // On success this does not return; else all goes on as it is.
    unsafe withStrings(CommandLine.arguments) { _ = unsafe execv("/proc/self/exe", $0) }
}

/// Lends C copies of the strings, followed by a null pointer.
private func withStrings(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Void
) {
    let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
        capacity: strings.count + 1)
    for (i, string) in strings.enumerated() { unsafe copies[i] = unsafe strdup(string) }
    unsafe copies[strings.count] = nil
    unsafe body(copies)
    for i in strings.indices { unsafe free(copies[i]) }
    unsafe copies.deallocate()
}
