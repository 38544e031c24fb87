// One row of Gilboa products modulo 2^64 and 2^128. Corrections are the low bytes of elements, one
// after the other.
#include <string.h>

#include "features.h"

// MARK: Any CPU

typedef unsigned __int128 pair;

static inline pair load(const uint64_t *x) { return (pair)x[1] << 64 | x[0]; }

static inline void store(uint64_t *r, pair x) {
    r[0] = (uint64_t)x;
    r[1] = (uint64_t)(x >> 64);
}

static inline uint64_t mask(const uint64_t *choices, size_t i) {
    return 0 - (choices[i / 64] >> i % 64 & 1);
}

// The low bytes, lowest first, whatever the CPU's own order is.
static inline void put(uint8_t *bytes, size_t count, pair x) {
    for (size_t k = 0; k < count; k++) bytes[k] = (uint8_t)(x >> 8 * k);
}

static inline pair get(const uint8_t *bytes, size_t count) {
    pair x = 0;
    for (size_t k = 0; k < count; k++) x |= (pair)bytes[k] << 8 * k;
    return x;
}

static void offer_any(const uint64_t *zero, const uint64_t *one, const uint64_t *x, uint64_t *sum,
                      uint8_t *corrections, size_t bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        put(corrections + i * bytes, bytes, zero[2 * i] - one[2 * i] + x[i]);
        sum[i] = 2 * sum[i] + zero[2 * i];
    }
}

static void take_any(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                     size_t bytes, uint64_t *sum, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t correction = (uint64_t)get(corrections + i * bytes, bytes);
        sum[i] = 2 * sum[i] + pads[2 * i] + (correction & mask(choices, i));
    }
}

// MARK: AVX-512 with byte permutations: eight elements a register

#if CK_X86

// The low words of eight blocks.
CK_GFNI static inline __m512i low_words(const uint64_t *blocks) {
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    return _mm512_permutex2var_epi64(_mm512_loadu_si512(blocks), even,
                                     _mm512_loadu_si512(blocks + 8));
}

CK_GFNI static void offer_vbmi(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                               uint64_t *sum, uint8_t *corrections, size_t bytes, size_t n) {
    uint8_t places[64] = {0};
    for (size_t j = 0; j < 8 * bytes; j++) places[j] = (uint8_t)(j / bytes * 8 + j % bytes);
    __m512i pack = _mm512_loadu_si512(places);
    __mmask64 kept = bytes == 8 ? ~(__mmask64)0 : ((__mmask64)1 << 8 * bytes) - 1;
    for (size_t i = 0; i < n; i += 8) {
        __m512i pad = low_words(zero + 2 * i), other = low_words(one + 2 * i);
        __m512i correction = _mm512_add_epi64(_mm512_sub_epi64(pad, other),
                                              _mm512_loadu_si512(x + i));
        _mm512_mask_storeu_epi8(corrections + i * bytes, kept,
                                _mm512_permutexvar_epi8(pack, correction));
        __m512i before = _mm512_loadu_si512(sum + i);
        _mm512_storeu_si512(sum + i, _mm512_add_epi64(_mm512_add_epi64(before, before), pad));
    }
}

CK_GFNI static void take_vbmi(const uint64_t *pads, const uint64_t *choices,
                              const uint8_t *corrections, size_t bytes, uint64_t *sum, size_t n) {
    uint8_t places[64] = {0};
    __mmask64 filled = 0;
    for (size_t j = 0; j < 64; j++) {
        if (j % 8 >= bytes) continue;
        places[j] = (uint8_t)(j / 8 * bytes + j % 8);
        filled |= (__mmask64)1 << j;
    }
    __m512i unpack = _mm512_loadu_si512(places);
    __mmask64 there = bytes == 8 ? ~(__mmask64)0 : ((__mmask64)1 << 8 * bytes) - 1;
    for (size_t i = 0; i < n; i += 8) {
        __m512i packed = _mm512_maskz_loadu_epi8(there, corrections + i * bytes);
        __m512i correction = _mm512_maskz_permutexvar_epi8(filled, unpack, packed);
        __mmask8 chosen = (__mmask8)(choices[i / 64] >> i % 64);
        __m512i before = _mm512_loadu_si512(sum + i);
        __m512i after = _mm512_add_epi64(_mm512_add_epi64(before, before), low_words(pads + 2 * i));
        _mm512_storeu_si512(sum + i, _mm512_mask_add_epi64(after, chosen, after, correction));
    }
}

#define USE_VBMI(call) \
    if (ck_has_gfni()) return call
#else
#define USE_VBMI(call)
#endif

// MARK: Rows

void ck_z64_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                         uint64_t *sum, uint8_t *corrections, size_t bytes, size_t n) {
    USE_VBMI(offer_vbmi(zero, one, x, sum, corrections, bytes, n));
    offer_any(zero, one, x, sum, corrections, bytes, n);
}

void ck_z64_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                        size_t bytes, uint64_t *sum, size_t n) {
    USE_VBMI(take_vbmi(pads, choices, corrections, bytes, sum, n));
    take_any(pads, choices, corrections, bytes, sum, n);
}

void ck_z128_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                          uint64_t *sum, uint8_t *corrections, size_t bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        pair pad = load(zero + 2 * i);
        put(corrections + i * bytes, bytes, pad - load(one + 2 * i) + load(x + 2 * i));
        store(sum + 2 * i, 2 * load(sum + 2 * i) + pad);
    }
}

void ck_z128_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                         size_t bytes, uint64_t *sum, size_t n) {
    for (size_t i = 0; i < n; i++) {
        pair chosen = (pair)(__int128)(int64_t)mask(choices, i);
        pair term = load(pads + 2 * i) + (get(corrections + i * bytes, bytes) & chosen);
        store(sum + 2 * i, 2 * load(sum + 2 * i) + term);
    }
}
