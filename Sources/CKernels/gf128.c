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

static void polynomials_any(const uint64_t *rows, size_t count, size_t stride, size_t n,
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

#if CK_X86

// Four elements a register; returns how many it did.
CK_AVX512 static size_t polynomials_avx512(const uint64_t *rows, size_t count, size_t stride,
                                           size_t n, uint64_t *values) {
    enum { LANES = 4 };
    // What the top bits of a's words, swapped, add to X a.
    const __m512i carried = _mm512_set4_epi64(1, REDUCTION, 1, REDUCTION);
    size_t whole = n / LANES * LANES;
    for (size_t i = 0; i < WORDS * whole; i += WORDS * LANES) {
        __m512i a = _mm512_setzero_si512();
        for (size_t r = count; r-- > 0;) {
            __m512i top = _mm512_shuffle_epi32(_mm512_srai_epi64(a, 63), _MM_PERM_BADC);
            a = _mm512_xor_si512(_mm512_slli_epi64(a, 1), _mm512_and_si512(top, carried));
            a = _mm512_xor_si512(a, _mm512_loadu_si512(rows + r * stride + i));
        }
        _mm512_storeu_si512(values + i, a);
    }
    return whole;
}

#endif

void ck_gf128_polynomials(const uint64_t *rows, size_t count, size_t stride, size_t n,
                          uint64_t *values) {
    size_t done = 0;
#if CK_X86
    if (ck_has_avx512()) done = polynomials_avx512(rows, count, stride, n, values);
#endif
    polynomials_any(rows + WORDS * done, count, stride, n - done, values + WORDS * done);
}

// MARK: Horner's rule, a <- x a + v for several a at once; x is public

// Values begin `stride` words apart.
typedef void horner(uint64_t *sums, const uint64_t *values, size_t stride, size_t n,
                    const uint64_t *x);

static void horner_portable(uint64_t *sums, const uint64_t *values, size_t stride, size_t n,
                            const uint64_t *x) {
    for (size_t i = 0; i < WORDS * n; i += WORDS, values += stride) {
        uint64_t power[WORDS] = {sums[i], sums[i + 1]}, product[WORDS] = {0, 0};
        for (size_t bit = 0; bit < 128; bit++) {
            uint64_t mask = -(x[bit / 64] >> bit % 64 & 1);
            product[0] ^= power[0] & mask;
            product[1] ^= power[1] & mask;
            times_x(power);
        }
        sums[i] = product[0] ^ values[0];
        sums[i + 1] = product[1] ^ values[1];
    }
}

#if CK_X86

// The product of 256 bits from four of 64, its upper half folded twice by X^128 = REDUCTION.
CK_CLMUL static void horner_clmul(uint64_t *sums, const uint64_t *values, size_t stride, size_t n,
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
        low = _mm_xor_si128(low, _mm_loadu_si128((const __m128i *)(values + i * stride)));
        _mm_storeu_si128((__m128i *)sums + i, low);
    }
}

// The same, four elements a register; the others singly.
CK_VCLMUL static void horner_vclmul(uint64_t *sums, const uint64_t *values, size_t stride, size_t n,
                                    const uint64_t *x) {
    enum { LANES = 4 };
    const __m512i by = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)x));
    const __m512i fold = _mm512_broadcast_i32x4(_mm_cvtsi32_si128(REDUCTION));
    size_t whole = n / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        const uint64_t *v = values + i * stride;
        __m512i a = _mm512_loadu_si512(sums + WORDS * i);
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
        __m512i value = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)v));
        value = _mm512_inserti32x4(value, _mm_loadu_si128((const __m128i *)(v + stride)), 1);
        value = _mm512_inserti32x4(value, _mm_loadu_si128((const __m128i *)(v + 2 * stride)), 2);
        value = _mm512_inserti32x4(value, _mm_loadu_si128((const __m128i *)(v + 3 * stride)), 3);
        _mm512_storeu_si512(sums + WORDS * i, _mm512_xor_si512(low, value));
    }
    horner_clmul(sums + WORDS * whole, values + whole * stride, stride, n - whole, x);
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
    for (size_t i = 0; i < n; i++) step(sum, blocks + WORDS * i, 0, 1, x);
}

void ck_gf128_hash_columns(const uint64_t *x, const uint64_t *blocks, size_t n, uint64_t *sums) {
    enum { PIECE = 8, STRIDE = PIECE * WORDS };
    horner *step = horner_of_cpu();
    uint64_t rows[ROWS * STRIDE];
    for (size_t done = 0; done < n; done += PIECE) {
        size_t count = n - done < PIECE ? n - done : PIECE;
        ck_transpose_bits(blocks + done * ROWS * WORDS, WORDS, count * ROWS, ROWS, rows, STRIDE);
        for (size_t i = 0; i < count; i++) step(sums, rows + WORDS * i, STRIDE, ROWS, x);
    }
}
