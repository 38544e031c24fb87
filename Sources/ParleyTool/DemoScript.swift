import Applications
import Foundation
import Primitives
import Runner
import Script

/// What the demo runs: a bundled script among so many parties, for so many rows.
struct DemoScript {
    let protocolChoice: ProtocolChoice
    let parties: [String]
    /// Canonical.
    let text: String
    private let checked: CheckedScript
    private let library: ScriptLibrary
    private let rows: Int

    /// - Parameter rows: of each table; if nil as many as the protocol is quick for.
    init(
        _ library: ScriptLibrary, parties count: Int?, _ named: ProtocolChoice?,
        _ security: SecurityChoice?, rows: Int?
    ) throws {
        self.library = library
        guard var syntax = Parser.parse(SourceText(name: library.rawValue, library.text)).0 else {
            throw RunFailure(.internal, "a bundled script cannot be read")
        }
        // 1. Among whom.
        if let count, count != syntax.header.parties.count {
            guard let other = syntax.among((0..<count).map(Self.bank)) else {
                throw RunFailure(
                    .usage,
                    "\(library.rawValue) has parties with roles of their own; leave --parties out")
            }
            syntax = other
        }
        var script = try Self.check(syntax)
        let members = script.program.parties.count
        let honest = security == .dishonestMajority ? ProtocolChoice.additiveOT : nil
        protocolChoice = named ?? honest ?? script.protocolChoice

        // 2. How much.
        let wanted = rows ?? (protocolChoice == .replicated3 ? 100_000 : 200)
        // AMLSim's patterns need some transfers to be in.
        self.rows = library == .exposure ? max(500, wanted) : wanted
        let most = self.rows
        let limits =
            library == .exposure
            ? ["account": Self.accounts(most) / members + 1, "inflow": most, "transfers": most]
            : Dictionary(
                script.tables.flatMap { table in
                    [(table.name, most), (table.preparation?.source ?? table.name, most)]
                }
            ) { first, _ in first }
        syntax = syntax.limited(to: limits)
        script = try Self.check(syntax)
        (parties, checked) = (script.program.parties, script)
        text = Formatter.format(syntax)
    }

    private static func bank(_ index: Int) -> String {
        "bank-" + String(UnicodeScalar(UInt8(97 + index)))
    }

    /// Over all banks.
    private static func accounts(_ transfers: Int) -> Int { max(200, min(20_000, transfers / 5)) }

    private static func check(_ syntax: ScriptSyntax) throws -> CheckedScript {
        let source = SourceText(name: "the demo's script", Formatter.format(syntax))
        return try AgreedScript(source, period: nil, choices: [], over: .z64).checked
    }

    /// Writes the script and every party's tables.
    ///
    /// Transfers of the exposure script have the shape of AMLSim's; all else is made up from the
    /// script's own columns and ranges.
    func write(to folder: DemoFolder, seed: UInt64) throws {
        try AtomicFile.write(Array(text.utf8), to: folder.script, overwriting: false)
        guard library == .exposure else {
            _ = try SampleRows(checked, rows: rows, seed: seed).write(to: folder.url)
            return
        }
        try SampleData.generate(
            seed: seed, banks: parties.count, accounts: Self.accounts(rows), transfersPerBank: rows
        ).write(to: folder.url)
    }

    /// What a party brings, as `--table` takes it.
    func tables(of party: String, in folder: DemoFolder) throws -> [String] {
        try checked.sources(of: party).map {
            "\($0)=\(folder.url.appending(path: "\(party)/\($0).csv").path)"
        }
    }
}
