// Oblivious transfer extension: sums of the leaves' strings, and the hash that makes pads of rows.
#include <string.h>

#include "features.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    WORDS = 2,           // of a block
    ROUNDS = 10,
    GROUP = 16,          // blocks of a leaf's string that are made at a time
    GROUP_WORDS = GROUP * WORDS,
    TILE = 64,           // blocks that are hashed at a time
};

// Encrypts `count` blocks in place.
typedef void encryption(const ck_cipher *cipher, uint64_t *blocks, size_t count);

static void encrypt_portable(const ck_cipher *cipher, uint64_t *blocks, size_t count) {
    cipher->encrypt(cipher->context, (uint8_t *)blocks, count * WORDS * sizeof(uint64_t));
}

// The strings' counter blocks are big-endian, as in aes.c.
INLINE void counter_blocks(uint64_t first, uint64_t *blocks) {
    for (size_t i = 0; i < GROUP; i++) {
        blocks[WORDS * i] = 0;
        blocks[WORDS * i + 1] = __builtin_bswap64(first + i);
    }
}

// MARK: Sums of strings

// One group of columns of `strings`, by any cipher.
INLINE void sum_group(encryption *encrypt, const ck_cipher *leaves, size_t depth, uint64_t counter,
                      uint64_t *sum, uint64_t *rows, size_t stride) {
    uint64_t string[GROUP_WORDS];
    for (size_t j = 0; j < depth; j++) memset(rows + j * stride, 0, sizeof string);
    if (sum) memset(sum, 0, sizeof string);
    for (size_t x = sum ? 0 : 1; x < (size_t)1 << depth; x++) {
        counter_blocks(counter, string);
        encrypt(leaves + x, string, GROUP);
        for (size_t w = 0; sum && w < GROUP_WORDS; w++) sum[w] ^= string[w];
        for (size_t j = 0; j < depth; j++)
            for (size_t w = 0; x >> j & 1 && w < GROUP_WORDS; w++)
                rows[j * stride + w] ^= string[w];
    }
}

#if CK_X86

CK_AESNI static void encrypt_aesni(const ck_cipher *cipher, uint64_t *blocks, size_t count) {
    enum { LANES = 8 };
    const __m128i *key = (const __m128i *)cipher->schedule;
    __m128i *block = (__m128i *)blocks;
    for (size_t done = 0; done < count; done += LANES) {
        size_t n = count - done < LANES ? count - done : LANES;
        __m128i x[LANES];
        for (size_t i = 0; i < LANES; i++)
            x[i] = i < n ? _mm_loadu_si128(block + done + i) : _mm_setzero_si128();
        __m128i k = _mm_loadu_si128(key);
        for (size_t i = 0; i < LANES; i++) x[i] = _mm_xor_si128(x[i], k);
        for (size_t round = 1; round < ROUNDS; round++) {
            k = _mm_loadu_si128(key + round);
            for (size_t i = 0; i < LANES; i++) x[i] = _mm_aesenc_si128(x[i], k);
        }
        k = _mm_loadu_si128(key + ROUNDS);
        for (size_t i = 0; i < LANES; i++) x[i] = _mm_aesenclast_si128(x[i], k);
        for (size_t i = 0; i < n; i++) _mm_storeu_si128(block + done + i, x[i]);
    }
}

CK_VAES INLINE __m512i round_key(const ck_cipher *cipher, size_t round) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)cipher->schedule + round));
}

// As sum_group, in registers: each leaf's string is made once and added where it belongs.
CK_VAES INLINE void sum_group_vaes(const ck_cipher *leaves, size_t depth, bool sums,
                                   uint64_t counter, uint64_t *sum, uint64_t *rows,
                                   size_t stride) {
    enum { LANES = 4, WIDTH = 8 };
    uint64_t start[GROUP_WORDS];
    counter_blocks(counter, start);
    __m512i count[LANES], total[LANES], row[4][LANES];
    for (size_t i = 0; i < LANES; i++) {
        count[i] = _mm512_loadu_si512(start + WIDTH * i);
        total[i] = _mm512_setzero_si512();
        for (size_t j = 0; j < depth; j++) row[j][i] = _mm512_setzero_si512();
    }
#pragma clang loop unroll(full)
    for (size_t x = sums ? 0 : 1; x < (size_t)1 << depth; x++) {
        __m512i r[LANES], key = round_key(leaves + x, 0);
        for (size_t i = 0; i < LANES; i++) r[i] = _mm512_xor_si512(count[i], key);
        for (size_t round = 1; round < ROUNDS; round++) {
            key = round_key(leaves + x, round);
            for (size_t i = 0; i < LANES; i++) r[i] = _mm512_aesenc_epi128(r[i], key);
        }
        key = round_key(leaves + x, ROUNDS);
        for (size_t i = 0; i < LANES; i++) {
            r[i] = _mm512_aesenclast_epi128(r[i], key);
            if (sums) total[i] = _mm512_xor_si512(total[i], r[i]);
            for (size_t j = 0; j < depth; j++)
                if (x >> j & 1) row[j][i] = _mm512_xor_si512(row[j][i], r[i]);
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        if (sums) _mm512_storeu_si512(sum + WIDTH * i, total[i]);
        for (size_t j = 0; j < depth; j++)
            _mm512_storeu_si512(rows + j * stride + WIDTH * i, row[j][i]);
    }
}

CK_VAES static void sum_vaes(const ck_cipher *leaves, size_t depth, uint64_t counter,
                             size_t groups, uint64_t *sum, uint64_t *rows, size_t stride) {
    for (size_t g = 0; g < groups; g++, counter += GROUP, rows += GROUP_WORDS) {
        uint64_t *to = sum ? sum + g * GROUP_WORDS : NULL;
        // The depth as a constant: the loops over leaves and rows disappear.
        if (depth == 2 && sum) sum_group_vaes(leaves, 2, true, counter, to, rows, stride);
        if (depth == 2 && !sum) sum_group_vaes(leaves, 2, false, counter, to, rows, stride);
        if (depth == 4 && sum) sum_group_vaes(leaves, 4, true, counter, to, rows, stride);
        if (depth == 4 && !sum) sum_group_vaes(leaves, 4, false, counter, to, rows, stride);
    }
}

#endif

#if CK_X86
static bool has_vaes(const ck_cipher *cipher) { return cipher->schedule && ck_has_vaes(); }
#endif

static encryption *encryption_of(const ck_cipher *cipher) {
#if CK_X86
    if (cipher->schedule) return encrypt_aesni;
#endif
    return encrypt_portable;
}

void ck_ot_sum_leaves(const ck_cipher *leaves, size_t depth, uint64_t counter, size_t groups,
                      uint64_t *sum, uint64_t *rows, size_t stride) {
#if CK_X86
    if (has_vaes(leaves) && (depth == 2 || depth == 4)) {
        sum_vaes(leaves, depth, counter, groups, sum, rows, stride);
        return;
    }
#endif
    encryption *encrypt = encryption_of(leaves);
    for (size_t g = 0; g < groups; g++)
        sum_group(encrypt, leaves, depth, counter + g * GROUP, sum ? sum + g * GROUP_WORDS : NULL,
                  rows + g * GROUP_WORDS, stride);
}

void ck_ot_correct(uint64_t *rows, size_t stride, size_t depth, const uint64_t *masks,
                   const uint8_t *corrections, size_t words) {
    for (size_t j = 0; j < depth; j++)
        for (size_t w = 0; w < words; w++) {
            uint64_t c;
            memcpy(&c, corrections + w * sizeof c, sizeof c);
            rows[j * stride + w] ^= c & masks[j];
        }
}

// MARK: Pads

typedef struct {
    const ck_cipher *cipher;
    bool twice;
    uint64_t offset[WORDS];
} hash_key;

// y = x + offset, permuted first where the hash permutes twice: what every block of a pad begins
// with.
static void begin_tile(encryption *encrypt, const hash_key *key, const uint64_t *x, size_t count,
                       uint64_t *y) {
    for (size_t i = 0; i < count; i++) {
        y[WORDS * i] = x[WORDS * i] ^ key->offset[0];
        y[WORDS * i + 1] = x[WORDS * i + 1] ^ key->offset[1];
    }
    if (key->twice) encrypt(key->cipher, y, count);
}

// z = permutation(y + tweak) + y, where the tweak of block i is (block, index + i).
static void end_tile(encryption *encrypt, const hash_key *key, const uint64_t *y, size_t count,
                     uint64_t index, uint64_t block, uint64_t *z) {
    for (size_t i = 0; i < count; i++) {
        z[WORDS * i] = y[WORDS * i] ^ (index + i);
        z[WORDS * i + 1] = y[WORDS * i + 1] ^ block;
    }
    encrypt(key->cipher, z, count);
    for (size_t i = 0; i < WORDS * count; i++) z[i] ^= y[i];
}

// Block `block` of `count` pads of `width` blocks.
static void place_blocks(const uint64_t *z, size_t count, size_t width, size_t block,
                         uint64_t *pads) {
    for (size_t i = 0; i < count; i++)
        memcpy(pads + (i * width + block) * WORDS, z + i * WORDS, WORDS * sizeof *z);
}

static void pads_any(const hash_key *key, const uint64_t *x, uint64_t index, size_t count,
                     size_t width, uint64_t *result) {
    encryption *encrypt = encryption_of(key->cipher);
    uint64_t y[TILE * WORDS], z[TILE * WORDS];
    for (size_t done = 0; done < count; done += TILE) {
        size_t n = count - done < TILE ? count - done : TILE;
        begin_tile(encrypt, key, x + done * WORDS, n, y);
        for (size_t block = 0; block < width; block++) {
            end_tile(encrypt, key, y, n, index + done, block, z);
            place_blocks(z, n, width, block, result + done * width * WORDS);
        }
    }
}

static void pad_bits_any(const hash_key *key, const uint64_t *x, uint64_t index, size_t count,
                         size_t bits, uint64_t *rows, size_t stride) {
    encryption *encrypt = encryption_of(key->cipher);
    uint64_t y[TILE * WORDS], z[TILE * WORDS];
    for (size_t done = 0; done < count; done += TILE) {
        size_t n = count - done < TILE ? count - done : TILE;
        begin_tile(encrypt, key, x + done * WORDS, n, y);
        end_tile(encrypt, key, y, n, index + done, 0, z);
        for (size_t b = 0; b < bits; b++) {
            uint64_t slice = 0;
            for (size_t i = 0; i < n; i++) slice |= (z[WORDS * i] >> b & 1) << i;
            rows[b * stride + done / TILE] = slice;
        }
    }
}

#if CK_X86

// In registers, half a tile at a time: neither y nor z goes through memory.
enum { HALF = TILE / 2, HALF_WORDS = HALF * WORDS, LANES = HALF_WORDS / 8 };

typedef struct {
    __m512i round[ROUNDS + 1], offset;
    bool twice;
} registers;

CK_VAES INLINE registers load_key(const hash_key *key) {
    registers r = {.twice = key->twice};
    for (size_t i = 0; i <= ROUNDS; i++) r.round[i] = round_key(key->cipher, i);
    r.offset = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)key->offset));
    return r;
}

CK_VAES INLINE void encrypt_half(const registers *key, __m512i *x) {
    for (size_t i = 0; i < LANES; i++) x[i] = _mm512_xor_si512(x[i], key->round[0]);
    for (size_t round = 1; round < ROUNDS; round++)
        for (size_t i = 0; i < LANES; i++) x[i] = _mm512_aesenc_epi128(x[i], key->round[round]);
    for (size_t i = 0; i < LANES; i++) x[i] = _mm512_aesenclast_epi128(x[i], key->round[ROUNDS]);
}

// As begin_tile; blocks beyond `count` are zero.
CK_VAES INLINE void begin_half(const registers *key, const uint64_t *x, size_t count, __m512i *y) {
    uint64_t rest[HALF_WORDS];
    if (count < HALF) {
        memset(rest, 0, sizeof rest);
        memcpy(rest, x, count * WORDS * sizeof *x);
        x = rest;
    }
    for (size_t i = 0; i < LANES; i++)
        y[i] = _mm512_xor_si512(_mm512_loadu_si512(x + 8 * i), key->offset);
    if (key->twice) encrypt_half(key, y);
}

// As end_tile.
CK_VAES INLINE void end_half(const registers *key, const __m512i *y, uint64_t index, uint64_t block,
                             __m512i *z) {
    __m512i tweak = _mm512_add_epi64(
        _mm512_broadcast_i32x4(_mm_set_epi64x((long long)block, (long long)index)),
        _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0));
    const __m512i four = _mm512_set_epi64(0, 4, 0, 4, 0, 4, 0, 4);
    for (size_t i = 0; i < LANES; i++) {
        z[i] = _mm512_xor_si512(y[i], tweak);
        tweak = _mm512_add_epi64(tweak, four);
    }
    encrypt_half(key, z);
    for (size_t i = 0; i < LANES; i++) z[i] = _mm512_xor_si512(z[i], y[i]);
}

CK_VAES static void pads_vaes(const hash_key *hash, const uint64_t *x, uint64_t index, size_t count,
                              size_t width, uint64_t *result) {
    registers key = load_key(hash);
    for (size_t done = 0; done < count; done += HALF) {
        size_t n = count - done < HALF ? count - done : HALF;
        uint64_t *to = result + done * width * WORDS, blocks[HALF_WORDS];
        bool direct = width == 1 && n == HALF;
        __m512i y[LANES], z[LANES];
        begin_half(&key, x + done * WORDS, n, y);
        for (size_t block = 0; block < width; block++) {
            end_half(&key, y, index + done, block, z);
            uint64_t *place = direct ? to : blocks;
            for (size_t i = 0; i < LANES; i++) _mm512_storeu_si512(place + 8 * i, z[i]);
            if (!direct) place_blocks(blocks, n, width, block, to);
        }
    }
}

// The first words of two halves, and their bits by tests.
CK_VAES static void pad_bits_vaes(const hash_key *hash, const uint64_t *x, uint64_t index,
                                  size_t count, size_t bits, uint64_t *rows, size_t stride) {
    registers key = load_key(hash);
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    for (size_t done = 0; done < count; done += TILE) {
        size_t n = count - done < TILE ? count - done : TILE;
        __m512i words[LANES];
        for (size_t half = 0; half < 2; half++) {
            size_t from = half * HALF, m = n < from ? 0 : n - from < HALF ? n - from : HALF;
            __m512i y[LANES], z[LANES];
            begin_half(&key, x + (m > 0 ? done + from : 0) * WORDS, m, y);
            end_half(&key, y, index + done + from, 0, z);
            for (size_t i = 0; i < LANES / 2; i++)
                words[half * LANES / 2 + i] =
                    _mm512_permutex2var_epi64(z[2 * i], even, z[2 * i + 1]);
        }
        uint64_t valid = n < TILE ? ((uint64_t)1 << n) - 1 : ~(uint64_t)0;
        for (size_t b = 0; b < bits; b++) {
            const __m512i bit = _mm512_set1_epi64((long long)((uint64_t)1 << b));
            uint64_t slice = 0;
            for (size_t i = 0; i < LANES; i++)
                slice |= (uint64_t)_mm512_test_epi64_mask(words[i], bit) << 8 * i;
            rows[b * stride + done / TILE] = slice & valid;
        }
    }
}

#endif

void ck_ot_pads(const ck_cipher *cipher, bool twice, const uint64_t *offset, const uint64_t *x,
                uint64_t index, size_t count, size_t width, uint64_t *result) {
    hash_key key = {cipher, twice, {offset[0], offset[1]}};
#if CK_X86
    if (has_vaes(cipher)) {
        pads_vaes(&key, x, index, count, width, result);
        return;
    }
#endif
    pads_any(&key, x, index, count, width, result);
}

void ck_ot_pad_bits(const ck_cipher *cipher, bool twice, const uint64_t *offset, const uint64_t *x,
                    uint64_t index, size_t count, size_t bits, uint64_t *rows, size_t stride) {
    hash_key key = {cipher, twice, {offset[0], offset[1]}};
#if CK_X86
    if (has_vaes(cipher)) {
        pad_bits_vaes(&key, x, index, count, bits, rows, stride);
        return;
    }
#endif
    pad_bits_any(&key, x, index, count, bits, rows, stride);
}
