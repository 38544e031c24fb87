// What the C library does with freed memory.
#include <limits.h>
#include <stdlib.h>

#include "include/CKernels.h"

#if defined(__GLIBC__)
#include <malloc.h>

void ck_keep_freed_memory(void) {
    // Blocks come from one heap, never from maps of their own, and the heap does not shrink.
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_ARENA_MAX, 1);
}

#else

void ck_keep_freed_memory(void) {}

#endif
