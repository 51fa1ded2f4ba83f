// C = A·B with B packed once (Goto and van de Geijn 2008, the part of it that small products need).
//
// B is cut into panels of TILE_VECTORS vectors of columns (the last ones may have fewer vectors,
// the very last filled up with zeros); a panel holds its k rows one after the other, so that the inner loop reads
// it straight on. A register tile of up to TILE_ROWS rows × one panel goes over k in one piece:
//
//   for each k: panel row (TILE_VECTORS loads), and for each row of A: broadcast, fused multiply-adds
//
// Every element of C is one chain of multiply-adds in ascending k, begun from C, from rows elsewhere or
// from 0. Chains are interrupted only by storing to C and loading again, which changes nothing: a row of
// C depends neither on the other rows nor on their number.

#include "tile_tables.inc.h"

/// Floats in a cache line.
#define LINE 16

#define TILE_ROWS REEL_TILE_ROWS
#define TILE_VECTORS REEL_TILE_VECTORS

/// With more than one block of rows, the stretch of k that each of them goes over before the next one does:
/// a panel's part of it (48 columns × 512 × 4 bytes = 98 KB) stays in the second-level cache, which gives a
/// tile of 8 rows twice what it needs. A part that stayed in the first level would be a quarter as long,
/// and each tile would load and store its sums four times as often.
#define K_STRETCH 512

/// At most so many rows of A are carried past all panels together: they stay in the second-level
/// cache, and are enough for a panel's way from the third-level one to be covered.
#define ROW_STRETCH 64

/// How far ahead of its use a panel is asked for, in rows of the panel, where one tile reads it.
#define PREFETCH_ROWS 12

/// The vectors of the next panel, of `n` columns that are left. Four vectors are two and two: a tile
/// of one vector has to load nearly as often as it multiplies.
INLINE size_t panel_vectors(size_t n) {
  const size_t left = (n + WIDTH - 1) / WIDTH;
  if (TILE_VECTORS == 3 && left == 4) return 2;
  return left < TILE_VECTORS ? left : TILE_VECTORS;
}

static size_t panel_width(size_t n) { return panel_vectors(n) * WIDTH; }

static size_t packed_count(size_t k, size_t n) { return k * ((n + WIDTH - 1) / WIDTH * WIDTH); }

static void pack(size_t k, size_t n, const float *source, size_t ld, bool transposed,
                 float *packed) {
  for (size_t column = 0, count; column < n; column += count) {
    size_t padded = panel_vectors(n - column) * WIDTH;
    count = n - column < padded ? n - column : padded;
    if (transposed) {
      transpose(count, k, source + column * ld, ld, packed, padded);
      for (size_t row = 0; count < padded && row < k; ++row) {
        for (size_t j = count; j < padded; ++j) packed[row * padded + j] = 0;
      }
    } else {
      const float *from = source + column;
      for (size_t row = 0; row < k; ++row) {
        for (size_t j = 0; j < padded; j += WIDTH) {
          size_t here = count - j < WIDTH ? count - j : WIDTH;
          store(packed + row * padded + j, load_some(from + row * ld + j, here));
        }
      }
    }
    packed += k * padded;
  }
}

#define ROW_GROUPS ((TILE_ROWS + 2) / 3)

/// Steps of k between two advances of the pointers.
#define STEPS 4

/// Step number `step` from where the pointers stand: one row of the panel, one value of each row of
/// A, and a line of the panel's next stretch asked for.
INLINE void tile_step(const size_t rows, const size_t vectors, const size_t step,
                      const float *const base[ROW_GROUPS], size_t lda, const float *panel,
                      vector total[TILE_ROWS][TILE_VECTORS], const float *ahead) {
  vector b[TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; ++v) {
    b[v] = load(panel + (step * vectors + v) * WIDTH);
    if (v * WIDTH % LINE == 0) __builtin_prefetch(ahead + v * WIDTH);
  }
  UNROLL for (size_t r = 0; r < rows; ++r) {
    vector value = splat(base[r / 3][r % 3 * lda + step]);
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      total[r][v] = multiply_add(value, b[v], total[r][v]);
    }
  }
}

/// What the chains of a register tile begin from: column `column` of the rows at `rows`, which go on for
/// `columns` columns; where that is NULL, C if `resume`, otherwise 0.
typedef struct {
  const float *const *rows;
  size_t column, columns;
  bool resume;
} chain_starts;

/// Asks for what `rows` tile rows begin from in the next panel: rows of a table may be far away.
INLINE void ask_for_starts(size_t rows, const chain_starts *starts, size_t width) {
  const size_t end = starts->columns < 2 * width ? starts->columns : 2 * width;
  for (size_t r = 0; r < rows; ++r) {
    const float *from = starts->rows[r] + starts->column;
    for (size_t j = width; j < end; j += LINE) __builtin_prefetch(from + j);
  }
}

/// One register tile: `rows` × `vectors` (constants once inlined), `k` steps. `last` counts the
/// columns of the last vector. At each step, a row of the panel is asked for at `ahead`, which moves by
/// `ahead_step` floats.
INLINE void tile(const size_t rows, const size_t vectors, size_t k, const float *a, size_t lda,
                 const float *panel, float *c, size_t ldc, size_t last, chain_starts starts,
                 const float *ahead, size_t ahead_step) {
  vector total[TILE_ROWS][TILE_VECTORS];
  if (starts.rows || starts.resume) {
    UNROLL for (size_t r = 0; r < rows; ++r) {
      const float *from = starts.rows ? starts.rows[r] + starts.column : c + r * ldc;
      UNROLL for (size_t v = 0; v + 1 < vectors; ++v) total[r][v] = load(from + v * WIDTH);
      from += (vectors - 1) * WIDTH;
      total[r][vectors - 1] = last == WIDTH ? load(from) : load_partial(from, last);
    }
  } else {
    UNROLL for (size_t r = 0; r < rows; ++r) {
      UNROLL for (size_t v = 0; v < vectors; ++v) total[r][v] = splat(0.0f);
    }
  }
  // Rows are reached from every third one: base, base + lda, base + 2·lda are addresses that a load
  // computes by itself. Several steps share one advance of the pointers. Without both, the integer
  // additions take a third of the ports that the multiply-adds need (measured: 65 % of the limit
  // became 90 %).
  const float *base[ROW_GROUPS];
  UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) base[g] = a + 3 * g * lda;
  size_t i = 0;
  for (; i + STEPS <= k; i += STEPS) {
    UNROLL for (size_t step = 0; step < STEPS; ++step) {
      tile_step(rows, vectors, step, base, lda, panel, total, ahead);
      ahead += ahead_step;
    }
    panel += STEPS * vectors * WIDTH;
    UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) {
      base[g] += STEPS;
      // The compiler would otherwise replace the pointers by one and recompute the others.
      __asm__ volatile("" : "+r"(base[g]));
    }
  }
  for (; i < k; ++i) {
    tile_step(rows, vectors, 0, base, lda, panel, total, ahead);
    ahead += ahead_step;
    panel += vectors * WIDTH;
    UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) ++base[g];
  }
  UNROLL for (size_t r = 0; r < rows; ++r) {
    UNROLL for (size_t v = 0; v + 1 < vectors; ++v) store(c + r * ldc + v * WIDTH, total[r][v]);
    float *end = c + r * ldc + (vectors - 1) * WIDTH;
    if (last == WIDTH) {
      store(end, total[r][vectors - 1]);
    } else {
      store_partial(end, total[r][vectors - 1], last);
    }
  }
}

typedef void tile_function(size_t k, const float *a, size_t lda, const float *panel, float *c,
                           size_t ldc, size_t last, chain_starts starts, const float *ahead,
                           size_t ahead_step);

#define REEL_TILE(ROWS, VECTORS)                                                                     \
  static void tile_##ROWS##x##VECTORS(size_t k, const float *a, size_t lda, const float *panel,      \
                                      float *c, size_t ldc, size_t last, chain_starts starts,        \
                                      const float *ahead, size_t ahead_step) {                       \
    tile(ROWS, VECTORS, k, a, lda, panel, c, ldc, last, starts, ahead, ahead_step);                  \
  }

REEL_FOR_EACH_TILE(REEL_TILE)

static tile_function *const tiles[TILE_ROWS][TILE_VECTORS] = REEL_TABLE_OF_TILES(tile);

/// `m` rows past one panel. The rows are shared out evenly among as few tiles as they need: 9 rows
/// are 5 and 4, not 8 and 1, since a tile of few rows waits for its own multiply-adds.
///
/// With one tile the panel is read straight on, a little ahead of the multiply-adds. With several,
/// each tile asks for its share of the stretch that comes next, so that the way from the outer
/// caches is spread over all the multiply-adds instead of holding up the first tile.
INLINE void multiply_panel(size_t m, size_t k, const float *a, size_t lda, const float *panel,
                           size_t vectors, size_t last, float *c, size_t ldc, chain_starts starts) {
  const size_t width = vectors * WIDTH;
  const size_t tile_count = (m + TILE_ROWS - 1) / TILE_ROWS;
  const size_t rows = m / tile_count, taller = m % tile_count;
  const size_t stretch = tile_count > 1 ? K_STRETCH : k;
  size_t start = 0;
  do {
    size_t length = k - start < stretch ? k - start : stretch;
    const float *left = a + start;
    const float *ahead = panel + (tile_count > 1 ? length : PREFETCH_ROWS) * width;
    float *result = c;
    chain_starts from = starts;
    for (size_t i = 0; i < tile_count; ++i) {
      size_t here = rows + (i < taller);
      if (from.rows) ask_for_starts(here, &from, width);
      tiles[here - 1][vectors - 1](length, left, lda, panel, result, ldc, last, from,
                                   ahead + i * length * width / tile_count, width / tile_count);
      left += here * lda;
      result += here * ldc;
      if (from.rows) from.rows += here;
    }
    starts = (chain_starts){.resume = true};
    start += length;
    panel += length * width;
  } while (start < k);
}

/// Asks for the part of C that the next panel adds to, of `n` columns that are left: rows far apart, which no
/// processor foresees.
INLINE void ask_for_block(size_t rows, const float *c, size_t ldc, size_t n) {
  const size_t count = n < TILE_VECTORS * WIDTH ? n : TILE_VECTORS * WIDTH;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < count; j += LINE) __builtin_prefetch(c + r * ldc + j, 1);
  }
}

INLINE void multiply_packed_from(size_t m, size_t n, size_t k, const float *a, size_t lda,
                                 const float *packed, const float *const *begin, float *c, size_t ldc,
                                 bool accumulate) {
  // As even a division as whole tiles allow: 65 rows are 40 and 25, not 64 and 1.
  const size_t stretches = (m + ROW_STRETCH - 1) / ROW_STRETCH;
  const size_t tile_count = (m + TILE_ROWS - 1) / TILE_ROWS;
  const size_t stretch = stretches ? (tile_count + stretches - 1) / stretches * TILE_ROWS : 0;
  for (size_t row = 0; row < m; row += stretch) {
    const size_t rows = m - row < stretch ? m - row : stretch;
    const float *const *from = begin ? begin + row : NULL;
    const float *panel = packed;
    for (size_t column = 0, count; column < n; column += count) {
      size_t vectors = panel_vectors(n - column);
      count = n - column < vectors * WIDTH ? n - column : vectors * WIDTH;
      if (accumulate) ask_for_block(rows, c + row * ldc + column + count, ldc, n - column - count);
      const chain_starts starts = {
          .rows = from, .column = column, .columns = n - column, .resume = accumulate};
      multiply_panel(rows, k, a + row * lda, lda, panel, vectors, count - (vectors - 1) * WIDTH,
                     c + row * ldc + column, ldc, starts);
      panel += k * vectors * WIDTH;
    }
  }
}

static void multiply_packed(size_t m, size_t n, size_t k, const float *a, size_t lda,
                            const float *packed, float *c, size_t ldc, bool accumulate) {
  multiply_packed_from(m, n, k, a, lda, packed, NULL, c, ldc, accumulate);
}

static void add_packed_product(size_t m, size_t n, size_t k, const float *a, size_t lda,
                               const float *packed, const float *const *begin, float *c, size_t ldc) {
  multiply_packed_from(m, n, k, a, lda, packed, begin, c, ldc, false);
}
