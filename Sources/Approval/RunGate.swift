public import Ledger
import Primitives
import Script

/// Decides whether a run may begin: signatures by role, dates, periods, reruns.
///
/// Pure: from the ledger's statements and what is about to run. Every party decides for itself, so a
/// run begins only if no honest party refuses.
public struct RunGate: Sendable {
    /// Why the run may not begin, each reason in a line; empty if it may.
    public private(set) var refusals: [String] = []
    /// What a person should see before it begins: who signed, and which of the allowed runs it is.
    public private(set) var notes: [String] = []
    private let run: ScriptRun
    private let history: RunHistory

    /// - Parameters:
    ///   - inputs: the commitments of the new run, to be compared with those of the run that it repeats;
    ///     nil while they are not known.
    ///   - party: the only one whose inputs are known; nil for all parties'.
    public init(
        _ run: ScriptRun, _ history: RunHistory, inputs: [Intent.Input]?, of party: String? = nil
    ) {
        (self.run, self.history) = (run, history)
        checkSignatures()
        checkDates()
        checkRerun(inputs, of: party)
        countRuns()
    }

    private var script: SignableScript { run.script }
    private var today: String { Day.text(run.today) }

    // MARK: Signatures

    private mutating func checkSignatures() {
        var signed: [String] = []
        for demand in run.demands {
            switch signature(demand) {
            case .success(let until):
                signed.append(
                    "\(demand.party)'s \(demand.role)" + (until.map { " (until \($0))" } ?? ""))
            case .failure(let refusal): refusals += refusal.reasons
            }
        }
        if run.demands.isEmpty {
            notes.append("no party has roles in the roster: nobody had to sign \(script.title)")
        } else if !signed.isEmpty {
            notes.append("signed by \(signed.joined(separator: ", "))")
        }
    }

    /// Until when a role's approval of exactly this holds.
    private func signature(_ demand: RoleDemand) -> Result<String?, ApprovalRefusal> {
        let who = "\(demand.party)'s \(demand.role)"
        func refused(_ reason: String) -> Result<String?, ApprovalRefusal> {
            .failure(ApprovalRefusal(["\(who) \(reason)"]))
        }
        let own = history.approvals.filter { $0.author == demand.party && $0.role == demand.role }
        let same = own.filter { $0.subject == run.subject }
        // The place in the log does not count, as whoever has an old approval can state it again.
        let newest = same.filter { $0.isSigned(by: demand.key) }.max {
            ($0.time, $0.verdict == .withdrawn ? 1 : 0)
                < ($1.time, $1.verdict == .withdrawn ? 1 : 0)
        }
        if let newest {
            if newest.verdict == .withdrawn {
                return refused("withdrew its approval on \(newest.day): it must sign again")
            }
            if let until = newest.until, until < today {
                return refused("signed until \(until), and today is \(today): sign again")
            }
            return .success(newest.until)
        }
        guard same.isEmpty else {
            return refused(
                "has a signature that is not by its key in the roster: sign with its own key")
        }
        let others = own.filter {
            $0.verdict == .approved
                && ($0.subject.script == run.subject.script || $0.subject.text == run.subject.text)
                && $0.isSigned(by: demand.key)
        }
        let nearest = others.map { (differences($0.subject), $0.time) }.min {
            ($0.0.count, -$0.1) < ($1.0.count, -$1.1)
        }
        guard let fields = nearest?.0 else {
            return refused(
                "has not signed \(script.title): run `parley sign` there, then `parley ledger "
                    + "sync` at all parties")
        }
        let signed = fields.map { "\($0.field) \($0.signed)" }.joined(separator: ", ")
        let now = fields.map(\.now).joined(separator: ", ")
        return refused("signed with \(signed); this is \(now): sign again")
    }

    /// The fields in which what was signed differs from what is about to run.
    private func differences(
        _ signed: ApprovalSubject
    ) -> [(field: String, signed: String, now: String)] {
        let now = run.subject
        return [
            ("script", signed.script, now.script),
            ("version", "\(signed.version)", "\(now.version)"),
            ("text", signed.text.short, now.text.short),
            ("manifest", signed.manifest.short, now.manifest.short),
            ("library", signed.library, now.library),
            ("protocol", signed.protocol, now.protocol), ("ring", signed.ring, now.ring),
            ("roster", signed.roster.short, now.roster.short),
        ].filter { $0.1 != $0.2 }
    }

    // MARK: Dates and counts

    private mutating func checkDates() {
        let runs = script.checked.runs
        if let until = runs.until, run.today > until {
            refusals.append(
                "\(script.title) may run until \(Day.text(until)), and today is \(today): a new "
                    + "version must be signed")
        }
        guard let period = ScriptPeriod.parse(run.period), period.unit == runs.per else {
            refusals.append("\(run.period) is no \(runs.per): write \(current)")
            return
        }
        if period.days.lowerBound > run.today {
            refusals.append("\(run.period) has not begun, as today is \(today) (UTC): wait for it")
        }
        if script.checked.period == nil, run.period != current {
            refusals.append(
                "\(script.title) names no period, so its runs are counted by today's \(runs.per), "
                    + "\(current), not by \(run.period)")
        } else if script.checked.period != nil, !script.checked.isBoundToPeriod,
            run.rerun == nil, period.days.upperBound < run.today,
            ![current, previous].contains(run.period)
        {
            refusals.append(
                "\(script.title) has no column whose days are those of its period, so that it would "
                    + "run on the same rows for any: it may run for \(current) and \(previous), not "
                    + "for \(run.period)")
        }
    }

    /// Today's period of the unit in which runs are counted.
    private var current: String { ScriptPeriod.text(script.checked.runs.per, of: run.today) }

    /// The period before it.
    private var previous: String {
        let first = ScriptPeriod.parse(current)?.days.lowerBound ?? run.today
        return ScriptPeriod.text(script.checked.runs.per, of: first - 1)
    }

    private mutating func countRuns() {
        let runs = script.checked.runs
        let own = run.rerun.flatMap(history.root)
        let used = history.counted {
            $0.program.hash == script.text && $0.period == run.period
        }.filter { $0 != own }
        guard used.count < runs.count else {
            refusals.append(
                "\(script.title) may run \(runs.count) per \(runs.per), and \(run.period) is used "
                    + "up by \(named(used)): wait for another \(runs.per), or repeat a run with "
                    + "the inputs that it had (--rerun SESSION)")
            return
        }
        notes.append(
            (run.rerun.map { "repeats session \($0.short), " } ?? "")
                + "run \(used.count + 1) of \(runs.count) in \(run.period)")
    }

    // MARK: Reruns

    private mutating func checkRerun(_ inputs: [Intent.Input]?, of party: String?) {
        guard let session = run.rerun else { return }
        guard let earlier = history.intent(of: session) else {
            refusals.append(
                "session \(session.short), which is to be repeated, is not in the ledger: "
                    + "`parley ledger show` lists sessions")
            return
        }
        let what = "session \(session.short), which is to be repeated,"
        if earlier.program.hash != script.text {
            refusals.append(
                "\(what) ran the text \(earlier.program.hash.short) of \(earlier.program.name); "
                    + "this is \(script.text.short)")
        }
        if earlier.period != run.period {
            refusals.append(
                "\(what) was for \(earlier.period ?? "no period"); this is for \(run.period)")
        }
        if earlier.choices != run.choices {
            func text(_ choices: [Intent.Threshold]) -> String {
                choices.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
            }
            refusals.append("\(what) had \(text(earlier.choices)); this has \(text(run.choices))")
        }
        if let inputs {
            let known = earlier.inputs.filter { party == nil || $0.party == party }
            refusals += changes(from: known, to: inputs).map { "\(what) \($0)" }
        }
    }

    /// Whose inputs are not the same, and what about them.
    private func changes(from old: [Intent.Input], to new: [Intent.Input]) -> [String] {
        func key(_ input: Intent.Input) -> [String] { [input.party, input.table] }
        let before = Dictionary(old.map { (key($0), $0) }, uniquingKeysWith: { $1 })
        let now = Dictionary(new.map { (key($0), $0) }, uniquingKeysWith: { $1 })
        return Set(before.keys).union(now.keys).sorted { $0.lexicographicallyPrecedes($1) }
            .compactMap { name in
                let table = "\(name[0])'s table \(name[1])"
                guard let was = before[name] else { return "had no \(table)" }
                guard let input = now[name] else { return "had \(table), which is missing now" }
                guard was != input else { return nil }
                return was.rows == input.rows
                    ? "had other rows in \(table)"
                    : "had \(counted(was.rows, "row")) in \(table), which has \(input.rows) now"
            }
    }
}

extension RoleApproval {
    /// On which it was signed, by the role's clock.
    var day: String { Day.text(calendarDay(time)) }
}

/// The day of a time, in UTC: days since 2000-01-01 of seconds since 1970.
func calendarDay(_ seconds: Int64) -> Int { Int(seconds / 86_400) - 10_957 }
