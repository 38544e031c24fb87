import Analytics
import Applications
package import Foundation
package import Primitives
package import Script
import Tables

/// What one party needs to learn, with the others, how many keys they have in common: the bundled
/// script `overlap` among the owners of a script's table, and the party's keys as its table.
///
/// The script depends on the other script alone, so that all owners make, read and sign the same. It
/// is run as any other: with the consent of all, and only if at least 10 keys are shared is their
/// number told.
package struct KeyOverlap {
    /// Canonical text.
    package let script: String
    /// The party's keys in canonical form, each once, in order.
    package let keys: [String]

    /// - Parameters:
    ///   - key: a key column of what the party shares: COLUMN, or TABLE.COLUMN.
    ///   - inputs: what `me` has.
    /// - Throws: ``RunFailure`` if there is no such column, or nobody to compare it with.
    package init(
        of key: String, in script: CheckedScript, me: Party, _ inputs: ScriptInputs
    ) throws(RunFailure) {
        // 1. The column, and who has it.
        var found: [(brought: BroughtTable, column: Field)] = []
        for brought in script.brought(by: me) {
            for field in script.program.inputs[brought.input].schema.fields {
                guard case .key = field.type,
                    [field.name, "\(brought.name).\(field.name)"].contains(key)
                else { continue }
                found.append((brought, field))
            }
        }
        guard found.count == 1, let (brought, column) = found.first,
            let table = script.tables.first(where: { $0.name == brought.name }),
            case .key(let domain, let bits) = column.type
        else {
            throw RunFailure(
                .usage,
                found.isEmpty
                    ? "--overlap \(key): this party shares no such column of keys"
                    : "--overlap \(key): several tables have it; write TABLE.\(key)")
        }
        let banks = script.parties.filter { $0.party.map(table.owners.contains) ?? false }
        guard banks.count >= 2 else {
            throw RunFailure(
                .usage,
                "--overlap \(key): only \(banks.map(\.name).joined()) has table \(table.name)")
        }

        // 2. The script, on the terms of the other.
        let library = ScriptLibrary.overlap
        guard
            var syntax = Parser.parse(SourceText(name: library.rawValue, library.text)).0?
                .among(banks.map(\.name))
        else { throw RunFailure(.internal, "a bundled script cannot be read") }
        syntax.header.purpose =
            "Learn how many keys (\(table.name).\(column.name)) the parties of "
            + "\(script.name) version \(script.version) have in common"
        syntax.name = Name("overlap_\(script.name)", syntax.name.range)
        syntax.version = script.version
        (syntax.header.basis, syntax.header.runs) = (script.basis, script.runs)
        if script.security.of == banks.count { syntax.header.security = script.security }
        for index in syntax.items.indices {
            guard case .table(var own) = syntax.items[index].kind else { continue }
            own.atMost = table.bound
            own.columns[0].type.kind = .key(domain: domain, bits: bits)
            syntax.items[index].kind = .table(own)
        }
        self.script = Formatter.format(syntax)

        // 3. The keys.
        let texts = Set(inputs.keyTexts(input: brought.input, column: column.name))
        keys = texts.subtracting([""]).sorted()
    }

    /// Writes `overlap.parley`, and `customer.csv` for the party alone.
    ///
    /// - Throws: ``RunFailure`` if one is there already or cannot be written.
    package func write(to folder: URL) throws(RunFailure) {
        let type = Tables.ColumnType.text(maxBytes: Tables.ColumnType.maxScriptKeyBytes)
        let table = Table(
            name: "customer", schema: Schema([.init("id", type)]),
            columns: [.texts(TextColumn(keys))])
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try AtomicFile.write(
                Array(script.utf8), to: folder.appending(path: "overlap.parley"),
                overwriting: false)
            try AtomicFile.write(
                table.encoded(as: .csv), to: folder.appending(path: "customer.csv"),
                overwriting: false, mode: 0o600)
        } catch {
            throw RunFailure(
                .cannotCreate,
                "\(folder.path): overlap.parley and customer.csv cannot be written; remove files of "
                    + "these names, or choose another folder")
        }
    }
}
