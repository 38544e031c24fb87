import Foundation
import Primitives

/// Writes the parts of an entry's canonical JSON around its statement.
enum EntryWriter {
    /// Up to where the statement begins.
    static func head(_ batch: Batch, _ signatures: [PartySignature]) -> [UInt8] {
        let proof = batch.proof.map { "\"\($0.hex)\"" }.joined(separator: ",")
        let list = signatures.map {
            let signature = Data($0.signature).base64EncodedString()
            return "{\"party\":\"\($0.party)\",\"signature\":\"\(signature)\"}"
        }.joined(separator: ",")
        return Array(
            "{\"batch\":{\"index\":\(batch.index),\"proof\":[\(proof)],\"size\":\(batch.size)},"
                .utf8)
            + Array("\"signatures\":[\(list)],\"statement\":".utf8)
    }

    /// What comes after the statement.
    static func tail(_ time: Int64) -> [UInt8] { Array(",\"time\":\(time)}".utf8) }
}

/// Reads what ``EntryWriter`` writes, and no other spelling of it.
struct EntryReader {
    struct Parts {
        let batch: Batch
        let signatures: [PartySignature]
        /// Where the statement is, which is still to be read.
        let statement: Range<Int>
        let time: Int64
        let timeStart: Int
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Nil if the bytes are anything else.
    mutating func read() -> Parts? {
        guard take("{\"batch\":{\"index\":"), let index = number(), take(",\"proof\":["),
            let proof = list(atMost: Batch.maxProof, { $0.digest() }),
            take("],\"size\":"), let size = number(), take("},\"signatures\":["),
            let signatures = list(
                atMost: LedgerParties.counts.upperBound, { $0.signature() }),
            take("],\"statement\":")
        else { return nil }
        let start = position
        // The time is last: it is read from the end.
        guard bytes.last == UInt8(ascii: "}") else { return nil }
        position = bytes.count - 1
        while position > start, (0x30...0x39).contains(bytes[position - 1]) { position -= 1 }
        let label = Array(",\"time\":".utf8)
        let end = position - label.count
        guard end >= start, bytes[end..<position].elementsEqual(label), let time = number(),
            position == bytes.count - 1
        else { return nil }
        return Parts(
            batch: Batch(index: index, proof: proof, size: size), signatures: signatures,
            statement: start..<end, time: Int64(time), timeStart: end)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        // The literal's own bytes, which live as long as the program.
        let isEqual = text.withUTF8Buffer {
            unsafe bytes[position..<position + count].elementsEqual($0)
        }
        if isEqual { position += count }
        return isEqual
    }

    /// Digits without a zero before them, below 10¹⁸.
    private mutating func number() -> Int? {
        let digits = bytes[position...].prefix(19).prefix { (0x30...0x39).contains($0) }
        guard (1...18).contains(digits.count), digits.count == 1 || digits.first != 0x30 else {
            return nil
        }
        position = digits.endIndex
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Elements with commas between them, up to a closing bracket, which is left.
    private mutating func list<Element>(
        atMost limit: Int, _ element: (inout EntryReader) -> Element?
    ) -> [Element]? {
        var elements: [Element] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "]") {
            guard elements.count < limit, elements.isEmpty || take(","),
                let next = element(&self)
            else { return nil }
            elements.append(next)
        }
        return elements
    }

    /// The bytes between quotation marks, none of which needs an escape.
    private mutating func text() -> ArraySlice<UInt8>? {
        guard take("\"") else { return nil }
        let content = bytes[position...].prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
        position = content.endIndex
        return take("\"") ? content : nil
    }

    private mutating func digest() -> Digest? {
        guard let text = text(), let bytes = [UInt8](smallHex: text) else { return nil }
        return Digest(bytes)
    }

    private mutating func signature() -> PartySignature? {
        guard take("{\"party\":"), let name = text(),
            let party = String(validating: name, as: UTF8.self), take(",\"signature\":"),
            let text = text(), take("}"),
            let data = Data(base64Encoded: Data(text)),
            Array(data.base64EncodedData()) == Array(text)
        else { return nil }
        return PartySignature(party: party, signature: Array(data))
    }
}
