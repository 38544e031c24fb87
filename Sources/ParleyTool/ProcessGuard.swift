import Foundation
import Networking
import Runner

/// What protects the process that holds secrets, and how it is stopped.
enum ProcessGuard {
    /// A core dump would hold shares and keys.
    static func forbidCoreDumps() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        // The call reads the local variable only.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Runs a member's part with progress on standard error, and so that it can be stopped.
    static func monitored<Result>(_ body: (RunMonitor) throws -> Result) rethrows -> Result {
        let progress = ProgressPrinter()
        let monitor = RunMonitor { progress.report($0) }
        let signals = cancelOnSignals(monitor.cancellation)
        defer {
            progress.finish()
            for source in signals { source.cancel() }
        }
        return try body(monitor)
    }

    /// Turns interrupt and termination into a cancelled run.
    ///
    /// Peers are then told, and the ledger says how it ended. Keep the result as long as the run
    /// lasts.
    private static func cancelOnSignals(_ cancellation: Cancellation) -> [any DispatchSourceSignal]
    {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: DispatchQueue.global())
            source.setEventHandler { cancellation.cancel() }
            source.resume()
            return source
        }
    }
}
