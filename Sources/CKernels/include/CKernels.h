// Loops over words that gain from a CPU's own instructions; see README.md of this folder.
//
// Every function works for every CPU and gives the same result on each. Its running time depends on
// the shapes alone, never on the words. Pointers need no alignment beyond a word's; results may not
// overlap operands unless a function says so.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether this thread runs the portable form of every kernel: for tests that compare both.
void ck_use_portable(bool portable);


// MARK: Bit matrices

// Bit j of row i of `source` becomes bit i of row j of `target`, for i < rows and j < columns.
//
// Rows begin `source_stride` and `target_stride` words apart. Source rows have ceil(columns / 64)
// words, whose bits from `columns` on are ignored; target rows get ceil(rows / 64) words, whose bits
// from `rows` on are zero, and words beyond these stay as they are.
void ck_transpose_bits(const uint64_t *source, size_t source_stride, size_t rows, size_t columns,
                       uint64_t *target, size_t target_stride);

// z = x0 (y0 + y1) + x1 y0 over GF(2): one party's part of n words of AND gates in replicated
// sharing.
void ck_and_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                        const uint64_t *y1, uint64_t *z, size_t n);

// Bit i of `bits` becomes word i of `words`, 0 or 1, for i < n.
void ck_spread_bits(const uint64_t *bits, uint64_t *words, size_t n);

// Rows of `width` words: row i of `target` is row indices[i] of `source`, for i < n.
void ck_gather_rows(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                    uint64_t *target);

// The other way: row indices[i] of `target` becomes row i of `source`, for i < n.
void ck_scatter_rows(const uint64_t *source, size_t width, const uint32_t *indices, size_t n,
                     uint64_t *target);

// Row i of `rows` becomes zero where bit i of `bits` is 0, for i < n.
void ck_select_rows(const uint64_t *bits, size_t width, uint64_t *rows, size_t n);

// Copies n pieces of `width` words, which begin `source_stride` and `target_stride` words apart.
void ck_copy_rows(const uint64_t *source, size_t source_stride, size_t width, size_t n,
                  uint64_t *target, size_t target_stride);

// Rows of `width` words: row i of `target` is the XOR of rows 0 ... i of `source`, for i < n.
void ck_prefix_xors(const uint64_t *source, size_t width, size_t n, uint64_t *target);

// MARK: Tables of 1-of-16 oblivious transfers, 64 a word

// The sender's side of n words of comparisons with a value of its own.
//
// `pads` has 32 rows of n words, row 2v + m being bit m of value v's pad; it is first moved to the
// value v ^ places. `own` has the value's 4 bits. Row 2v - 2 of `table` (30 rows) is [own > v], or
// [own < v] if `less`, row 2v - 1 is [own = v], under v's pad and this side's `share` (2 rows), which
// is chosen so that the messages of v = 0 are zero and need no row.
void ck_leaf_table(const uint64_t *pads, const uint64_t *places, const uint64_t *own, bool less,
                   uint64_t *table, uint64_t *share, size_t n);

// The receiver's side: the message of its own value without the pad.
void ck_leaf_choose(const uint64_t *table, const uint64_t *own, const uint64_t *pad,
                    uint64_t *share, size_t n);

// MARK: Integers modulo 2^64

void ck_z64_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// r += a b
void ck_z64_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// z = x0 (y0 + y1) + x1 y0
void ck_z64_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                        const uint64_t *y1, uint64_t *z, size_t n);

// The same for integers modulo 2^128, n elements of two words.
void ck_z128_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                         const uint64_t *y1, uint64_t *z, size_t n);

// MARK: The prime field of p = 2^62 - 2^16 + 1; operands and results below p

// r = a + b; r may be a or b
void ck_p62_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void ck_p62_subtract(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void ck_p62_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// r = c a for one element c
void ck_p62_scale(const uint64_t *a, uint64_t c, uint64_t *r, size_t n);
// r += a b
void ck_p62_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// z = x0 (y0 + y1) + x1 y0
void ck_p62_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                        const uint64_t *y1, uint64_t *z, size_t n);

// MARK: The prime field of p = 2^126 - 2^18 + 1; n elements of two words, operands and results
// below p

// r = a + b; r may be a or b
void ck_p126_add(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void ck_p126_subtract(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
void ck_p126_multiply(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// r = c a for one element c
void ck_p126_scale(const uint64_t *a, const uint64_t *c, uint64_t *r, size_t n);
// r += a b
void ck_p126_multiply_accumulate(const uint64_t *a, const uint64_t *b, uint64_t *r, size_t n);
// z = x0 (y0 + y1) + x1 y0
void ck_p126_cross_terms(const uint64_t *x0, const uint64_t *x1, const uint64_t *y0,
                         const uint64_t *y1, uint64_t *z, size_t n);

// MARK: A row of Gilboa products: n a multiple of 64, pads of one block of 128 bits each

// The sender's part: with p0, p1 the pads as ring elements, sum = 2 sum + p0, and the low `bytes`
// bytes of p0 - p1 + x go to `corrections`, n elements one after the other.
void ck_z64_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                         uint64_t *sum, uint8_t *corrections, size_t bytes, size_t n);
// The receiver's part: sum = 2 sum + pad, plus the correction where the element's bit of `choices`
// is set.
void ck_z64_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                        size_t bytes, uint64_t *sum, size_t n);
// The same with elements of two words.
void ck_z128_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                          uint64_t *sum, uint8_t *corrections, size_t bytes, size_t n);
void ck_z128_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                         size_t bytes, uint64_t *sum, size_t n);
// The same for the primes, with the words of whole elements as corrections; whether all of these
// are below p.
void ck_p62_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                         uint64_t *sum, uint8_t *corrections, size_t n);
bool ck_p62_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                        uint64_t *sum, size_t n);
void ck_p126_gilboa_offer(const uint64_t *zero, const uint64_t *one, const uint64_t *x,
                          uint64_t *sum, uint8_t *corrections, size_t n);
bool ck_p126_gilboa_take(const uint64_t *pads, const uint64_t *choices, const uint8_t *corrections,
                         uint64_t *sum, size_t n);

// MARK: AES-128 in counter mode

// Whether the CPU has AES rounds: without them the other two functions must not be called.
bool ck_aes128_is_available(void);

enum { ck_aes128_schedule_bytes = 176 };

// The 11 round keys of a 16-byte key.
void ck_aes128_expand(const uint8_t *key, uint8_t *schedule);

// Writes, or adds by XOR, bytes offset ..< offset + count of the stream whose first block is the
// encryption of the big-endian counter high 2^64 + low.
void ck_aes128_stream(const uint8_t *schedule, uint64_t high, uint64_t low, uint64_t offset,
                      uint8_t *bytes, size_t count, bool adds);

// AES-128 under one key: by its round keys where the CPU has AES rounds (ck_aes128_expand), else by
// `encrypt`, which encrypts `count` bytes of whole blocks in place.
typedef struct {
    const uint8_t *schedule;
    void *context;
    void (*encrypt)(void *context, uint8_t *blocks, size_t count);
} ck_cipher;

// MARK: Oblivious transfer extension; blocks are two words, the lower first

// Columns of the strings that ck_ot_sum_leaves makes at a time: 16 blocks.
enum { ck_ot_group_words = 32 };

// Sums of the strings of 2^depth leaves: string r_x is leaf x's AES stream from block `counter` on.
//
// Row j of `rows` becomes the XOR of all r_x with bit j of x set, and `sum` that of all r_x. Where
// `sum` is null, leaf 0 is not used. All have `groups` groups of words; rows begin `stride` words
// apart.
void ck_ot_sum_leaves(const ck_cipher *leaves, size_t depth, uint64_t counter, size_t groups,
                      uint64_t *sum, uint64_t *rows, size_t stride);

// Adds `words` words of corrections, little-endian at any address, to each row j < depth under the
// mask of that row: all ones or none.
void ck_ot_correct(uint64_t *rows, size_t stride, size_t depth, const uint64_t *masks,
                   const uint8_t *corrections, size_t words);

// Pads of n blocks x_i, `width` blocks a pad: block b of pad i is pi(y ^ (index + i, b)) ^ y, where
// y = x_i ^ offset, or pi of that if `twice`.
void ck_ot_pads(const ck_cipher *cipher, bool twice, const uint64_t *offset, const uint64_t *x,
                uint64_t index, size_t n, size_t width, uint64_t *result);

// The lowest `bits` bits, at most 64, of pads of one block, bit-sliced: bit i mod 64 of word i / 64
// of row b is bit b of pad i. Rows of ceil(n / 64) words begin `stride` words apart; the bits from n
// on are zero.
void ck_ot_pad_bits(const ck_cipher *cipher, bool twice, const uint64_t *offset, const uint64_t *x,
                    uint64_t index, size_t n, size_t bits, uint64_t *rows, size_t stride);

// MARK: GF(2^128) = GF(2)[X] / (X^128 + X^7 + X^2 + X + 1), the lowest bit of a block its constant
// term

// Value i is the sum of X^r (block i of row r) over r < count; rows of n blocks, `stride` words apart.
void ck_gf128_polynomials(const uint64_t *rows, size_t count, size_t stride, size_t n,
                          uint64_t *values);

// Horner's rule: `sum` becomes x sum + b for each of n blocks b in turn. Constant in time but for x.
void ck_gf128_hash(const uint64_t *x, const uint64_t *blocks, size_t n, uint64_t *sum);

// The same for the 128 rows of a bit matrix given by columns, 128 columns of one block each a step:
// 128 n blocks, 128 sums. Bit e of a row's block is the row's bit of column e.
void ck_gf128_hash_columns(const uint64_t *x, const uint64_t *blocks, size_t n, uint64_t *sums);

#endif
