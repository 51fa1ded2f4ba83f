// Floats to their PARTS bfloat16 parts, in the layouts that tiles of the matrix unit are loaded from and
// that vectors read as well.

#include "narrow_lines.inc.h"

enum {
  DEPTH = 32,            // values of k that one tile product sums over
  BLOCK = PARTS * LINE,  // one row of a left operand over DEPTH values: its parts, side by side
  TILE = SIDE * LINE,    // one part of a right operand, DEPTH values deep: pairs of k × columns
};

INLINE size_t blocks_of(size_t k) { return (k + DEPTH - 1) / DEPTH; }

static size_t row_length(size_t k) { return blocks_of(k) * BLOCK; }

static size_t columns_length(size_t k, size_t n) {
  return (n + SIDE - 1) / SIDE * blocks_of(k) * PARTS * TILE;
}

INLINE __m512 low_half(__m512i parts) {
  return (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(parts)), 16);
}

INLINE __m512 high_half(__m512i parts) {
  return (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(parts, 1)), 16);
}

/// The parts of up to DEPTH values, `step` floats apart.
INLINE void split_line(const float *x, size_t count, float *to, size_t step) {
  const uint32_t lanes = count >= DEPTH ? ~0u : (1u << count) - 1;
  __m512 low = _mm512_maskz_loadu_ps((__mmask16)lanes, x);
  __m512 high = _mm512_maskz_loadu_ps((__mmask16)(lanes >> 16), x + 16);
  for (size_t part = 0;; ++part) {
    const __m512i rounded = (__m512i)_mm512_cvtne2ps_pbh(high, low);
    _mm512_storeu_si512(to + part * step, rounded);
    if (part + 1 == PARTS) return;
    low = _mm512_sub_ps(low, low_half(rounded));
    high = _mm512_sub_ps(high, high_half(rounded));
  }
}

static void split_rows(size_t m, size_t k, const float *a, size_t lda, float *parts,
                       size_t ldparts) {
  for (size_t row = 0; row < m; ++row, parts += ldparts) {
    for (size_t i = 0; i < k; i += DEPTH) {
      split_line(a + row * lda + i, k - i, parts + i / DEPTH * BLOCK, LINE);
    }
  }
}

/// The bits of bfloat16 numbers, rounded, where they stand in a float; `x` becomes the rest.
INLINE __m512i round_off(__m512 *x) {
  const __m256i rounded = (__m256i)_mm512_cvtneps_pbh(*x);
  const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32(rounded), 16);
  *x = _mm512_sub_ps(*x, (__m512)bits);
  return bits;
}

/// The parts of SIDE columns, of which `count` are there: k rows, `ld` apart.
INLINE void split_column_tile(size_t k, size_t count, const float *b, size_t ld, float *parts) {
  const __mmask16 lanes = (__mmask16)((1u << count) - 1);
  for (size_t start = 0; start < k; start += DEPTH, parts += PARTS * TILE) {
    for (size_t pair = 0; pair < DEPTH / 2; ++pair) {
      const size_t row = start + 2 * pair;
      __m512 even = _mm512_setzero_ps(), odd = even;
      if (row < k) even = _mm512_maskz_loadu_ps(lanes, b + row * ld);
      if (row + 1 < k) odd = _mm512_maskz_loadu_ps(lanes, b + (row + 1) * ld);
      for (size_t part = 0; part < PARTS; ++part) {
        const __m512i low = round_off(&even), high = round_off(&odd);
        _mm512_storeu_si512(parts + part * TILE + pair * LINE,
                            _mm512_or_si512(_mm512_srli_epi32(low, 16), high));
      }
    }
  }
}

/// The same where the columns are stored as rows, `ld` apart.
static void split_turned_tile(size_t k, size_t count, const float *b, size_t ld, float *parts) {
  float lines[PARTS * TILE] __attribute__((aligned(64)));
  memset(lines, 0, sizeof lines);
  for (size_t start = 0; start < k; start += DEPTH, parts += PARTS * TILE) {
    for (size_t column = 0; column < count; ++column) {
      split_line(b + column * ld + start, k - start, lines + column * LINE, TILE);
    }
    // Two neighbours in k stay together: they are one float to this function.
    for (size_t part = 0; part < PARTS; ++part) {
      reel_table_avx512.transpose(SIDE, LINE, lines + part * TILE, LINE, parts + part * TILE, SIDE);
    }
  }
}

static void split_columns(size_t k, size_t n, const float *b, size_t ld, bool transposed,
                          float *parts, size_t ldparts) {
  for (size_t column = 0; column < n; column += SIDE) {
    const size_t count = least(SIDE, n - column);
    if (transposed) {
      split_turned_tile(k, count, b + column * ld, ld, parts);
    } else {
      split_column_tile(k, count, b + column, ld, parts);
    }
    parts += ldparts;
  }
}

static void split_tap_columns(size_t taps, size_t channels, size_t n, const float *source,
                              const int32_t *numbers, size_t tap_step, size_t channel_step,
                              float *parts) {
  for (size_t column = 0; column < n; column += SIDE) {
    for (size_t tap = 0; tap < taps; ++tap) {
      split_column_tile(channels, least(SIDE, n - column),
                        source + (size_t)numbers[tap] * tap_step + column, channel_step, parts);
      parts += columns_length(channels, 1);
    }
  }
}

/// The rows of a convolution that a tap outside of the input reads.
static const float zero_line[REEL_MOST_TAP_CHANNELS / DEPTH * BLOCK];
