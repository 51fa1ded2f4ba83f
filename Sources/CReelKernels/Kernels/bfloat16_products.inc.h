// C = A·B of operands in one bfloat16 part, on vectors: an instruction adds to each float the product of
// a pair of bfloat16 numbers with another pair (AVX512-BF16), so that a vector does twice what it does
// with floats.
//
// The register tile is that of multiply_packed.inc.h with pairs in the place of floats: rows of A ×
// vectors of SIDE columns of B, which lie one behind the other over the whole of k. Every element of C
// is one chain in ascending k, begun from the bias, from C, from rows elsewhere or from 0 and interrupted
// only by storing to C: a row depends neither on the other rows nor on their number.

#include "register_tiles.inc.h"

enum {
  PAIRS = 128,  // of k that all tiles of rows pass before the next ones: three vectors of columns are
                // 24 KB, which stay in the first-level cache
};

/// Where the sums of a tile begin and end: `last` columns of the last vector are there.
typedef struct {
  float *c;
  size_t ldc, last, column;
  // The sums begin from row r of C where `resume`, else from begin[r], else from the bias, else from 0.
  const float *bias, *const *begin;
  bool resume;
} tile_sums;

/// The sums of a tile at C's element (row, column), of n columns.
INLINE tile_sums sums_at(size_t row, size_t column, size_t vectors, size_t n, const float *bias,
                         const float *const *begin, float *c, size_t ldc, bool resume) {
  return (tile_sums){.c = c + row * ldc + column,
                     .ldc = ldc,
                     .last = least(SIDE, n - column - (vectors - 1) * SIDE),
                     .column = column,
                     .begin = begin ? begin + row : NULL,
                     .bias = bias ? bias + column : NULL,
                     .resume = resume};
}

/// `rows` × `vectors` (constants once inlined) over `taps` taps of `pairs` pairs of k, which lie `tap`
/// floats apart in B: row r of tap t is at left[t * TILE_ROWS + r]. With each pair a line of every vector
/// is asked for at `ahead`, which moves by `step` floats.
INLINE void tile(const size_t rows, const size_t vectors, size_t taps, size_t pairs,
                 const float *const *left, right_columns b, size_t tap, const tile_sums *sums,
                 const float *ahead, size_t step) {
  const tile_sums s = *sums;
  const __mmask16 lanes = (__mmask16)((1u << s.last) - 1);
  __m512 total[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t r = 0; r < rows; ++r) {
    const float *from = s.resume ? s.c + r * s.ldc : s.begin ? s.begin[r] + s.column : s.bias;
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      const __mmask16 here = v + 1 < vectors ? (__mmask16)0xFFFF : lanes;
      total[r][v] = from ? _mm512_maskz_loadu_ps(here, from + v * SIDE) : _mm512_setzero_ps();
    }
  }
  for (size_t t = 0; t < taps; ++t, left += TILE_ROWS) {
    const float *base[TILE_ROWS], *columns[TILE_VECTORS];
    UNROLL for (size_t r = 0; r < rows; ++r) base[r] = left[r];
    UNROLL for (size_t v = 0; v < vectors; ++v) columns[v] = b.start + t * tap + v * b.stride;
    for (size_t i = 0; i < pairs; ++i) {
      __m512bh right[TILE_VECTORS];
      UNROLL for (size_t v = 0; v < vectors; ++v) {
        right[v] = (__m512bh)_mm512_loadu_ps(columns[v] + i * LINE);
        __builtin_prefetch(ahead + v * b.stride);
      }
      ahead += step;
      UNROLL for (size_t r = 0; r < rows; ++r) {
        const __m512bh value = (__m512bh)_mm512_set1_ps(base[r][i]);
        UNROLL for (size_t v = 0; v < vectors; ++v) {
          total[r][v] = _mm512_dpbf16_ps(total[r][v], value, right[v]);
        }
      }
    }
  }
  UNROLL for (size_t r = 0; r < rows; ++r) {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      const __mmask16 here = v + 1 < vectors ? (__mmask16)0xFFFF : lanes;
      _mm512_mask_storeu_ps(s.c + r * s.ldc + v * SIDE, here, total[r][v]);
    }
  }
}

typedef void tile_function(size_t taps, size_t pairs, const float *const *left, right_columns b,
                           size_t tap, const tile_sums *sums, const float *ahead, size_t step);

#define REEL_TILE(ROWS, VECTORS)                                                                  \
  static void tile_##ROWS##x##VECTORS(size_t taps, size_t pairs, const float *const *left,        \
                                      right_columns b, size_t tap, const tile_sums *sums,         \
                                      const float *ahead, size_t step) {                          \
    tile(ROWS, VECTORS, taps, pairs, left, b, tap, sums, ahead, step);                            \
  }

REEL_FOR_EACH_TILE(REEL_TILE)

static tile_function *const tiles[TILE_ROWS][TILE_VECTORS] = REEL_TABLE_OF_TILES(tile);

INLINE size_t pairs_of(size_t k) { return (k + 1) / 2; }

/// Asks for what the next tiles of some rows begin from.
INLINE void ask_for_rows(size_t rows, const float *const *begin, size_t column, size_t n) {
  const size_t end = least(n, column + TILE_VECTORS * SIDE);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = column; j < end; j += SIDE) __builtin_prefetch(begin[r] + j);
  }
}

/// Up to ROW_STRETCH rows past all columns.
static void multiply_rows(size_t m, size_t n, size_t k, const float *left, const float *right,
                          const float *bias, const float *const *begin, float *c, size_t ldc,
                          bool accumulate) {
  const size_t length = row_length(k), width = columns_length(k, 1);
  const size_t all = pairs_of(k);
  const row_tiles t = tiles_of(m);
  const size_t stretch = t.count > 1 ? PAIRS : all;
  const size_t step = LINE / t.count;
  for (size_t column = 0, vectors; column < n; column += vectors * SIDE) {
    vectors = next_vectors(n - column);
    const float *b = right + column / SIDE * width;
    size_t start = 0;
    do {
      const size_t pairs = least(stretch, all - start);
      const float *here = b + start * LINE;
      // What comes after this stretch: further down, or the next columns.
      const float *coming = start + pairs < all ? here + pairs * LINE : b + vectors * width;
      for (size_t i = 0, row = 0, rows; i < t.count; ++i, row += rows, coming += pairs * step) {
        rows = t.rows + (i < t.taller);
        const float *base[TILE_ROWS];
        for (size_t r = 0; r < rows; ++r) base[r] = left + (row + r) * length + start;
        const tile_sums sums =
            sums_at(row, column, vectors, n, bias, begin, c, ldc, accumulate || start > 0);
        // Those of the next columns: rows of a table may be far away.
        if (begin && start == 0) ask_for_rows(rows, begin + row, column + vectors * SIDE, n);
        tiles[rows - 1][vectors - 1](1, pairs, base, (right_columns){here, width}, 0, &sums, coming,
                                     step);
      }
      start += pairs;
    } while (start < all);
  }
}

INLINE void multiply_split_from(size_t m, size_t n, size_t k, const float *left, const float *right,
                                const float *bias, const float *const *begin, float *c, size_t ldc,
                                bool accumulate) {
  const size_t stretch = row_stretch(m);
  for (size_t row = 0; row < m; row += stretch) {
    multiply_rows(least(stretch, m - row), n, k, left + row * row_length(k), right, bias,
                  begin ? begin + row : NULL, c + row * ldc, ldc, accumulate);
  }
}

static void multiply_split(size_t m, size_t n, size_t k, const float *left, const float *right,
                           const float *bias, float *c, size_t ldc, bool accumulate) {
  multiply_split_from(m, n, k, left, right, bias, NULL, c, ldc, accumulate);
}

static void add_split_product(size_t m, size_t n, size_t k, const float *left, const float *right,
                              const float *const *begin, float *c, size_t ldc) {
  multiply_split_from(m, n, k, left, right, NULL, begin, c, ldc, false);
}

// The product of a convolution; see multiply_taps.inc.h.

static size_t tap_scratch(size_t taps, size_t channels) { return (void)taps, (void)channels, 0; }

/// All rows pass up to PAIRS pairs of k, a part of one tap's channels or a few whole taps, before the next
/// ones are read.
static void multiply_split_taps(size_t m, size_t n, size_t taps, size_t channels,
                                const float *source, size_t lds, const int32_t *sources,
                                size_t ldsources, const float *right, const float *bias, float *c,
                                size_t ldc, bool accumulate, float *scratch) {
  (void)scratch;
  const size_t part = columns_length(channels, 1), width = taps * part, all = pairs_of(channels);
  const size_t most = all < PAIRS ? PAIRS / all : 1;
  const row_tiles t = tiles_of(m);
  for (size_t column = 0, vectors; column < n; column += vectors * SIDE) {
    vectors = next_vectors(n - column);
    for (size_t tap = 0, count; tap < taps; tap += count) {
      count = least(most, taps - tap);
      for (size_t start = 0; start < all; start += PAIRS) {
        const size_t pairs = least(PAIRS, all - start);
        const float *b = right + column / SIDE * width + tap * part + start * LINE;
        for (size_t i = 0, row = 0, rows; i < t.count; ++i, row += rows) {
          rows = t.rows + (i < t.taller);
          const float *left[PAIRS * TILE_ROWS];
          for (size_t j = 0; j < count; ++j) {
            for (size_t r = 0; r < rows; ++r) {
              const int32_t number = sources[(row + r) * ldsources + tap + j];
              left[j * TILE_ROWS + r] =
                  (number < 0 ? zero_line : source + (size_t)number * lds) + start;
            }
          }
          const tile_sums sums =
              sums_at(row, column, vectors, n, bias, NULL, c, ldc, accumulate || tap > 0 || start > 0);
          // The processor itself sees the next columns coming.
          tiles[rows - 1][vectors - 1](count, pairs, left, (right_columns){b, width}, part, &sums,
                                       b, 0);
        }
      }
    }
  }
}
