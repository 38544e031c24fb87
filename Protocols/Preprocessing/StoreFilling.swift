import Algebra
public import Foundation
public import MPC
public import Primitives

/// What `prepare` does: all parties make correlated randomness together and keep it for a later run.
extension PreprocessingStore {
    /// Makes what the budget says and writes it into a new folder, a file at a time.
    ///
    /// Kinds that the generator does not make are left out. The manifest is written last, when all
    /// parties have all files: a folder without it is no store.
    ///
    /// - Parameter progress: the kind, how much of it is made, and how much there will be.
    /// - Returns: the preparation's identifier.
    /// - Throws: ``MPCError``, also if the folder exists; what was written is removed then.
    public static func fill<G: CorrelationGenerator & ~Copyable>(
        _ url: URL, with budget: Budget, from generator: inout G, for binding: StoreBinding,
        randomness: any RandomSource = SystemRandomness(),
        progress: (_ kind: String, _ made: Int, _ of: Int) -> Void = { _, _, _ in }
    ) throws(MPCError) -> String where G.R == R {
        let folder = try stored { () throws(StoreError) in
            try StoreFolder.create(url, randomness: randomness)
        }
        do throws(MPCError) {
            return try make(folder, budget, &generator, binding, progress)
        } catch {
            try? FileManager.default.removeItem(at: url)
            throw error
        }
    }

    private static func make<G: CorrelationGenerator & ~Copyable>(
        _ folder: StoreFolder, _ budget: Budget, _ generator: inout G, _ binding: StoreBinding,
        _ progress: (String, Int, Int) -> Void
    ) throws(MPCError) -> String where G.R == R {
        let (ring, session) = (generator.ring, generator.session)
        let blockBits = generator.comparing.blockBits
        var manifest = StoreManifest(
            preparation: session.id.hex, binding: binding, blockBits: blockBits)
        let owner = manifest.digest.bytes
        // 1. The files, kind after kind.
        for (kind, count) in budget.amounts {
            let chunk = kind.chunk(over: ring, blockBits: blockBits)
            var made = 0
            while made < count, var batch = try generator.make(kind, min(chunk, count - made)) {
                let layout = CorrelationLayout(
                    kind, count: batch.count, over: ring, blockBits: blockBits,
                    party: session.party)
                try stored { () throws(StoreError) in
                    try folder.write(
                        StoreFile.chunk(kind.name, made / chunk), of: owner,
                        byteCount: layout.plainByteCount(over: ring)
                    ) { batch.appendPlain(to: &$0) }
                }
                made += batch.count
                batch.wipe()
                progress(kind.name, made, count)
            }
            if made > 0 { manifest.amounts[kind.name] = .init(count: made, chunk: chunk) }
        }
        // 2. Everybody has all of them.
        _ = try session.broadcast(owner, atMost: Digest.byteCount)
        // 3. Nothing is spent; now it is a store.
        try stored { () throws(StoreError) in
            try folder.writeCursor(manifest.amounts.mapValues { _ in 0 }, of: owner)
            try folder.write(StoreFile.manifest, of: [], try storedJSON(manifest))
        }
        return manifest.preparation
    }

    private static func stored<T>(_ body: () throws(StoreError) -> T) throws(MPCError) -> T {
        do { return try body() } catch { throw .preprocessingStore(error.description) }
    }
}
