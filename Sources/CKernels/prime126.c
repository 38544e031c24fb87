// Products modulo p = 2^126 - 2^18 + 1; an element is two words below p.
#include <string.h>

#include "features.h"

typedef unsigned __int128 pair;

static const uint64_t p_low = 0 - ((uint64_t)1 << 18) + 1, p_high = ((uint64_t)1 << 62) - 1;
static const uint64_t fold = ((uint64_t)1 << 18) - 1;  // 2^126 mod p

// MARK: Any CPU

static inline pair load(const uint64_t *x) { return (pair)x[1] << 64 | x[0]; }

static inline void store(uint64_t *r, pair x) {
    r[0] = (uint64_t)x;
    r[1] = (uint64_t)(x >> 64);
}

static inline pair reduce_once(pair x) {
    const pair p = (pair)p_high << 64 | p_low;
    pair difference = x - p;
    return difference + (p & (pair)((__int128)difference >> 127));
}

static inline pair add(pair x, pair y) { return reduce_once(x + y); }

static inline pair subtract(pair x, pair y) {
    return reduce_once(x + ((pair)p_high << 64 | p_low) - y);
}

static inline pair product(pair x, pair y) {
    pair x0 = (uint64_t)x, x1 = x >> 64, y0 = (uint64_t)y, y1 = y >> 64;
    pair bottom = x0 * y0, middle = x0 * y1 + x1 * y0 + (bottom >> 64);
    pair lower = middle << 64 | (uint64_t)bottom, upper = x1 * y1 + (middle >> 64);
    // x y = high 2^126 + rest
    pair high = upper << 2 | lower >> 126, rest = lower & ((pair)-1 >> 2);
    pair low = (pair)(uint64_t)high * fold + (uint64_t)rest;
    pair top = (pair)(uint64_t)(high >> 64) * fold + (rest >> 64) + (low >> 64);
    pair kept = (top & p_high) << 64 | (uint64_t)low;
    return reduce_once(kept + (top >> 62) * fold);
}

// A pad of 128 bits mod p, 2^-108 from uniform: the two bits above 2^126 fold down.
static inline pair pad(const uint64_t *block) {
    pair x = load(block);
    return reduce_once((x & ((pair)-1 >> 2)) + (x >> 126) * fold);
}

// MARK: AVX-512 with IFMA: eight elements in two registers

#if CK_X86

// The low and the high words, in an order that `load8` and `store8` agree on.
typedef struct {
    __m512i low, high;
} pair8;

CK_IFMA static inline pair8 load8(const uint64_t *x, __mmask8 first, __mmask8 second) {
    __m512i a = _mm512_maskz_loadu_epi64(first, x), b = _mm512_maskz_loadu_epi64(second, x + 8);
    return (pair8){_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)};
}

CK_IFMA static inline void store8(uint64_t *r, __mmask8 first, __mmask8 second, pair8 x) {
    _mm512_mask_storeu_epi64(r, first, _mm512_unpacklo_epi64(x.low, x.high));
    _mm512_mask_storeu_epi64(r + 8, second, _mm512_unpackhi_epi64(x.low, x.high));
}

// x - y on 128 bits.
CK_IFMA static inline pair8 minus8(pair8 x, pair8 y) {
    __mmask8 borrow = _mm512_cmplt_epu64_mask(x.low, y.low);
    __m512i high = _mm512_sub_epi64(x.high, y.high);
    return (pair8){_mm512_sub_epi64(x.low, y.low),
                   _mm512_mask_sub_epi64(high, borrow, high, _mm512_set1_epi64(1))};
}

CK_IFMA static inline pair8 plus8(pair8 x, pair8 y) {
    __m512i low = _mm512_add_epi64(x.low, y.low), high = _mm512_add_epi64(x.high, y.high);
    __mmask8 carry = _mm512_cmplt_epu64_mask(low, x.low);
    return (pair8){low, _mm512_mask_add_epi64(high, carry, high, _mm512_set1_epi64(1))};
}

CK_IFMA static inline pair8 modulus8(void) {
    return (pair8){_mm512_set1_epi64((long long)p_low), _mm512_set1_epi64((long long)p_high)};
}

CK_IFMA static inline pair8 reduce_once8(pair8 x) {
    pair8 y = minus8(x, modulus8());
    __mmask8 negative = _mm512_movepi64_mask(y.high);
    return (pair8){_mm512_mask_mov_epi64(y.low, negative, x.low),
                   _mm512_mask_mov_epi64(y.high, negative, x.high)};
}

CK_IFMA static inline pair8 add8(pair8 x, pair8 y) { return reduce_once8(plus8(x, y)); }

CK_IFMA static inline pair8 subtract8(pair8 x, pair8 y) {
    return reduce_once8(minus8(plus8(x, modulus8()), y));
}

// Digits of 52 bits, digit k at 2^52k; sums leave room for carries above.
typedef struct {
    __m512i digit[5];
} digits8;

CK_IFMA static inline __m512i low52(__m512i x) {
    return _mm512_and_si512(x, _mm512_set1_epi64(((long long)1 << 52) - 1));
}

CK_IFMA static inline digits8 no_digits(void) {
    __m512i zero = _mm512_setzero_si512();
    return (digits8){{zero, zero, zero, zero, zero}};
}

CK_IFMA static inline digits8 digits(pair8 x) {
    __m512i zero = _mm512_setzero_si512();
    __m512i middle = _mm512_or_si512(_mm512_srli_epi64(x.low, 52), _mm512_slli_epi64(x.high, 12));
    return (digits8){
        {low52(x.low), low52(middle), _mm512_srli_epi64(x.high, 40), zero, zero}};
}

// x + a b for a, b < 2^126: the last of nine products has no high half.
CK_IFMA static inline digits8 add_product8(digits8 x, digits8 a, digits8 b) {
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            __m512i low = x.digit[i + j];
            x.digit[i + j] = _mm512_madd52lo_epu64(low, a.digit[i], b.digit[j]);
            if (i + j == 4) continue;
            __m512i high = x.digit[i + j + 1];
            x.digit[i + j + 1] = _mm512_madd52hi_epu64(high, a.digit[i], b.digit[j]);
        }
    }
    return x;
}

// Digits `from` to `to` give what exceeds 52 bits to the next.
CK_IFMA static inline digits8 carry8(digits8 x, int from, int to) {
    for (int i = from; i < to; i++) {
        __m512i carry = _mm512_srli_epi64(x.digit[i], 52);
        x.digit[i + 1] = _mm512_add_epi64(x.digit[i + 1], carry);
        x.digit[i] = low52(x.digit[i]);
    }
    return x;
}

// x mod p for x < 2^254: digits 3 and 4 fold down by 2^156 mod p = 2^48 - 2^30, which leaves less
// than 2^158; then the bits from 2^126 on by 2^18 - 1.
CK_IFMA static inline pair8 reduce8(digits8 x) {
    x = carry8(x, 0, 4);
    const __m512i down = _mm512_set1_epi64(((long long)1 << 48) - ((long long)1 << 30));
    x.digit[0] = _mm512_madd52lo_epu64(x.digit[0], x.digit[3], down);
    x.digit[1] = _mm512_madd52hi_epu64(x.digit[1], x.digit[3], down);
    x.digit[1] = _mm512_madd52lo_epu64(x.digit[1], x.digit[4], down);
    x.digit[2] = _mm512_madd52hi_epu64(x.digit[2], x.digit[4], down);
    x = carry8(x, 0, 2);

    __m512i over = _mm512_srli_epi64(x.digit[2], 22);
    __m512i folded = _mm512_sub_epi64(_mm512_slli_epi64(over, 18), over);
    x.digit[0] = _mm512_add_epi64(x.digit[0], folded);
    x.digit[2] = _mm512_and_si512(x.digit[2], _mm512_set1_epi64((1 << 22) - 1));
    x = carry8(x, 0, 2);
    return reduce_once8((pair8){
        _mm512_or_si512(x.digit[0], _mm512_slli_epi64(x.digit[1], 52)),
        // Digit 2 may be 2^22 itself.
        _mm512_or_si512(_mm512_srli_epi64(x.digit[1], 12), _mm512_slli_epi64(x.digit[2], 40))});
}

CK_IFMA static inline pair8 product8(pair8 x, pair8 y) {
    return reduce8(add_product8(no_digits(), digits(x), digits(y)));
}

// Runs the statements for every eight elements from i on: LOAD and STORE see those that there are.
#define EVERY_EIGHT(n, ...)                                                  \
    for (size_t i = 0; i < (n); i += 8) {                                    \
        unsigned words = (n) - i < 8 ? (1u << 2 * ((n) - i)) - 1 : 0xffffu;  \
        __mmask8 first = (__mmask8)words, second = (__mmask8)(words >> 8);   \
        __VA_ARGS__;                                                         \
    }
#define LOAD(from) load8((from) + 2 * i, first, second)
#define STORE(to, value) store8((to) + 2 * i, first, second, value)

CK_IFMA static void add_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    EVERY_EIGHT(n, STORE(r, add8(LOAD(a), LOAD(b))))
}

CK_IFMA static void subtract_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    EVERY_EIGHT(n, STORE(r, subtract8(LOAD(a), LOAD(b))))
}

CK_IFMA static void multiply_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    EVERY_EIGHT(n, STORE(r, product8(LOAD(a), LOAD(b))))
}

CK_IFMA static void scale_ifma(const uint64_t *a, const uint64_t *c, uint64_t *r, size_t n) {
    pair8 factor = {_mm512_set1_epi64((long long)c[0]), _mm512_set1_epi64((long long)c[1])};
    EVERY_EIGHT(n, STORE(r, product8(LOAD(a), factor)))
}

CK_IFMA static void multiply_accumulate_ifma(const uint64_t *a, const uint64_t *b, uint64_t *r,
                                             size_t n) {
    EVERY_EIGHT(n, STORE(r, reduce8(add_product8(digits(LOAD(r)), digits(LOAD(a)),
                                                 digits(LOAD(b))))))
}

CK_IFMA static void cross_terms_ifma(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                                     const uint64_t *y1, uint64_t *z, size_t n) {
    EVERY_EIGHT(n, {
        pair8 y = LOAD(y0);
        pair8 sum = add8(y, LOAD(y1));
        digits8 terms = add_product8(no_digits(), digits(LOAD(x0)), digits(sum));
        terms = add_product8(terms, digits(LOAD(x1)), digits(y));
        STORE(z, reduce8(terms));
    })
}

CK_IFMA static inline pair8 pad8(const uint64_t *blocks) {
    pair8 x = load8(blocks, 0xff, 0xff);
    __m512i top = _mm512_srli_epi64(x.high, 62);
    __m512i folded = _mm512_sub_epi64(_mm512_slli_epi64(top, 18), top);
    x.high = _mm512_and_si512(x.high, _mm512_set1_epi64((long long)p_high));
    return reduce_once8(plus8(x, (pair8){folded, _mm512_setzero_si512()}));
}

CK_IFMA static inline void double_and_add8(uint64_t *sum, pair8 term) {
    pair8 before = load8(sum, 0xff, 0xff);
    store8(sum, 0xff, 0xff, add8(add8(before, before), term));
}

CK_IFMA static void gilboa_offer_ifma(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                                      uint64_t *sum, uint8_t *corrections, size_t n) {
    for (size_t i = 0; i < 2 * n; i += 16) {
        pair8 mine = pad8(zero + i);
        pair8 correction = add8(subtract8(mine, pad8(one + i)), load8(x + i, 0xff, 0xff));
        uint64_t words[16];
        store8(words, 0xff, 0xff, correction);
        memcpy(corrections + 8 * i, words, sizeof words);
        double_and_add8(sum + i, mine);
    }
}

CK_IFMA static bool gilboa_take_ifma(const uint64_t *pads, const uint64_t *choices,
                                     const uint8_t *corrections, uint64_t *sum, size_t n) {
    __mmask8 inside = 0xff;
    // In the order of load8 lane 2k is element k and lane 2k + 1 is element k + 4.
    for (size_t i = 0; i < n; i += 8) {
        uint64_t bits = choices[i / 64] >> i % 64;
        __mmask8 chosen = (__mmask8)((bits & 1) | (bits & 2) << 1 | (bits & 4) << 2
                                     | (bits & 8) << 3 | (bits & 16) >> 3 | (bits & 32) >> 2
                                     | (bits & 64) >> 1 | (bits & 128));
        uint64_t words[16];
        memcpy(words, corrections + 16 * i, sizeof words);
        pair8 correction = load8(words, 0xff, 0xff);
        // x - p borrows for x below p, unless x has bit 127 itself.
        inside &= _mm512_movepi64_mask(minus8(correction, modulus8()).high)
            & ~_mm512_movepi64_mask(correction.high);
        correction.low = _mm512_maskz_mov_epi64(chosen, correction.low);
        correction.high = _mm512_maskz_mov_epi64(chosen, correction.high);
        double_and_add8(sum + 2 * i, add8(pad8(pads + 2 * i), correction));
    }
    return inside == 0xff;
}

#define USE_IFMA(call) \
    if (ck_has_ifma()) return call
#else
#define USE_IFMA(call)
#endif

// MARK: Vectors

void ck_p126_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(add_ifma(a, b, r, n));
    for (size_t i = 0; i < 2 * n; i += 2) store(r + i, add(load(a + i), load(b + i)));
}

void ck_p126_subtract(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(subtract_ifma(a, b, r, n));
    for (size_t i = 0; i < 2 * n; i += 2) store(r + i, subtract(load(a + i), load(b + i)));
}

void ck_p126_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(multiply_ifma(a, b, r, n));
    for (size_t i = 0; i < 2 * n; i += 2) store(r + i, product(load(a + i), load(b + i)));
}

void ck_p126_scale(const uint64_t *a, const uint64_t *c, uint64_t *r, size_t n) {
    USE_IFMA(scale_ifma(a, c, r, n));
    for (size_t i = 0; i < 2 * n; i += 2) store(r + i, product(load(a + i), load(c)));
}

void ck_p126_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n) {
    USE_IFMA(multiply_accumulate_ifma(a, b, r, n));
    for (size_t i = 0; i < 2 * n; i += 2)
        store(r + i, add(product(load(a + i), load(b + i)), load(r + i)));
}

void ck_p126_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                         const uint64_t *y1, uint64_t *z, size_t n) {
    USE_IFMA(cross_terms_ifma(x0, x1, y0, y1, z, n));
    for (size_t i = 0; i < 2 * n; i += 2) {
        pair sum = add(load(y0 + i), load(y1 + i));
        store(z + i, add(product(load(x0 + i), sum), product(load(x1 + i), load(y0 + i))));
    }
}

// MARK: Gilboa products

void ck_p126_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                          uint64_t *sum, uint8_t *corrections, size_t n) {
    USE_IFMA(gilboa_offer_ifma(zero, one, x, sum, corrections, n));
    for (size_t i = 0; i < 2 * n; i += 2) {
        pair mine = pad(zero + i), before = load(sum + i);
        uint64_t words[2];
        store(words, add(subtract(mine, pad(one + i)), load(x + i)));
        memcpy(corrections + 8 * i, words, sizeof words);
        store(sum + i, add(add(before, before), mine));
    }
}

bool ck_p126_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                         uint64_t *sum, size_t n) {
    USE_IFMA(gilboa_take_ifma(pads, choices, corrections, sum, n));
    bool outside = false;
    for (size_t i = 0; i < n; i++) {
        pair chosen = (pair)(__int128)(int64_t)(0 - (choices[i / 64] >> i % 64 & 1));
        uint64_t words[2];
        memcpy(words, corrections + 16 * i, sizeof words);
        outside |= load(words) >= ((pair)p_high << 64 | p_low);
        pair term = add(pad(pads + 2 * i), load(words) & chosen);
        pair before = load(sum + 2 * i);
        store(sum + 2 * i, add(add(before, before), term));
    }
    return !outside;
}
