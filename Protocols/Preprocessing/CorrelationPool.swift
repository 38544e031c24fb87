import Algebra

/// What was made of one kind and not yet spent, in the order in which it was made.
final class CorrelationPool<R: Ring> {
    private var batches: [CorrelationBatch<R>] = []
    /// Lanes of the first batch.
    private var spent = 0
    private(set) var left = 0

    deinit { for i in batches.indices { batches[i].wipe() } }

    func append(_ batch: CorrelationBatch<R>) {
        batches.append(batch)
        left += batch.count
    }

    /// The next `count` lanes or items: at least one, at most ``left``.
    func take(_ count: Int) -> CorrelationBatch<R> {
        var parts: [CorrelationBatch<R>] = []
        var missing = count
        left -= count
        while missing > 0 {
            let end = min(batches[0].count, spent + missing)
            parts.append(batches[0].slice(spent..<end))
            missing -= end - spent
            let isCut = parts[parts.count - 1].count < batches[0].count
            spent = end
            guard end == batches[0].count else { break }
            // What was handed over whole is the taker's now.
            if isCut { batches[0].wipe() }
            batches.removeFirst()
            spent = 0
        }
        return .joining(parts)
    }
}
