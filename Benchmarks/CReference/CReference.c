#include "CReference.h"

#include <gmp.h>
#include <stdlib.h>

void cref_z64_add(const uint64_t *restrict a, const uint64_t *restrict b, uint64_t *restrict r,
                  size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = a[i] + b[i];
}

void cref_z64_multiply(const uint64_t *restrict a, const uint64_t *restrict b,
                       uint64_t *restrict r, size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = a[i] * b[i];
}

void cref_z64_multiply_accumulate(const uint64_t *restrict a, const uint64_t *restrict b,
                                  uint64_t *restrict r, size_t n) {
    for (size_t i = 0; i < n; i++) r[i] += a[i] * b[i];
}

// p = 2^62 - 2^16 + 1, by the same folds as the Swift kernel.

static const uint64_t p62 = ((uint64_t)1 << 62) - (1 << 16) + 1;
static const uint64_t low62 = ((uint64_t)1 << 62) - 1;

static inline uint64_t p62_reduce_once(uint64_t x) {
    uint64_t difference = x - p62;
    return difference + (p62 & (uint64_t)((int64_t)difference >> 63));
}

static inline uint64_t p62_multiply_add(uint64_t x, uint64_t y, uint64_t z) {
    unsigned __int128 full = (unsigned __int128)x * y;
    uint64_t high = (uint64_t)(full >> 62), low = (uint64_t)full & low62, top = high >> 46;
    uint64_t sum = low + ((high << 16) & low62) + (top << 16) - top + (p62 - high) + z;
    uint64_t over = sum >> 62;
    return p62_reduce_once((sum & low62) + (over << 16) - over);
}

void cref_p62_add(const uint64_t *restrict a, const uint64_t *restrict b, uint64_t *restrict r,
                  size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = p62_reduce_once(a[i] + b[i]);
}

void cref_p62_multiply(const uint64_t *restrict a, const uint64_t *restrict b,
                       uint64_t *restrict r, size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = p62_multiply_add(a[i], b[i], 0);
}

void cref_p62_multiply_accumulate(const uint64_t *restrict a, const uint64_t *restrict b,
                                  uint64_t *restrict r, size_t n) {
    for (size_t i = 0; i < n; i++) r[i] = p62_multiply_add(a[i], b[i], r[i]);
}

struct cref_mpz {
    size_t count;
    mpz_t modulus, product, *a, *b, *r;
};

static mpz_t *integers(const uint64_t *limbs, size_t n) {
    mpz_t *result = malloc(n * sizeof(mpz_t));
    if (!result) abort();
    for (size_t i = 0; i < n; i++) {
        mpz_init2(result[i], 128);
        mpz_import(result[i], 2, -1, 8, 0, 0, limbs + 2 * i);
    }
    return result;
}

cref_mpz *cref_mpz_make(const uint64_t *a, const uint64_t *b, const uint64_t *modulus, size_t n) {
    cref_mpz *state = malloc(sizeof(cref_mpz));
    if (!state) abort();
    state->count = n;
    state->a = integers(a, n);
    state->b = integers(b, n);
    state->r = integers(a, n);
    mpz_init(state->modulus);
    mpz_import(state->modulus, 2, -1, 8, 0, 0, modulus);
    mpz_init2(state->product, 256);
    return state;
}

void cref_mpz_multiply(cref_mpz *state) {
    for (size_t i = 0; i < state->count; i++) {
        mpz_mul(state->product, state->a[i], state->b[i]);
        mpz_mod(state->r[i], state->product, state->modulus);
    }
}

void cref_mpz_free(cref_mpz *state) {
    mpz_t *all[] = {state->a, state->b, state->r};
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < state->count; i++) mpz_clear(all[k][i]);
        free(all[k]);
    }
    mpz_clear(state->modulus);
    mpz_clear(state->product);
    free(state);
}
