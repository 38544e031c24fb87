import CKernels

/// How a process treats the memory of vectors that are no longer there.
public enum LocalMemory {
    /// Keeps freed memory for the next vector; called once, at the start of a process.
    ///
    /// By default glibc gives long blocks back to the kernel, which clears each page anew for the
    /// next one: measured at 1.6 GB/s, far slower than kernels write. The process then holds its
    /// peak until it ends.
    public static func keepFreed() { ck_keep_freed_memory() }
}
