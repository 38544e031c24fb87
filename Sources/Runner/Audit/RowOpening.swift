public import Foundation
import Ledger
import MPC
public import Networking
public import Primitives
import Tables

/// One row of a party's table, opened to an auditor, with the proof that the party committed to it.
///
/// JSON. The row is given as its cells, from which the committed bytes are made again: what is read is
/// what is proved. Nothing is said about any other row, nor that the row is true.
public struct RowOpening: Codable, Hashable, Sendable {
    /// The value of one column, whose name is not committed to.
    public struct Cell: Codable, Hashable, Sendable {
        enum Kind: String, Codable, CaseIterable {
            case integer, money, timestamp, text, code, key, fixed, day, minute, bool

            /// As in the canonical bytes of rows, from 1.
            var tag: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) + 1 }
            var isText: Bool { self == .text || self == .code || self == .key }
        }

        let kind: Kind
        let text: String?
        let integer: Int64?
    }

    static let format = "parley-row/1"
    private static let byteLimit = 1 << 20

    public private(set) var format = RowOpening.format
    public let session: Digest
    public let party, table: String
    /// The row's number from 1, and how many there may be.
    public let row, rows: Int
    public let cells: [Cell]
    /// 64 hexadecimal digits.
    public let salt: Digest
    public let proof: [Digest]
    public let commitment: Digest

    /// The canonical bytes of the row; nil if the cells are none that a table has.
    var rowBytes: [UInt8]? {
        guard cells.count <= Int(UInt16.max) else { return nil }
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt16(cells.count))
        for cell in cells {
            bytes.append(cell.kind.tag)
            if cell.kind.isText, let text = cell.text, cell.integer == nil {
                bytes.append(lengthPrefixed: text)
            } else if !cell.kind.isText, let integer = cell.integer, cell.text == nil {
                bytes.append(littleEndian: UInt32(8))
                bytes.append(littleEndian: integer)
            } else {
                return nil
            }
        }
        return bytes
    }

    /// Whether the ledger's intent has this row under the party's commitment.
    ///
    /// - Throws: ``RunFailure`` with what is wrong; the opening may be anything.
    public func check(_ entries: RunEntries) throws(RunFailure) {
        func fail(_ reason: String) -> RunFailure { RunFailure(.auditDiffers, "the row \(reason)") }
        guard format == Self.format, entries.session == session else {
            throw fail("is opened for another session than the ledger's")
        }
        let input = entries.intent.inputs.first { $0.party == party && $0.table == table }
        guard let input else { throw fail("is of a table that the intent does not name") }
        guard input.commitment == commitment, input.rows == rows else {
            throw fail("is opened against another commitment than the one in the intent")
        }
        let (number, overflow) = row.subtractingReportingOverflow(1)
        let opening = InputCommitment.Opening(
            index: overflow ? -1 : number, rowCount: rows, salt: salt.bytes, proof: proof)
        guard let rowBytes, opening.verify(row: rowBytes, root: input.commitment) else {
            throw fail("is not in the table that \(party.prefix(64)) committed to")
        }
    }

    /// The values, in the columns' order, as one line that is safe to print.
    public var line: String {
        cells.map { ($0.text ?? $0.integer.map { "\($0)" } ?? "").shownInLine }
            .joined(separator: ", ")
    }

    public static func read(_ file: URL) throws(RunFailure) -> RowOpening {
        guard let bytes = try? RegularFile.read(file, atMost: byteLimit),
            let opening = try? JSONDecoder().decode(RowOpening.self, from: Data(bytes))
        else { throw RunFailure(.badInput, "\(file.path) is no opening of a row") }
        return opening
    }
}

extension RowOpening {
    /// Opens row `row`, from 1, of a party's own table.
    ///
    /// - Parameter source: the table as the run read it; nil to take it from where that was.
    public init(
        row: Int, table name: String, source: String?, entries: RunEntries, roster: Roster,
        directory: PartyDirectory
    ) throws(RunFailure) {
        let id = entries.session
        let fingerprint = try directory.tlsIdentity().fingerprint
        guard case .party(let me)? = roster.participant(withCertificate: fingerprint) else {
            throw RunFailure(.badInput, "the roster has no party with this identity's certificate")
        }
        let party = roster.parties[me.index].name
        let input = entries.intent.inputs.first { $0.party == party && $0.table == name }
        var plan = try RunPlan.read(directory.planFile(of: id))
        let brought = try AgreedScript(plan, in: directory).tables(of: party).first {
            $0.committedName == name
        }
        guard let brought, let input else {
            throw RunFailure(.badInput, "\(party) committed to no table \(name) in this session")
        }
        if let source { plan.tables[name] = source }
        let table = try brought.table(of: plan)
        let secret = try SecretBytes(
            hexFile: directory.commitmentSecretFile(table: name, session: id))
        guard table.rowCount <= brought.bound else {
            throw RunFailure(.auditDiffers, "\(table.name) has more rows than the script allows")
        }
        let commitment = InputCommitment(
            rowCount: table.rowCount, paddedTo: brought.bound, secret: secret
        ) { table.appendRowBytes($0, to: &$1) }
        guard commitment.root == input.commitment else {
            throw RunFailure(
                .auditDiffers,
                "\(table.name) is not the table that the run committed to; put that one back")
        }
        guard row >= 1, row <= table.rowCount else {
            throw RunFailure(
                .usage,
                table.rowCount == 0
                    ? "\(table.name) has no rows to open" : "--row is 1 to \(table.rowCount)")
        }
        let opening = commitment.opening(row: row - 1)
        guard let salt = Digest(opening.salt) else {
            throw RunFailure(.internal, "a row's salt has not 32 bytes")
        }
        (session, self.party, self.table) = (id, party, name)
        (self.row, rows, self.salt) = (row, brought.bound, salt)
        (proof, self.commitment) = (opening.proof, commitment.root)
        cells = zip(table.schema.columns, table.columns).map { column, values in
            Cell(column.type, values, row - 1)
        }
    }
}

extension RowOpening.Cell {
    init(_ type: ColumnType, _ column: Table.Column, _ row: Int) {
        switch (column, type) {
        case (.texts(let texts), .key): self.init(kind: .key, text: texts[row], integer: nil)
        case (.texts(let texts), _): self.init(kind: .text, text: texts[row], integer: nil)
        case (.integers(let values), .code(let words)):
            self.init(kind: .code, text: words[Int(values[row])], integer: nil)
        case (.integers(let values), _):
            self.init(
                kind: Kind(rawValue: type.name) ?? .integer, text: nil, integer: values[row])
        }
    }
}
