// C = A·B of operands in parts: where the sums of a block begin and end, and the walk over blocks.

/// Where sums begin and end: the rows and columns of C that are there, from the first one.
typedef struct {
  float *c;
  size_t ldc, rows, columns;
  const float *bias;  // or NULL
  bool resume;        // C holds the beginning of the sums
} sums;

// Tile numbers are constants of the instructions.
#define BEGIN(NUMBER, ROW, COLUMN_)                                                              \
  do {                                                                                           \
    if ((ROW) + SIDE <= s.rows && (COLUMN_) + SIDE <= s.columns) {                               \
      if (s.resume) {                                                                            \
        _tile_loadd(NUMBER, s.c + (ROW) * s.ldc + (COLUMN_), s.ldc * sizeof(float));             \
      } else if (s.bias) {                                                                       \
        _tile_loadd(NUMBER, s.bias + (COLUMN_), 0);                                              \
      } else {                                                                                   \
        _tile_zero(NUMBER);                                                                      \
      }                                                                                          \
    } else if (s.resume || s.bias) {                                                             \
      float edge[TILE] __attribute__((aligned(64)));                                             \
      read_edge(s, ROW, COLUMN_, edge);                                                          \
      _tile_loadd(NUMBER, edge, 64);                                                             \
    } else {                                                                                     \
      _tile_zero(NUMBER);                                                                        \
    }                                                                                            \
  } while (0)

#define END(NUMBER, ROW, COLUMN_)                                                                \
  do {                                                                                           \
    if ((ROW) + SIDE <= s.rows && (COLUMN_) + SIDE <= s.columns) {                               \
      _tile_stored(NUMBER, s.c + (ROW) * s.ldc + (COLUMN_), s.ldc * sizeof(float));              \
    } else {                                                                                     \
      float edge[TILE] __attribute__((aligned(64)));                                             \
      _tile_stored(NUMBER, edge, 64);                                                            \
      write_edge(s, ROW, COLUMN_, edge);                                                         \
    }                                                                                            \
  } while (0)

INLINE size_t count_from(size_t all, size_t first) {
  return all <= first ? 0 : least(SIDE, all - first);
}

static void read_edge(sums s, size_t row, size_t column, float *edge) {
  const __mmask16 lanes = (__mmask16)((1u << count_from(s.columns, column)) - 1);
  const size_t rows = count_from(s.rows, row);
  for (size_t r = 0; r < SIDE; ++r) {
    const float *from = s.resume ? s.c + (row + r) * s.ldc : s.bias;
    __m512 line = r < rows ? _mm512_maskz_loadu_ps(lanes, from + column) : _mm512_setzero_ps();
    _mm512_store_ps(edge + r * LINE, line);
  }
}

static void write_edge(sums s, size_t row, size_t column, const float *edge) {
  const __mmask16 lanes = (__mmask16)((1u << count_from(s.columns, column)) - 1);
  const size_t rows = count_from(s.rows, row);
  for (size_t r = 0; r < rows; ++r) {
    _mm512_mask_storeu_ps(s.c + (row + r) * s.ldc + column, lanes, _mm512_load_ps(edge + r * LINE));
  }
}

/// `taps` left operands of up to 32 rows, each over the same number of blocks, × up to 64 columns (32
/// with more than 16 rows): a group of columns, whose number is returned.
INLINE size_t multiply_group(size_t taps, size_t blocks, const left_rows *top,
                             const left_rows *bottom, const float *b, sums s, const float *ahead,
                             size_t lines) {
  const size_t width = taps * blocks * PARTS * TILE;
  const size_t part = blocks * PARTS * TILE;
  const bool two_rows = s.rows > SIDE;
  if (two_rows && s.columns > SIDE) {
    BEGIN(0, 0, 0); BEGIN(1, 0, SIDE); BEGIN(2, SIDE, 0); BEGIN(3, SIDE, SIDE);
    for (size_t t = 0; t < taps; ++t) {
      sum_2x2(blocks, top[t], bottom[t], b + t * part, width,
              ahead + t * blocks * ASKS * lines * LINE, lines);
    }
    END(0, 0, 0); END(1, 0, SIDE); END(2, SIDE, 0); END(3, SIDE, SIDE);
    return 2 * SIDE;
  }
  if (two_rows) {
    BEGIN(0, 0, 0); BEGIN(2, SIDE, 0);
    for (size_t t = 0; t < taps; ++t) sum_2x1(blocks, top[t], bottom[t], b + t * part);
    END(0, 0, 0); END(2, SIDE, 0);
    return SIDE;
  }
  if (s.columns > 3 * SIDE) {
    BEGIN(0, 0, 0); BEGIN(1, 0, SIDE); BEGIN(2, 0, 2 * SIDE); BEGIN(3, 0, 3 * SIDE);
    for (size_t t = 0; t < taps; ++t) sum_1x4(blocks, top[t], b + t * part, width);
    END(0, 0, 0); END(1, 0, SIDE); END(2, 0, 2 * SIDE); END(3, 0, 3 * SIDE);
    return 4 * SIDE;
  }
  if (s.columns > SIDE) {
    BEGIN(0, 0, 0); BEGIN(1, 0, SIDE);
    for (size_t t = 0; t < taps; ++t) sum_1x2(blocks, top[t], b + t * part, width);
    END(0, 0, 0); END(1, 0, SIDE);
    return 2 * SIDE;
  }
  BEGIN(0, 0, 0);
  for (size_t t = 0; t < taps; ++t) sum_1x1(blocks, top[t], b + t * part);
  END(0, 0, 0);
  return SIDE;
}

INLINE sums sums_of(size_t row, size_t m, size_t column, size_t n, const float *bias, float *c,
                    size_t ldc, bool accumulate) {
  return (sums){.c = c + row * ldc + column,
                .ldc = ldc,
                .rows = least(2 * SIDE, m - row),
                .columns = n - column,
                .bias = bias && !accumulate ? bias + column : NULL,
                .resume = accumulate};
}

/// Asks for the lines of C that the sums of up to 32 rows × `columns` columns begin with and end in.
INLINE void ask_for(sums s, size_t columns) {
  for (size_t row = 0; row < s.rows; ++row) {
    for (size_t j = 0; j < columns && j < s.columns; j += LINE) {
      __builtin_prefetch(s.c + row * s.ldc + j, 1);
    }
  }
}

/// All rows pass two columns of tiles before the next ones are read; those are asked for meanwhile.
static void multiply_split(size_t m, size_t n, size_t k, const float *left, const float *right,
                           const float *bias, float *c, size_t ldc, bool accumulate) {
  const size_t length = row_length(k), width = columns_length(k, 1);
  const size_t tiles = (m + 2 * SIDE - 1) / (2 * SIDE);
  const size_t all_lines = 2 * PARTS * TILE / LINE;
  _tile_loadconfig(&tile_shapes);
  if (m <= SIDE) {
    const left_rows rows = {left, length * sizeof(float)};
    for (size_t column = 0; column < n;) {
      if (column + 4 * SIDE < n) {
        ask_for(sums_of(0, m, column + 4 * SIDE, n, bias, c, ldc, accumulate), 4 * SIDE);
      }
      column += multiply_group(1, blocks_of(k), &rows, &rows, right + column / SIDE * width,
                               sums_of(0, m, column, n, bias, c, ldc, accumulate), NULL, 0);
    }
  } else {
    for (size_t column = 0; column < n; column += 2 * SIDE) {
      const float *b = right + column / SIDE * width;
      const size_t shares = tiles * ASKS;
      const bool asks = tiles > 1 && column + 4 * SIDE <= n;
      const size_t lines = asks ? (all_lines + shares - 1) / shares : 0;
      const float *ahead = b + 2 * width;
      for (size_t row = 0; row < m; row += 2 * SIDE) {
        const left_rows top = {left + row * length, length * sizeof(float)};
        const left_rows bottom = {top.lines + SIDE * length, top.stride};
        sums s = sums_of(row, m, column, n, bias, c, ldc, accumulate);
        // One last tile of rows would take four columns.
        if (m - row <= SIDE && n - column > 2 * SIDE) s.columns = 2 * SIDE;
        // The next block: further down, or at the top of the next columns.
        if (row + 2 * SIDE < m) {
          ask_for(sums_of(row + 2 * SIDE, m, column, n, bias, c, ldc, accumulate), 2 * SIDE);
        } else if (column + 2 * SIDE < n) {
          ask_for(sums_of(0, m, column + 2 * SIDE, n, bias, c, ldc, accumulate), 2 * SIDE);
        }
        multiply_group(1, blocks_of(k), &top, &bottom, b, s, ahead, lines);
        ahead += blocks_of(k) * ASKS * lines * LINE;
      }
    }
  }
  _tile_release();
}
