// Loops over words that a compiler vectorises by itself: one body, compiled twice.
#include <string.h>

#include "features.h"

#define INLINE static inline __attribute__((always_inline))

// Defines `name`, which runs the inline function `name_body` compiled for AVX-512 or for any CPU.
#if CK_X86
#define DISPATCH(name, parameters, arguments)                      \
    CK_AVX512 static void name##_avx512 parameters { name##_body arguments; } \
    static void name##_portable parameters { name##_body arguments; }         \
    void name parameters {                                         \
        if (ck_has_avx512()) name##_avx512 arguments;              \
        else name##_portable arguments;                            \
    }
#else
#define DISPATCH(name, parameters, arguments) void name parameters { name##_body arguments; }
#endif

INLINE void ck_and_cross_terms_body(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                                    const uint64_t *y1, uint64_t *restrict z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i]);
}
DISPATCH(ck_and_cross_terms,
         (const uint64_t *x0, const uint64_t *x1, const uint64_t *y0, const uint64_t *y1,
          uint64_t *restrict z, size_t n),
         (x0, x1, y0, y1, z, n))

INLINE void ck_spread_bits_body(const uint64_t *bits, uint64_t *restrict words, size_t n) {
    for (size_t base = 0; base < n; base += 64) {
        uint64_t word = bits[base / 64];
        size_t count = n - base < 64 ? n - base : 64;
        for (size_t i = 0; i < count; i++) words[base + i] = word >> i & 1;
    }
}
DISPATCH(ck_spread_bits, (const uint64_t *bits, uint64_t *restrict words, size_t n),
         (bits, words, n))

INLINE void ck_z64_multiply_body(const uint64_t *a, const uint64_t *b, uint64_t *restrict r,
                                 size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = a[i] * b[i];
}
DISPATCH(ck_z64_multiply, (const uint64_t *a, const uint64_t *b, uint64_t *restrict r, size_t n),
         (a, b, r, n))

INLINE void ck_z64_multiply_accumulate_body(const uint64_t *a, const uint64_t *b,
                                            uint64_t *restrict r, size_t n) {
    for (size_t i = 0; i < n; i++) r[i] += a[i] * b[i];
}
DISPATCH(ck_z64_multiply_accumulate,
         (const uint64_t *a, const uint64_t *b, uint64_t *restrict r, size_t n), (a, b, r, n))

INLINE void ck_z64_cross_terms_body(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                                    const uint64_t *y1, uint64_t *restrict z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i];
}
DISPATCH(ck_z64_cross_terms,
         (const uint64_t *x0, const uint64_t *x1, const uint64_t *y0, const uint64_t *y1,
          uint64_t *restrict z, size_t n),
         (x0, x1, y0, y1, z, n))

// MARK: Integers modulo 2^128

typedef unsigned __int128 pair;

INLINE pair load(const uint64_t *x) { return (pair)x[1] << 64 | x[0]; }

void ck_z128_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                         const uint64_t *y1, uint64_t *restrict z, size_t n) {
    for (size_t i = 0; i < 2 * n; i += 2) {
        pair sum = load(y0 + i) + load(y1 + i);
        pair term = load(x0 + i) * sum + load(x1 + i) * load(y0 + i);
        z[i] = (uint64_t)term;
        z[i + 1] = (uint64_t)(term >> 64);
    }
}

// MARK: Rows at public places

// Rows are asked for this many ahead: far enough for memory to answer in time.
enum { AHEAD = 16 };

INLINE void gather(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                   uint64_t *restrict target) {
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            const uint64_t *next = source + indices[i + AHEAD] * width;
            __builtin_prefetch(next);
            __builtin_prefetch(next + width - 1);
        }
        memcpy(target + i * width, source + indices[i] * width, width * sizeof(uint64_t));
    }
}

void ck_gather_rows(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                    uint64_t *target) {
    switch (width) {
    case 1: gather(source, 1, indices, n, target); break;
    case 2: gather(source, 2, indices, n, target); break;
    case 3: gather(source, 3, indices, n, target); break;
    case 4: gather(source, 4, indices, n, target); break;
    default: gather(source, width, indices, n, target);
    }
}

INLINE void scatter(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                    uint64_t *restrict target) {
    for (size_t i = 0; i < n; i++)
        memcpy(target + indices[i] * width, source + i * width, width * sizeof(uint64_t));
}

void ck_scatter_rows(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                     uint64_t *target) {
    switch (width) {
    case 1: scatter(source, 1, indices, n, target); break;
    case 2: scatter(source, 2, indices, n, target); break;
    case 3: scatter(source, 3, indices, n, target); break;
    case 4: scatter(source, 4, indices, n, target); break;
    default: scatter(source, width, indices, n, target);
    }
}

INLINE void ck_select_rows_body(const uint64_t *bits, size_t width, uint64_t *restrict rows,
                                size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t mask = -(bits[i / 64] >> i % 64 & 1);
        for (size_t j = 0; j < width; j++) rows[i * width + j] &= mask;
    }
}
DISPATCH(ck_select_rows, (const uint64_t *bits, size_t width, uint64_t *restrict rows, size_t n),
         (bits, width, rows, n))

INLINE void copy(const uint64_t *source, size_t source_stride, size_t width, size_t n,
                 uint64_t *restrict target, size_t target_stride) {
    for (size_t i = 0; i < n; i++)
        memcpy(target + i * target_stride, source + i * source_stride, width * sizeof(uint64_t));
}

void ck_copy_rows(const uint64_t *source, size_t source_stride, size_t width, size_t n,
                  uint64_t *target, size_t target_stride) {
    switch (width) {
    case 1: copy(source, source_stride, 1, n, target, target_stride); break;
    case 2: copy(source, source_stride, 2, n, target, target_stride); break;
    case 3: copy(source, source_stride, 3, n, target, target_stride); break;
    case 4: copy(source, source_stride, 4, n, target, target_stride); break;
    default: copy(source, source_stride, width, n, target, target_stride);
    }
}

// The running sums of rows of few words stay in registers.
INLINE void prefix(const uint64_t *source, size_t width, size_t n, uint64_t *restrict target) {
    uint64_t sums[4] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < width; k++)
            target[i * width + k] = sums[k] ^= source[i * width + k];
}

void ck_prefix_xors(const uint64_t *source, size_t width, size_t n, uint64_t *target) {
    switch (width) {
    case 1: prefix(source, 1, n, target); break;
    case 2: prefix(source, 2, n, target); break;
    case 3: prefix(source, 3, n, target); break;
    case 4: prefix(source, 4, n, target); break;
    default:
        if (n > 0) memcpy(target, source, width * sizeof(uint64_t));
        for (size_t i = width; i < n * width; i++) target[i] = source[i] ^ target[i - width];
    }
}
