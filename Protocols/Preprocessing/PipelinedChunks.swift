import MPC

/// Runs a protocol of three messages over many chunks so that nobody waits idly.
///
/// Chunk c takes three steps of each party: it *chooses* (its part as receiver of oblivious
/// transfers), *serves* (its part as sender, for which the peers' choices must be there) and
/// *collects* (the peers' corrections). While corrections of one chunk are on their way the next
/// ones are made, and each peer gets frames in one order: choices 0, 1, corrections 0, choices 2,
/// corrections 1, …
func pipelined(
    _ chunks: Int, choose: (Int) throws(MPCError) -> Void, serve: (Int) throws(MPCError) -> Void,
    collect: (Int) throws(MPCError) -> Void
) throws(MPCError) {
    for chunk in 0..<min(2, chunks) { try choose(chunk) }
    if chunks > 0 { try serve(0) }
    for chunk in 0..<chunks {
        if chunk + 2 < chunks { try choose(chunk + 2) }
        if chunk + 1 < chunks { try serve(chunk + 1) }
        try collect(chunk)
    }
}

/// `count` lanes, a multiple of 64, in chunks of about `size`.
package func laneChunks(_ count: Int, size: Int) -> [Range<Int>] {
    let size = max(64, size / 64 * 64)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
}

/// The oblivious transfers of a chunk: rows of some thousand lanes, frames of about a megabyte.
package let chunkTransfers = 1 << 17
