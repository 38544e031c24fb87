// Plain C loops that the Swift kernels are measured against.
#ifndef C_REFERENCE_H
#define C_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

void cref_z64_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void cref_z64_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void cref_z64_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);

void cref_p62_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void cref_p62_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void cref_p62_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);

/// n pairs of GMP integers of two limbs each, and a modulus.
typedef struct cref_mpz cref_mpz;
cref_mpz *cref_mpz_make(const uint64_t *a, const uint64_t *b, const uint64_t *modulus, size_t n);
/// mpz_mul and mpz_mod for every pair, into integers allocated beforehand.
void cref_mpz_multiply(cref_mpz *state);
void cref_mpz_free(cref_mpz *state);

#endif
