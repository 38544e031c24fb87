// Products modulo p = 2^62 - 2^16 + 1, by the folds that Prime62.swift explains.
#include <string.h>

#include "features.h"

static const uint64_t p = ((uint64_t)1 << 62) - (1 << 16) + 1;
static const uint64_t low62 = ((uint64_t)1 << 62) - 1;
static const uint64_t low46 = ((uint64_t)1 << 46) - 1;

// MARK: Any CPU

typedef unsigned __int128 wide;

static inline uint64_t reduce_once(uint64_t x) {
    uint64_t difference = x - p;
    return difference + (p & (uint64_t)((int64_t)difference >> 63));
}

// x mod p for x <= 2 (p - 1)^2: high < 2 p, so that `sum` is in 0 ..< 2^64.
static inline uint64_t reduce(wide x) {
    uint64_t high = (uint64_t)(x >> 62), low = (uint64_t)x & low62, top = high >> 46;
    uint64_t sum = low + ((high & low46) << 16) + (top << 16) - top + 2 * p - high;
    uint64_t over = sum >> 62;
    return reduce_once((sum & low62) + (over << 16) - over);
}

static inline uint64_t product(uint64_t x, uint64_t y) { return reduce((wide)x * y); }

static inline uint64_t cross_term(uint64_t x0, uint64_t x1, uint64_t y0, uint64_t y1) {
    return reduce((wide)x0 * reduce_once(y0 + y1) + (wide)x1 * y0);
}

// A pad of 128 bits as an element: its lower 124 bits mod p, 2^-92 from uniform.
static inline uint64_t pad(const uint64_t *block) {
    return reduce(((wide)block[1] << 64 | block[0]) & ((wide)-1 >> 4));
}

// MARK: AVX-512 with IFMA: eight elements a register

#if CK_X86

// x = low + middle 2^52 + high 2^104, each part with room for the carries of a few products.
typedef struct {
    __m512i low, middle, high;
} wide8;

CK_IFMA static inline wide8 zero8(void) {
    __m512i zero = _mm512_setzero_si512();
    return (wide8){zero, zero, zero};
}

// x + a b for a, b < 2^62: the instructions multiply the lower 52 bits of their operands.
CK_IFMA static inline wide8 add_product8(wide8 x, __m512i a, __m512i b) {
    __m512i a1 = _mm512_srli_epi64(a, 52), b1 = _mm512_srli_epi64(b, 52);
    x.low = _mm512_madd52lo_epu64(x.low, a, b);
    x.middle = _mm512_madd52hi_epu64(x.middle, a, b);
    x.middle = _mm512_madd52lo_epu64(x.middle, a, b1);
    x.high = _mm512_madd52hi_epu64(x.high, a, b1);
    x.middle = _mm512_madd52lo_epu64(x.middle, a1, b);
    x.high = _mm512_madd52hi_epu64(x.high, a1, b);
    x.high = _mm512_madd52lo_epu64(x.high, a1, b1);
    return x;
}

// Where x - p borrows it is the larger word.
CK_IFMA static inline __m512i reduce_once8(__m512i x) {
    return _mm512_min_epu64(x, _mm512_sub_epi64(x, _mm512_set1_epi64((long long)p)));
}

// high 2^62 + low mod p, for high < 2 p.
CK_IFMA static inline __m512i fold8(__m512i low, __m512i high) {
    __m512i top = _mm512_srli_epi64(high, 46);
    __m512i bottom = _mm512_and_si512(high, _mm512_set1_epi64((long long)low46));
    __m512i shifted = _mm512_slli_epi64(_mm512_add_epi64(bottom, top), 16);
    __m512i minus = _mm512_sub_epi64(
        _mm512_set1_epi64((long long)(2 * p)), _mm512_add_epi64(top, high));
    __m512i sum = _mm512_add_epi64(_mm512_add_epi64(low, shifted), minus);

    __m512i over = _mm512_srli_epi64(sum, 62);
    __m512i kept = _mm512_and_si512(sum, _mm512_set1_epi64((long long)low62));
    __m512i folded = _mm512_sub_epi64(_mm512_slli_epi64(over, 16), over);
    return reduce_once8(_mm512_add_epi64(kept, folded));
}

CK_IFMA static inline __m512i reduce8(wide8 x) {
    __m512i low52 = _mm512_set1_epi64(((long long)1 << 52) - 1);
    __m512i middle = _mm512_add_epi64(x.middle, _mm512_srli_epi64(x.low, 52));
    __m512i low = _mm512_or_si512(
        _mm512_and_si512(x.low, low52),
        _mm512_slli_epi64(_mm512_and_si512(middle, _mm512_set1_epi64(1023)), 52));
    __m512i high = _mm512_add_epi64(_mm512_srli_epi64(middle, 10), _mm512_slli_epi64(x.high, 42));
    return fold8(low, high);
}

CK_IFMA static inline __m512i product8(__m512i x, __m512i y) {
    return reduce8(add_product8(zero8(), x, y));
}

CK_IFMA static inline __m512i cross_term8(__m512i x0, __m512i x1, __m512i y0, __m512i y1) {
    __m512i sum = reduce_once8(_mm512_add_epi64(y0, y1));
    return reduce8(add_product8(add_product8(zero8(), x0, sum), x1, y0));
}

// The lanes of the elements from i on, and how they come and go.
#define LANES(i, n) ((n) - (i) < 8 ? (__mmask8)((1u << ((n) - (i))) - 1) : (__mmask8)0xff)
#define LOAD(lanes, from) _mm512_maskz_loadu_epi64(lanes, from)
#define STORE(to, lanes, value) _mm512_mask_storeu_epi64(to, lanes, value)

CK_IFMA static void add_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        __m512i sum = _mm512_add_epi64(LOAD(lanes, a + i), LOAD(lanes, b + i));
        STORE(r + i, lanes, reduce_once8(sum));
    }
}

CK_IFMA static void subtract_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    const __m512i modulus = _mm512_set1_epi64((long long)p);
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        __m512i x = _mm512_sub_epi64(LOAD(lanes, a + i), LOAD(lanes, b + i));
        // Where a - b borrows, a - b + p is the smaller word.
        STORE(r + i, lanes, _mm512_min_epu64(x, _mm512_add_epi64(x, modulus)));
    }
}

CK_IFMA static void multiply_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        STORE(r + i, lanes, product8(LOAD(lanes, a + i), LOAD(lanes, b + i)));
    }
}

CK_IFMA static void scale_ifma(const uint64_t *a, uint64_t c, uint64_t *r, size_t n) {
    __m512i factor = _mm512_set1_epi64((long long)c);
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        STORE(r + i, lanes, product8(LOAD(lanes, a + i), factor));
    }
}

CK_IFMA static void multiply_accumulate_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r,
                                             size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        __m512i x = product8(LOAD(lanes, a + i), LOAD(lanes, b + i));
        STORE(r + i, lanes, reduce_once8(_mm512_add_epi64(x, LOAD(lanes, r + i))));
    }
}

CK_IFMA static void cross_terms_ifma(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                                     const uint64_t *y1, uint64_t *z, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 lanes = LANES(i, n);
        STORE(z + i, lanes,
              cross_term8(LOAD(lanes, x0 + i), LOAD(lanes, x1 + i), LOAD(lanes, y0 + i),
                          LOAD(lanes, y1 + i)));
    }
}

// Eight pads of two words.
CK_IFMA static inline __m512i pad8(const uint64_t *blocks) {
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    const __m512i all = _mm512_set1_epi64((long long)low62);
    __m512i a = _mm512_loadu_si512(blocks), b = _mm512_loadu_si512(blocks + 8);
    __m512i low = _mm512_permutex2var_epi64(a, even, b);
    __m512i high = _mm512_permutex2var_epi64(a, odd, b);
    high = _mm512_or_si512(_mm512_slli_epi64(high, 2), _mm512_srli_epi64(low, 62));
    return fold8(_mm512_and_si512(low, all), _mm512_and_si512(high, all));
}

CK_IFMA static inline __m512i add8(__m512i x, __m512i y) {
    return reduce_once8(_mm512_add_epi64(x, y));
}

CK_IFMA static inline void double_and_add8(uint64_t *sum, __m512i term) {
    __m512i before = _mm512_loadu_si512(sum);
    _mm512_storeu_si512(sum, add8(add8(before, before), term));
}

CK_IFMA static void gilboa_offer_ifma(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                                      uint64_t *sum, uint8_t *corrections, size_t n) {
    const __m512i modulus = _mm512_set1_epi64((long long)p);
    for (size_t i = 0; i < n; i += 8) {
        __m512i mine = pad8(zero + 2 * i);
        __m512i difference = _mm512_sub_epi64(mine, pad8(one + 2 * i));
        difference = _mm512_min_epu64(difference, _mm512_add_epi64(difference, modulus));
        _mm512_storeu_si512(corrections + 8 * i, add8(difference, _mm512_loadu_si512(x + i)));
        double_and_add8(sum + i, mine);
    }
}

CK_IFMA static bool gilboa_take_ifma(const uint64_t *pads, const uint64_t *choices,
                                     const uint8_t *corrections, uint64_t *sum, size_t n) {
    __mmask8 outside = 0;
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 chosen = (__mmask8)(choices[i / 64] >> i % 64);
        __m512i all = _mm512_loadu_si512(corrections + 8 * i);
        outside |= _mm512_cmpge_epu64_mask(all, _mm512_set1_epi64((long long)p));
        __m512i correction = _mm512_maskz_mov_epi64(chosen, all);
        double_and_add8(sum + i, add8(pad8(pads + 2 * i), correction));
    }
    return outside == 0;
}

#define USE_IFMA(call) \
    if (ck_has_ifma()) return call
#else
#define USE_IFMA(call)
#endif

// MARK: Vectors

void ck_p62_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(add_ifma(a, b, r, n));
    for (size_t i = 0; i < n; i++) r[i] = reduce_once(a[i] + b[i]);
}

void ck_p62_subtract(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(subtract_ifma(a, b, r, n));
    for (size_t i = 0; i < n; i++) r[i] = reduce_once(a[i] + p - b[i]);
}

void ck_p62_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(multiply_ifma(a, b, r, n));
    for (size_t i = 0; i < n; i++) r[i] = product(a[i], b[i]);
}

void ck_p62_scale(const uint64_t *a, uint64_t c, uint64_t *r, size_t n) {
    USE_IFMA(scale_ifma(a, c, r, n));
    for (size_t i = 0; i < n; i++) r[i] = product(a[i], c);
}

void ck_p62_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(multiply_accumulate_ifma(a, b, r, n));
    for (size_t i = 0; i < n; i++) r[i] = reduce_once(product(a[i], b[i]) + r[i]);
}

void ck_p62_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                        const uint64_t *y1, uint64_t *z, size_t n) {
    USE_IFMA(cross_terms_ifma(x0, x1, y0, y1, z, n));
    for (size_t i = 0; i < n; i++) z[i] = cross_term(x0[i], x1[i], y0[i], y1[i]);
}

// MARK: Gilboa products

void ck_p62_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                         uint64_t *sum, uint8_t *corrections, size_t n) {
    USE_IFMA(gilboa_offer_ifma(zero, one, x, sum, corrections, n));
    for (size_t i = 0; i < n; i++) {
        uint64_t mine = pad(zero + 2 * i);
        uint64_t correction = reduce_once(reduce_once(mine + p - pad(one + 2 * i)) + x[i]);
        memcpy(corrections + 8 * i, &correction, 8);
        sum[i] = reduce_once(reduce_once(2 * sum[i]) + mine);
    }
}

bool ck_p62_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                        uint64_t *sum, size_t n) {
    USE_IFMA(gilboa_take_ifma(pads, choices, corrections, sum, n));
    bool outside = false;
    for (size_t i = 0; i < n; i++) {
        uint64_t chosen = 0 - (choices[i / 64] >> i % 64 & 1), correction;
        memcpy(&correction, corrections + 8 * i, 8);
        outside |= correction >= p;
        uint64_t term = reduce_once(pad(pads + 2 * i) + (correction & chosen));
        sum[i] = reduce_once(reduce_once(2 * sum[i]) + term);
    }
    return !outside;
}
