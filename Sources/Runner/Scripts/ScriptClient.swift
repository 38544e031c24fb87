import Algebra
import Analytics
import MPC
import Primitives
import Script
import SecretSharing

/// A script at a client: it brings its tables, receives what is released to it, and takes no part in
/// anything between.
///
/// All sizes are known beforehand: tables are padded to their bounds.
struct ScriptClient {
    let program: Program
    /// By number of the program's input; nil for those of other parties.
    let inputs: [PlainTable?]

    /// In the order in which ``Engine/run(_:inputs:context:progress:)`` shares and releases.
    ///
    /// - Returns: what this party learns. After a check that does not hold nothing follows.
    func run<R: Ring>(over ring: R, _ session: Session) throws -> [ReleaseResult] {
        var results: [ReleaseResult] = []
        for (index, (release, steps)) in zip(program.releases, program.schedule).enumerated() {
            for step in steps {
                guard case .input(let number) = program.steps[step].operation,
                    program.isClient(program.inputs[number].owner)
                else { continue }
                try bring(number, program.steps[step].label, over: ring, session)
            }
            results += try receive(release, index, over: ring, session)
            if results.last?.index == index, results.last?.holds == false { break }
        }
        return results
    }

    /// An input of this client, or of another one, which it lets pass.
    private func bring<R: Ring>(
        _ number: Int, _ label: String, over ring: R, _ session: Session
    ) throws {
        let input = program.inputs[number]
        guard input.owner == session.party else {
            for _ in 0...input.schema.numberColumns { session.passInput() }
            return
        }
        guard let rows = inputs[number] else {
            throw AnalyticsError.wrongData(reason: "the owner of \(input.table) passes its rows")
        }
        try rows.check(against: input.schema, unique: input.unique)
        let mark = session.costs.begin(label)
        defer { session.costs.end(mark) }
        let (bits, numbers) = rows.elements(of: input.schema, over: ring)
        try session.bring(bits)
        for column in numbers { try session.bring(column) }
    }

    private func receive<R: Ring>(
        _ release: Release, _ index: Int, over ring: R, _ session: Session
    ) throws -> [ReleaseResult] {
        let schema = program.steps[release.table].schema
        let tables = try release.tables(of: schema)
        guard !tables.isEmpty else { return [] }
        let mark = session.costs.begin(release.label)
        defer { session.costs.end(mark) }
        let mine = tables.indices.filter { tables[$0].to.contains(session.party) }
        let received: [AbelianPair<Vector<R>, BitMatrix>] = try session.receiveRelease(
            of: mine.map {
                let schema = tables[$0].schema
                return .init(
                    VectorShape(ring: ring, count: schema.numberColumns * schema.bound),
                    BitShape(rows: schema.bitRows, count: schema.bound))
            },
            to: session.allParties.filter { party in tables.contains { $0.to.contains(party) } })
        var outputs: [PlainTable?] = tables.map { _ in nil }
        for (table, values) in zip(mine, received) {
            outputs[table] = PlainTable(
                tables[table].schema, numbers: values.first, bits: values.second)
        }
        return try release.results(index, of: outputs, schema)
    }
}
