// AES-128 in counter mode (FIPS 197; NIST SP 800-38A, 6.5), with the CPU's AES rounds.
#include <string.h>

#include "features.h"

bool ck_aes128_is_available(void) { return ck_has_aesni(); }

#if CK_X86

enum { ROUNDS = 10, BLOCK = 16 };

// MARK: Key schedule (FIPS 197, 5.2)

CK_AESNI static inline __m128i next_key(__m128i key, __m128i assist) {
    // Each word adds the words before it, and the last word of the key rotated and substituted.
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

CK_AESNI void ck_aes128_expand(const uint8_t *key, uint8_t *schedule) {
    __m128i k = _mm_loadu_si128((const __m128i *)key);
    __m128i *out = (__m128i *)schedule;
    _mm_storeu_si128(out, k);
    // The round constant is an immediate operand.
#define ROUND(i, constant)                                    \
    k = next_key(k, _mm_aeskeygenassist_si128(k, constant));  \
    _mm_storeu_si128(out + i, k)
    ROUND(1, 0x01);
    ROUND(2, 0x02);
    ROUND(3, 0x04);
    ROUND(4, 0x08);
    ROUND(5, 0x10);
    ROUND(6, 0x20);
    ROUND(7, 0x40);
    ROUND(8, 0x80);
    ROUND(9, 0x1b);
    ROUND(10, 0x36);
#undef ROUND
}

// MARK: Counter blocks, big-endian numbers of 128 bits

// Each writes, or adds by XOR, the encryptions of `blocks` counters from (high, low) on.

CK_AESNI static void stream_aesni(const uint8_t *schedule, uint64_t high, uint64_t low,
                                  uint8_t *bytes, size_t blocks, bool adds) {
    enum { LANES = 8 };
    const __m128i *key = (const __m128i *)schedule;
    const __m128i reversed = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (size_t done = 0; done < blocks; done += LANES) {
        __m128i x[LANES];
        for (size_t i = 0; i < LANES; i++) {
            uint64_t counter = low + done + i;
            uint64_t carry = counter < low;
            x[i] = _mm_set_epi64x((long long)(high + carry), (long long)counter);
            x[i] = _mm_xor_si128(_mm_shuffle_epi8(x[i], reversed), _mm_loadu_si128(key));
        }
        for (size_t round = 1; round < ROUNDS; round++) {
            __m128i k = _mm_loadu_si128(key + round);
            for (size_t i = 0; i < LANES; i++) x[i] = _mm_aesenc_si128(x[i], k);
        }
        __m128i last = _mm_loadu_si128(key + ROUNDS);
        size_t count = blocks - done < LANES ? blocks - done : LANES;
        for (size_t i = 0; i < LANES; i++) x[i] = _mm_aesenclast_si128(x[i], last);
        for (size_t i = 0; i < count; i++) {
            __m128i *to = (__m128i *)bytes + done + i;
            _mm_storeu_si128(to, adds ? _mm_xor_si128(x[i], _mm_loadu_si128(to)) : x[i]);
        }
    }
}

// Four blocks a register, whole groups of 32 blocks; the low half of the counter does not carry.
CK_VAES static void stream_vaes(const uint8_t *schedule, uint64_t high, uint64_t low,
                                uint8_t *bytes, size_t blocks, bool adds) {
    enum { LANES = 8 };
    const __m512i reversed = _mm512_broadcast_i32x4(
        _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    __m512i key[ROUNDS + 1];
    for (size_t i = 0; i <= ROUNDS; i++)
        key[i] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)schedule + i));
    __m512i counter = _mm512_add_epi64(
        _mm512_broadcast_i32x4(_mm_set_epi64x((long long)high, (long long)low)),
        _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0));
    const __m512i four = _mm512_set_epi64(0, 4, 0, 4, 0, 4, 0, 4);
    for (size_t done = 0; done < blocks; done += 4 * LANES) {
        __m512i x[LANES];
        for (size_t i = 0; i < LANES; i++) {
            x[i] = _mm512_xor_si512(_mm512_shuffle_epi8(counter, reversed), key[0]);
            counter = _mm512_add_epi64(counter, four);
        }
        for (size_t round = 1; round < ROUNDS; round++)
            for (size_t i = 0; i < LANES; i++) x[i] = _mm512_aesenc_epi128(x[i], key[round]);
        for (size_t i = 0; i < LANES; i++) {
            uint8_t *to = bytes + (done + 4 * i) * BLOCK;
            x[i] = _mm512_aesenclast_epi128(x[i], key[ROUNDS]);
            if (adds) x[i] = _mm512_xor_si512(x[i], _mm512_loadu_si512(to));
            _mm512_storeu_si512(to, x[i]);
        }
    }
}

static void stream_blocks(const uint8_t *schedule, uint64_t high, uint64_t low, uint8_t *bytes,
                          size_t blocks, bool adds) {
    if (ck_has_vaes() && low <= UINT64_MAX - blocks) {
        size_t whole = blocks / 32 * 32;
        stream_vaes(schedule, high, low, bytes, whole, adds);
        low += whole;
        bytes += whole * BLOCK;
        blocks -= whole;
    }
    stream_aesni(schedule, high, low, bytes, blocks, adds);
}

// Part of one block: bytes `from` ..< `from + count`.
static void stream_part(const uint8_t *schedule, uint64_t high, uint64_t low, size_t from,
                        uint8_t *bytes, size_t count, bool adds) {
    uint8_t block[BLOCK];
    stream_blocks(schedule, high, low, block, 1, false);
    for (size_t i = 0; i < count; i++) bytes[i] = (adds ? bytes[i] : 0) ^ block[from + i];
}

void ck_aes128_stream(const uint8_t *schedule, uint64_t high, uint64_t low, uint64_t offset,
                      uint8_t *bytes, size_t count, bool adds) {
    uint64_t first = low + offset / BLOCK;
    high += first < low;
    low = first;
    size_t inside = offset % BLOCK;
    if (inside > 0 && count > 0) {
        size_t part = count < BLOCK - inside ? count : BLOCK - inside;
        stream_part(schedule, high, low, inside, bytes, part, adds);
        bytes += part;
        count -= part;
        low += 1;
        high += low == 0;
    }
    size_t blocks = count / BLOCK;
    stream_blocks(schedule, high, low, bytes, blocks, adds);
    if (count % BLOCK > 0) {
        low += blocks;
        high += low < blocks;
        stream_part(schedule, high, low, 0, bytes + blocks * BLOCK, count % BLOCK, adds);
    }
}

#else

// Never called: ck_aes128_is_available said no.
void ck_aes128_expand(const uint8_t *key, uint8_t *schedule) { (void)key, (void)schedule; }

void ck_aes128_stream(const uint8_t *schedule, uint64_t high, uint64_t low, uint64_t offset,
                      uint8_t *bytes, size_t count, bool adds) {
    (void)schedule, (void)high, (void)low, (void)offset, (void)bytes, (void)count, (void)adds;
}

#endif
