// GF(2^128) = GF(2)[X] / (X^128 + X^7 + X^2 + X + 1), the lowest bit of a block its constant term.
#include <string.h>

#include "features.h"

enum { WORDS = 2, REDUCTION = 0x87, ROWS = 128 };

// a <- X a
static inline void times_x(uint64_t *a) {
    uint64_t carry = a[1] >> 63;
    a[1] = a[1] << 1 | a[0] >> 63;
    a[0] = a[0] << 1 ^ (REDUCTION & -carry);
}

void ck_gf128_polynomials(const uint64_t *rows, size_t count, size_t stride, size_t n,
                          uint64_t *values) {
    for (size_t i = 0; i < n; i++) {
        uint64_t value[WORDS] = {0, 0};
        for (size_t r = count; r-- > 0;) {
            times_x(value);
            value[0] ^= rows[r * stride + WORDS * i];
            value[1] ^= rows[r * stride + WORDS * i + 1];
        }
        memcpy(values + WORDS * i, value, sizeof value);
    }
}

// MARK: Horner's rule, a <- x a + v for several a at once; x is public

typedef void horner(uint64_t *sums, const uint64_t *values, size_t n, const uint64_t *x);

static void horner_portable(uint64_t *sums, const uint64_t *values, size_t n, const uint64_t *x) {
    for (size_t i = 0; i < WORDS * n; i += WORDS) {
        uint64_t power[WORDS] = {sums[i], sums[i + 1]}, product[WORDS] = {0, 0};
        for (size_t bit = 0; bit < 128; bit++) {
            uint64_t mask = -(x[bit / 64] >> bit % 64 & 1);
            product[0] ^= power[0] & mask;
            product[1] ^= power[1] & mask;
            times_x(power);
        }
        sums[i] = product[0] ^ values[i];
        sums[i + 1] = product[1] ^ values[i + 1];
    }
}

#if CK_X86

// The product of 256 bits from four of 64, its upper half folded twice by X^128 = REDUCTION.
CK_CLMUL static void horner_clmul(uint64_t *sums, const uint64_t *values, size_t n,
                                  const uint64_t *x) {
    const __m128i by = _mm_loadu_si128((const __m128i *)x), fold = _mm_cvtsi32_si128(REDUCTION);
    for (size_t i = 0; i < n; i++) {
        __m128i a = _mm_loadu_si128((const __m128i *)sums + i);
        __m128i low = _mm_clmulepi64_si128(a, by, 0x00), high = _mm_clmulepi64_si128(a, by, 0x11);
        __m128i middle = _mm_xor_si128(_mm_clmulepi64_si128(a, by, 0x01),
                                       _mm_clmulepi64_si128(a, by, 0x10));
        low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
        high = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
        __m128i top = _mm_clmulepi64_si128(high, fold, 0x01);
        low = _mm_xor_si128(low, _mm_slli_si128(top, 8));
        high = _mm_xor_si128(high, _mm_srli_si128(top, 8));
        low = _mm_xor_si128(low, _mm_clmulepi64_si128(high, fold, 0x00));
        low = _mm_xor_si128(low, _mm_loadu_si128((const __m128i *)values + i));
        _mm_storeu_si128((__m128i *)sums + i, low);
    }
}

// The same, four elements a register; the last register is masked.
CK_VCLMUL static void horner_vclmul(uint64_t *sums, const uint64_t *values, size_t n,
                                    const uint64_t *x) {
    enum { WIDTH = 8 };
    const __m512i by = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)x));
    const __m512i fold = _mm512_broadcast_i32x4(_mm_cvtsi32_si128(REDUCTION));
    for (size_t i = 0; i < WORDS * n; i += WIDTH) {
        size_t left = WORDS * n - i;
        __mmask8 taken = left < WIDTH ? (__mmask8)((1u << left) - 1) : 0xff;
        __m512i a = _mm512_maskz_loadu_epi64(taken, sums + i);
        __m512i low = _mm512_clmulepi64_epi128(a, by, 0x00);
        __m512i high = _mm512_clmulepi64_epi128(a, by, 0x11);
        __m512i middle = _mm512_xor_si512(_mm512_clmulepi64_epi128(a, by, 0x01),
                                          _mm512_clmulepi64_epi128(a, by, 0x10));
        low = _mm512_xor_si512(low, _mm512_bslli_epi128(middle, 8));
        high = _mm512_xor_si512(high, _mm512_bsrli_epi128(middle, 8));
        __m512i top = _mm512_clmulepi64_epi128(high, fold, 0x01);
        low = _mm512_xor_si512(low, _mm512_bslli_epi128(top, 8));
        high = _mm512_xor_si512(high, _mm512_bsrli_epi128(top, 8));
        low = _mm512_xor_si512(low, _mm512_clmulepi64_epi128(high, fold, 0x00));
        low = _mm512_xor_si512(low, _mm512_maskz_loadu_epi64(taken, values + i));
        _mm512_mask_storeu_epi64(sums + i, taken, low);
    }
}

#endif

static horner *horner_of_cpu(void) {
#if CK_X86
    if (ck_has_vclmul()) return horner_vclmul;
    if (ck_has_clmul()) return horner_clmul;
#endif
    return horner_portable;
}

void ck_gf128_hash(const uint64_t *x, const uint64_t *blocks, size_t n, uint64_t *sum) {
    horner *step = horner_of_cpu();
    for (size_t i = 0; i < n; i++) step(sum, blocks + WORDS * i, 1, x);
}

void ck_gf128_hash_columns(const uint64_t *x, const uint64_t *blocks, size_t n, uint64_t *sums) {
    horner *step = horner_of_cpu();
    uint64_t rows[ROWS * WORDS];
    for (size_t i = 0; i < n; i++) {
        ck_transpose_bits(blocks + i * ROWS * WORDS, WORDS, ROWS, ROWS, rows, WORDS);
        step(sums, rows, ROWS, x);
    }
}
