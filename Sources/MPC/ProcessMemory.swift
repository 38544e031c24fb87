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

/// Starts this program again, once, with an allocator that keeps freed memory for the next vector
/// and uses large pages.
///
/// A computation on vectors frees and takes megabytes all the time. By default glibc returns each
/// to the system, which clears it page by page when it is taken again: up to half of the processor
/// time of a run. glibc reads these settings only before a program starts; a program that was
/// started with `GLIBC_TUNABLES` set is left as it is. What is kept counts as memory of the process,
/// never as more than its peak.
public func restartWithRetainedMemory() {
    let name = "GLIBC_TUNABLES"
    guard ProcessInfo.processInfo.environment[name] == nil else { return }
    let settings = [
        "hugetlb=1", "arena_max=1", "mmap_threshold=4294967296", "trim_threshold=8589934592",
        "top_pad=16777216",
    ]
    setenv(name, settings.map { "glibc.malloc.\($0)" }.joined(separator: ":"), 1)
    // The same arguments, null-terminated; on success this does not return, else all goes on as it
    // is.
    var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    _ = unsafe execv("/proc/self/exe", arguments)
    for unsafe argument in unsafe arguments { unsafe free(argument) }
}
