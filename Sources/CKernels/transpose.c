// Transposes of bit matrices, tile by tile.
//
// A bit-sliced matrix has rows a power of two apart, so that words of one column share a set of the
// cache: on that side a tile takes a whole cache line, 8 words, of each of 64 rows.
#include <string.h>

#include "features.h"

enum { WORD = 64, LINE = 8, TILE = WORD * LINE };

// A tile: up to 512 x 64 bits to 64 x 512 (tall), or 64 x 512 to 512 x 64 (wide).
typedef void tile(const uint64_t *source, size_t source_stride, size_t rows, size_t columns,
                  uint64_t *target, size_t target_stride);

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

// MARK: Any CPU

// The halves of the square swap across the diagonal, then the quarters within each half, down to
// single bits (Hacker's Delight, 7-3).
static void transpose_square(uint64_t w[WORD]) {
    uint64_t mask = 0x00000000ffffffff;
    for (size_t distance = 32; distance > 0; distance >>= 1, mask ^= mask << distance) {
        for (size_t base = 0; base < WORD; base += 2 * distance) {
            for (size_t low = base; low < base + distance; low++) {
                uint64_t difference = (w[low] >> distance ^ w[low + distance]) & mask;
                w[low] ^= difference << distance;
                w[low + distance] ^= difference;
            }
        }
    }
}

static void tall_portable(const uint64_t *source, size_t source_stride, size_t rows,
                          size_t columns, uint64_t *target, size_t target_stride) {
    uint64_t squares[LINE][WORD] = {{0}};
    size_t words = (rows + WORD - 1) / WORD;
    for (size_t i = 0; i < rows; i++) squares[i / WORD][i % WORD] = source[i * source_stride];
    for (size_t g = 0; g < words; g++) transpose_square(squares[g]);
    for (size_t j = 0; j < columns; j++)
        for (size_t g = 0; g < words; g++) target[j * target_stride + g] = squares[g][j];
}

static void wide_portable(const uint64_t *source, size_t source_stride, size_t rows,
                          size_t columns, uint64_t *target, size_t target_stride) {
    uint64_t squares[LINE][WORD] = {{0}};
    size_t words = (columns + WORD - 1) / WORD;
    for (size_t i = 0; i < rows; i++)
        for (size_t g = 0; g < words; g++) squares[g][i] = source[i * source_stride + g];
    for (size_t g = 0; g < words; g++) transpose_square(squares[g]);
    for (size_t j = 0; j < columns; j++) target[j * target_stride] = squares[j / WORD][j % WORD];
}

// MARK: AVX-512 with GFNI

#if CK_X86

// Words as an 8 x 8 square: word j of row i becomes word i of row j.
CK_GFNI static inline void transpose_words(__m512i r[8]) {
    __m512i s[8], t[8];
    for (int i = 0; i < 8; i += 2) {
        s[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);
    }
    // Pairs of words now move as one: lanes 0, 2 and 1, 3 of two rows at distance 2, then 4.
    for (int i = 0; i < 8; i += 4) {
        for (int k = 0; k < 2; k++) {
            t[i + k] = _mm512_shuffle_i64x2(s[i + k], s[i + k + 2], 0x88);
            t[i + k + 2] = _mm512_shuffle_i64x2(s[i + k], s[i + k + 2], 0xdd);
        }
    }
    for (int k = 0; k < 2; k++) {
        r[0 + k] = _mm512_shuffle_i64x2(t[0 + k], t[4 + k], 0x88);
        r[4 + k] = _mm512_shuffle_i64x2(t[0 + k], t[4 + k], 0xdd);
        r[2 + k] = _mm512_shuffle_i64x2(t[2 + k], t[6 + k], 0x88);
        r[6 + k] = _mm512_shuffle_i64x2(t[2 + k], t[6 + k], 0xdd);
    }
}

// The bytes of 8 words as an 8 x 8 square, transposed; `column` says in which order its words are.
CK_GFNI static inline __m512i transpose_bytes(__m512i x, long long column) {
    const __m512i row = _mm512_set_epi64(
        0x0707070707070707, 0x0606060606060606, 0x0505050505050505, 0x0404040404040404,
        0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    return _mm512_permutexvar_epi8(_mm512_add_epi8(_mm512_set1_epi64(column), row), x);
}

// 64 words, 8 a register: bit j of word i becomes bit i of word j.
//
// In two parts, as tiles have other work between them. First the bits within 8 x 8 squares: the
// affine transformation by a matrix, whose rows are the bytes from the last to the first, takes the
// unit vectors to the matrix's columns.
CK_GFNI static inline __m512i transpose_within(__m512i x) {
    const __m512i unit = _mm512_set1_epi64((long long)0x8040201008040201);
    return _mm512_gf2p8affine_epi64_epi8(unit, transpose_bytes(x, 0x0008101820283038), 0);
}

// Then the squares among each other.
CK_GFNI static inline void transpose_across(__m512i r[8]) {
    transpose_words(r);
    for (int c = 0; c < 8; c++) r[c] = transpose_bytes(r[c], 0x3830282018100800);
}

// 8 words, `stride` apart.
CK_GFNI static inline __m512i load_strided(const uint64_t *source, size_t stride) {
    if (stride == 1) return _mm512_loadu_si512(source);
    if (stride == 2) {
        const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
        // The last word of the two registers may lie beyond the source.
        __m512i low = _mm512_loadu_si512(source);
        __m512i high = _mm512_maskz_loadu_epi64(0x7f, source + 8);
        return _mm512_permutex2var_epi64(low, even, high);
    }
    return _mm512_set_epi64(
        (long long)source[7 * stride], (long long)source[6 * stride],
        (long long)source[5 * stride], (long long)source[4 * stride],
        (long long)source[3 * stride], (long long)source[2 * stride], (long long)source[stride],
        (long long)source[0]);
}

CK_GFNI static inline void store_strided(uint64_t *target, size_t stride, __m512i x) {
    if (stride == 1) {
        _mm512_storeu_si512(target, x);
        return;
    }
    uint64_t words[8];
    _mm512_storeu_si512(words, x);
    for (size_t i = 0; i < 8; i++) target[i * stride] = words[i];
}

CK_GFNI static void tall_gfni(const uint64_t *source, size_t source_stride, size_t rows,
                              size_t columns, uint64_t *target, size_t target_stride) {
    __m512i squares[8][8];  // [8 columns][64 rows]
    uint64_t last[WORD] = {0};
    size_t words = (rows + WORD - 1) / WORD;
    for (size_t g = 0; g < LINE; g++) {
        __m512i r[8];
        if (rows >= (g + 1) * WORD) {
            const uint64_t *from = source + g * WORD * source_stride;
            for (size_t a = 0; a < 8; a++)
                r[a] = load_strided(from + a * 8 * source_stride, source_stride);
        } else {
            for (size_t i = g * WORD; i < rows; i++) last[i % WORD] = source[i * source_stride];
            for (size_t a = 0; a < 8; a++) r[a] = _mm512_loadu_si512(last + 8 * a);
            memset(last, 0, sizeof last);
        }
        for (size_t a = 0; a < 8; a++) r[a] = transpose_within(r[a]);
        transpose_across(r);
        for (size_t c = 0; c < 8; c++) squares[c][g] = r[c];
    }
    __mmask8 kept = (__mmask8)((1u << words) - 1);
    for (size_t c = 0; c < (columns + 7) / 8; c++) {
        transpose_words(squares[c]);
        for (size_t k = 0; k < least(8, columns - 8 * c); k++)
            _mm512_mask_storeu_epi64(target + (8 * c + k) * target_stride, kept, squares[c][k]);
    }
}

CK_GFNI static void wide_gfni(const uint64_t *source, size_t source_stride, size_t rows,
                              size_t columns, uint64_t *target, size_t target_stride) {
    __m512i squares[8][8];  // [64 columns][8 rows]
    size_t words = (columns + WORD - 1) / WORD;
    __mmask8 taken = (__mmask8)((1u << words) - 1);
    for (size_t a = 0; a < 8; a++) {
        __m512i r[8];
        for (size_t b = 0; b < 8; b++) {
            size_t i = 8 * a + b;
            r[b] = i < rows ? _mm512_maskz_loadu_epi64(taken, source + i * source_stride)
                            : _mm512_setzero_si512();
        }
        transpose_words(r);
        for (size_t g = 0; g < LINE; g++) squares[g][a] = transpose_within(r[g]);
    }
    for (size_t g = 0; g < words; g++) {
        transpose_across(squares[g]);
        uint64_t *to = target + g * WORD * target_stride;
        size_t count = least(WORD, columns - g * WORD);
        for (size_t c = 0; c < count / 8; c++)
            store_strided(to + 8 * c * target_stride, target_stride, squares[g][c]);
        if (count % 8 != 0) {
            uint64_t rest[8];
            _mm512_storeu_si512(rest, squares[g][count / 8]);
            for (size_t j = 0; j < count % 8; j++)
                to[(count / 8 * 8 + j) * target_stride] = rest[j];
        }
    }
}

#endif

// MARK: All tiles

// Several tiles side by side, through memory in which rows are near each other: rows of a bit-sliced
// matrix come and go in pieces of WIDTH words.
enum { WIDTH = 4 * LINE };

static void tall_tiles(tile *tall, const uint64_t *source, size_t source_stride, size_t rows,
                       size_t columns, uint64_t *target, size_t target_stride) {
    uint64_t near[WORD][WIDTH];
    for (size_t i = 0; i < rows; i += TILE)
        tall(source + i * source_stride, source_stride, least(TILE, rows - i), columns,
             near[0] + i / WORD, WIDTH);
    size_t words = (rows + WORD - 1) / WORD;
    for (size_t j = 0; j < columns; j++)
        memcpy(target + j * target_stride, near[j], words * sizeof(uint64_t));
}

static void wide_tiles(tile *wide, const uint64_t *source, size_t source_stride, size_t rows,
                       size_t columns, uint64_t *target, size_t target_stride) {
    uint64_t near[WORD][WIDTH];
    size_t words = (columns + WORD - 1) / WORD;
    for (size_t i = 0; i < rows; i++)
        memcpy(near[i], source + i * source_stride, words * sizeof(uint64_t));
    for (size_t j = 0; j < columns; j += TILE)
        wide(near[0] + j / WORD, WIDTH, rows, least(TILE, columns - j),
             target + j * target_stride, target_stride);
}

void ck_transpose_bits(const uint64_t *source, size_t source_stride, size_t rows, size_t columns,
                       uint64_t *target, size_t target_stride) {
    tile *tall = tall_portable, *wide = wide_portable;
#if CK_X86
    if (ck_has_gfni()) {
        tall = tall_gfni;
        wide = wide_gfni;
    }
#endif
    if (rows >= columns) {
        for (size_t i = 0; i < rows; i += WIDTH * WORD)
            for (size_t j = 0; j < columns; j += WORD)
                tall_tiles(tall, source + i * source_stride + j / WORD, source_stride,
                           least(WIDTH * WORD, rows - i), least(WORD, columns - j),
                           target + j * target_stride + i / WORD, target_stride);
    } else {
        for (size_t j = 0; j < columns; j += WIDTH * WORD)
            for (size_t i = 0; i < rows; i += WORD)
                wide_tiles(wide, source + i * source_stride + j / WORD, source_stride,
                           least(WORD, rows - i), least(WIDTH * WORD, columns - j),
                           target + j * target_stride + i / WORD, target_stride);
    }
}
