// Tables of 1-of-16 oblivious transfers, bit-sliced: 64 transfers a word. Each value v of four bits
// has two rows; row 2v is a comparison, row 2v + 1 the equality.
#include "features.h"

#define INLINE static inline __attribute__((always_inline))

// What stands beside 64 transfers at once.
typedef struct {
    uint64_t rows[32];
} leaf;

// Exchanges the pads of v and v ^ 2^i in the lanes where bit i of `places` is set, so that the pad of
// v becomes that of v ^ places.
INLINE void move_pads(leaf *pads, const uint64_t *places, size_t stride) {
    for (unsigned i = 0; i < 4; i++) {
        uint64_t mask = places[i * stride];
        for (unsigned v = 0; v < 16; v++) {
            if (v >> i & 1) continue;
            for (unsigned m = 0; m < 2; m++) {
                unsigned low = 2 * v + m, high = 2 * (v | 1u << i) + m;
                uint64_t both = mask & (pads->rows[low] ^ pads->rows[high]);
                pads->rows[low] ^= both;
                pads->rows[high] ^= both;
            }
        }
    }
}

INLINE void leaf_table_body(const uint64_t *pads, const uint64_t *places, const uint64_t *own,
                            bool less, uint64_t *restrict table, uint64_t *restrict share,
                            size_t n) {
    for (size_t w = 0; w < n; w++) {
        leaf l;
        for (unsigned r = 0; r < 32; r++) l.rows[r] = pads[r * n + w];
        move_pads(&l, places + w, n);

        // Whether the own value is v; at most one is set.
        uint64_t is[16];
        uint64_t x0 = own[w], x1 = own[n + w], x2 = own[2 * n + w], x3 = own[3 * n + w];
        uint64_t low[4] = {~x1 & ~x0, ~x1 & x0, x1 & ~x0, x1 & x0};
        uint64_t high[4] = {~x3 & ~x2, ~x3 & x2, x3 & ~x2, x3 & x2};
        for (unsigned v = 0; v < 16; v++) is[v] = high[v >> 2] & low[v & 3];
        // Whether it is less than v, or greater.
        uint64_t order[16];
        if (less) {
            order[0] = 0;
            for (unsigned v = 1; v < 16; v++) order[v] = order[v - 1] | is[v - 1];
        } else {
            order[15] = 0;
            for (unsigned v = 15; v > 0; v--) order[v - 1] = order[v] | is[v];
        }
        // The share makes the messages of value 0 zero.
        uint64_t share0 = l.rows[0] ^ order[0], share1 = l.rows[1] ^ is[0];
        share[w] = share0;
        share[n + w] = share1;
        for (unsigned v = 1; v < 16; v++) {
            table[(2 * v - 2) * n + w] = l.rows[2 * v] ^ order[v] ^ share0;
            table[(2 * v - 1) * n + w] = l.rows[2 * v + 1] ^ is[v] ^ share1;
        }
    }
}
INLINE void leaf_choose_body(const uint64_t *table, const uint64_t *own, const uint64_t *pad,
                             uint64_t *restrict share, size_t n) {
    for (size_t w = 0; w < n; w++) {
        for (unsigned m = 0; m < 2; m++) {
            uint64_t message[16];
            message[0] = 0;
            for (unsigned v = 1; v < 16; v++) message[v] = table[(2 * v - 2 + m) * n + w];
            for (unsigned i = 0, left = 8; i < 4; i++, left /= 2) {
                uint64_t bit = own[i * n + w];
                for (unsigned v = 0; v < left; v++) {
                    message[v] = message[2 * v] ^ (bit & (message[2 * v] ^ message[2 * v + 1]));
                }
            }
            share[m * n + w] = message[0] ^ pad[m * n + w];
        }
    }
}

#if CK_X86
CK_AVX512 static void leaf_table_avx512(const uint64_t *pads, const uint64_t *places,
                                        const uint64_t *own, bool less, uint64_t *table,
                                        uint64_t *share, size_t n) {
    leaf_table_body(pads, places, own, less, table, share, n);
}
CK_AVX512 static void leaf_choose_avx512(const uint64_t *table, const uint64_t *own,
                                         const uint64_t *pad, uint64_t *share, size_t n) {
    leaf_choose_body(table, own, pad, share, n);
}
#endif

void ck_leaf_table(const uint64_t *pads, const uint64_t *places, const uint64_t *own, bool less,
                   uint64_t *table, uint64_t *share, size_t n) {
#if CK_X86
    if (ck_has_avx512()) {
        leaf_table_avx512(pads, places, own, less, table, share, n);
        return;
    }
#endif
    leaf_table_body(pads, places, own, less, table, share, n);
}

void ck_leaf_choose(const uint64_t *table, const uint64_t *own, const uint64_t *pad,
                    uint64_t *share, size_t n) {
#if CK_X86
    if (ck_has_avx512()) {
        leaf_choose_avx512(table, own, pad, share, n);
        return;
    }
#endif
    leaf_choose_body(table, own, pad, share, n);
}
