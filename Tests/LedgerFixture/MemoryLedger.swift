import Foundation
public import Ledger
import Primitives
import Synchronization
import TestSupport

/// A ledger in memory, cosigned by three parties whose keys are the same in every run.
///
/// Everything that others verify is real: leaf hashes, tiles, checkpoints, cosignatures, proofs.
/// Only what a party alone could know, the notes' secret keys, is derived from their index.
public final class MemoryLedger: LedgerService {
    public static let origin = "fixture.invalid/ledger"
    public static let names = ["bank-a", "bank-b", "bank-c"]
    /// The time of every cosignature, in seconds since 1970.
    private static let time: UInt64 = 1_790_000_000

    private struct State {
        var entries: [[UInt8]] = []
        var notes: [LedgerNote?] = []
        var claims: [Digest?] = []
        var leaves: [Digest] = []
        var frontier = MerkleFrontier()
        var checkpoint: [UInt8]?
        var waitingFor: [String] = []
    }

    private let state = Mutex(State())
    private let logKey = SigningKey(using: SeededRandomness(seed: 100))
    private let cosigners = names.indices.map {
        SigningKey(using: SeededRandomness(seed: 101 + UInt64($0)))
    }

    public init() {}

    /// Lets every later post wait for these parties in vain.
    public func wait(for parties: [String]) { state.withLock { $0.waitingFor = parties } }

    /// Appends one note to each of so many new collections, under one checkpoint.
    public func post(collections count: Int) {
        state.withLock { state in
            for index in 0..<count {
                let note = LedgerNote(
                    index: state.entries.count, contents: "", collection: "c\(index)",
                    secretKey: [])
                state.entries.append([])
                state.notes.append(note)
                state.claims.append(nil)
                state.leaves.append(MerkleTree.leafHash([]))
                state.frontier.append(MerkleTree.leafHash([]))
            }
            state.checkpoint = sign(state.frontier)
        }
    }

    /// Appends an entry that is no note.
    public func append(_ entry: [UInt8]) {
        state.withLock { state in append(entry, note: nil, claims: nil, to: &state) }
    }

    public func post(_ contents: String, collection: String, within: Duration) async throws -> Int {
        try state.withLock { state in
            guard state.waitingFor.isEmpty else {
                throw WaitingForCosigners(parties: state.waitingFor)
            }
            let index = state.entries.count
            let key = SeededRandomness(seed: UInt64(index)).bytes(32)
            let note = LedgerNote(
                index: index, contents: contents, collection: collection, secretKey: key)
            let claims = ConfidentialReceipt.claimsDigest(
                collection: collection, contents: contents, secretKey: key)
            append(Array("note \(claims)".utf8), note: note, claims: claims, to: &state)
            return index
        }
    }

    private func append(
        _ entry: [UInt8], note: LedgerNote?, claims: Digest?, to state: inout State
    ) {
        let leaf = MerkleTree.leafHash(entry)
        state.entries.append(entry)
        state.notes.append(note)
        state.claims.append(claims)
        state.leaves.append(leaf)
        state.frontier.append(leaf)
        state.checkpoint = sign(state.frontier)
    }

    public var count: Int { state.withLock { $0.entries.count } }

    public func note(at index: Int) -> LedgerNote? {
        state.withLock { $0.notes.indices.contains(index) ? $0.notes[index] : nil }
    }

    public func notes(
        in collection: String, from: Int, to: Int?, limit: Int
    ) -> [LedgerNote] {
        let found = state.withLock { $0.notes }.compactMap(\.self).filter {
            $0.collection == collection && $0.index >= from && $0.index <= to ?? .max
        }
        return Array(found.prefix(limit))
    }

    public func newestNote(in collection: String) -> LedgerNote? {
        state.withLock { $0.notes }.compactMap(\.self).last { $0.collection == collection }
    }

    public func collections(after: String?, limit: Int) -> [String] {
        let names = Set(state.withLock { $0.notes }.compactMap { $0?.collection }).sorted()
        return Array(names.filter { $0 > after ?? "" }.prefix(limit))
    }

    public func receiptWindow(at index: Int) -> ReceiptWindow? {
        state.withLock { state in
            guard let checkpoint = state.checkpoint, state.leaves.indices.contains(index) else {
                return nil
            }
            let first = index / 256 * 256
            let range = first..<min(first + 256, state.leaves.count)
            return ReceiptWindow(
                first: first, leafHashes: Array(state.leaves[range]),
                claims: Array(state.claims[range]), checkpoint: checkpoint)
        }
    }

    public func inclusionProof(at index: Int) throws -> TlogProof? {
        try state.withLock { state in
            guard let checkpoint = state.checkpoint, state.leaves.indices.contains(index) else {
                return nil
            }
            return try TlogProof(
                index: index, hashes: MerkleTree.inclusionProof(of: index, in: state.leaves),
                checkpoint: checkpoint)
        }
    }

    public func checkpoint() -> [UInt8]? { state.withLock { $0.checkpoint } }

    public func tile(level: Int, number: Int, width: Int) -> [UInt8]? {
        var hashes = state.withLock { $0.leaves }
        for _ in 0..<level {
            hashes = stride(from: 0, to: hashes.count / 256 * 256, by: 256).map {
                MerkleTree.root(of: Array(hashes[$0..<$0 + 256]))
            }
        }
        let range = number * 256..<number * 256 + width
        guard range.upperBound <= hashes.count else { return nil }
        return hashes[range].flatMap(\.bytes)
    }

    public func entryBundle(number: Int, width: Int) -> [UInt8]? {
        let range = number * 256..<number * 256 + width
        let entries = state.withLock { $0.entries }
        guard range.upperBound <= entries.count else { return nil }
        return entries[range].flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }

    public func members() -> [(name: String, certificate: String)] {
        Self.names.map { ($0, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n") }
    }

    public func constitution() -> String { "All parties decide together.\n" }

    // MARK: Signatures

    private func keyID(_ name: String, type: UInt8, _ key: VerifyingKey) -> [UInt8] {
        Array(SHA256.hash(Array(name.utf8), [0x0A, type], key.bytes).bytes.prefix(4))
    }

    /// The note of a checkpoint with the signatures of the log and of every party.
    private func sign(_ tree: MerkleFrontier) -> [UInt8] {
        let root = Data(tree.root.bytes).base64EncodedString()
        let text = "\(Self.origin)\n\(tree.count)\n\(root)\n"
        let logLine = line(Self.origin, 1, logKey.publicKey, logKey.sign(Array(text.utf8)))
        let time = (0..<8).map { UInt8(truncatingIfNeeded: Self.time >> (56 - 8 * UInt64($0))) }
        let lines = zip(Self.names, cosigners).map { name, key in
            let signature = key.sign(Array("cosignature/v1\ntime \(Self.time)\n\(text)".utf8))
            return line(name, 4, key.publicKey, time + signature)
        }
        return Array("\(text)\n\(logLine)\(lines.joined())".utf8)
    }

    private func line(
        _ name: String, _ type: UInt8, _ key: VerifyingKey, _ signature: [UInt8]
    ) -> String {
        let bytes = Data(keyID(name, type: type, key) + signature)
        return "\u{2014} \(name) \(bytes.base64EncodedString())\n"
    }
}
