// C += A·Bᵀ: every value is a product of two rows, summed in WIDTH partial sums that are joined at the
// end. A tile of rows × columns needs one load for every two multiply-adds.
#if REEL_WIDTH == 16
#define PRODUCT_ROWS 6
#define PRODUCT_COLUMNS 4
#else
#define PRODUCT_ROWS 3
#define PRODUCT_COLUMNS 3
#endif
#define PRODUCT_SUMS ((PRODUCT_ROWS * PRODUCT_COLUMNS + 7) / 8 * 8)

typedef float four_floats __attribute__((ext_vector_type(4)));

/// Rows are reached from every third one, as in multiply_packed.
#define PRODUCT_GROUPS(ROWS) (((ROWS) + 2) / 3)

/// One vector of columns, `at` floats from where the pointers stand; where the rows are `joined`, each is
/// the sum of two, which lie a_part and b_part floats apart.
INLINE void row_product_step(const size_t rows, const size_t columns, const bool joined,
                             const size_t at, const float *const *a, size_t a_part, size_t lda,
                             const float *const *b, size_t b_part, size_t ldb, size_t count,
                             vector *total) {
  vector right[PRODUCT_COLUMNS];
  UNROLL for (size_t j = 0; j < columns; ++j) {
    const float *from = b[j / 3] + j % 3 * ldb + at;
    right[j] = load_some(from, count);
    if (joined) right[j] += load_some(from + b_part, count);
  }
  UNROLL for (size_t i = 0; i < rows; ++i) {
    const float *from = a[i / 3] + i % 3 * lda + at;
    vector left = load_some(from, count);
    if (joined) left += load_some(from + a_part, count);
    UNROLL for (size_t j = 0; j < columns; ++j) {
      total[i * columns + j] = multiply_add(left, right[j], total[i * columns + j]);
    }
  }
}

INLINE void row_product_advance(const float **base, const size_t groups, const size_t step) {
  UNROLL for (size_t g = 0; g < groups; ++g) {
    base[g] += step;
    __asm__ volatile("" : "+r"(base[g]));
  }
}

INLINE void row_product(const size_t rows, const size_t columns, const bool joined, size_t n,
                        const float *a, size_t a_part, size_t lda, const float *b, size_t b_part,
                        size_t ldb, float *c, size_t ldc) {
  vector total[PRODUCT_SUMS];
  UNROLL for (size_t i = 0; i < PRODUCT_SUMS; ++i) total[i] = splat(0.0f);
  const float *left[PRODUCT_GROUPS(PRODUCT_ROWS)], *right[PRODUCT_GROUPS(PRODUCT_COLUMNS)];
  UNROLL for (size_t g = 0; g < PRODUCT_GROUPS(rows); ++g) left[g] = a + 3 * g * lda;
  UNROLL for (size_t g = 0; g < PRODUCT_GROUPS(columns); ++g) right[g] = b + 3 * g * ldb;
  size_t k = 0;
  for (; k + STEPS * WIDTH <= n; k += STEPS * WIDTH) {
    UNROLL for (size_t step = 0; step < STEPS; ++step) {
      row_product_step(rows, columns, joined, step * WIDTH, left, a_part, lda, right, b_part, ldb,
                       WIDTH, total);
    }
    row_product_advance(left, PRODUCT_GROUPS(rows), STEPS * WIDTH);
    row_product_advance(right, PRODUCT_GROUPS(columns), STEPS * WIDTH);
  }
  while (k < n) {
    const size_t count = n - k < WIDTH ? n - k : WIDTH;
    row_product_step(rows, columns, joined, 0, left, a_part, lda, right, b_part, ldb, count, total);
    row_product_advance(left, PRODUCT_GROUPS(rows), count);
    row_product_advance(right, PRODUCT_GROUPS(columns), count);
    k += count;
  }
  float sums[PRODUCT_SUMS];
  UNROLL for (size_t i = 0; i < rows * columns; i += 8) eight_sums(total + i, sums + i);
  UNROLL for (size_t i = 0; i < rows; ++i) {
    const float *from = sums + i * columns;
    float *to = c + i * ldc;
    if (columns == 4) {
      four_floats sum, more;
      __builtin_memcpy(&sum, to, sizeof sum);
      __builtin_memcpy(&more, from, sizeof more);
      sum += more;
      __builtin_memcpy(to, &sum, sizeof sum);
    } else {
      UNROLL for (size_t j = 0; j < columns; ++j) to[j] += from[j];
    }
  }
}

typedef void row_product_function(bool joined, size_t n, const float *a, size_t a_part, size_t lda,
                                  const float *b, size_t b_part, size_t ldb, float *c, size_t ldc);

#define REEL_ROW_PRODUCT(ROWS, COLUMNS)                                                           \
  static void row_product_##ROWS##x##COLUMNS(bool joined, size_t n, const float *a,               \
                                             size_t a_part, size_t lda, const float *b,           \
                                             size_t b_part, size_t ldb, float *c, size_t ldc) {   \
    if (joined) {                                                                                 \
      row_product(ROWS, COLUMNS, true, n, a, a_part, lda, b, b_part, ldb, c, ldc);                \
    } else {                                                                                      \
      row_product(ROWS, COLUMNS, false, n, a, 0, lda, b, 0, ldb, c, ldc);                         \
    }                                                                                             \
  }

#if REEL_WIDTH == 16
#define REEL_ROW_PRODUCTS(ROWS)                                                   \
  REEL_ROW_PRODUCT(ROWS, 1) REEL_ROW_PRODUCT(ROWS, 2) REEL_ROW_PRODUCT(ROWS, 3) \
  REEL_ROW_PRODUCT(ROWS, 4)
#define REEL_ROW_PRODUCTS_OF(ROWS) \
  {row_product_##ROWS##x1, row_product_##ROWS##x2, row_product_##ROWS##x3, row_product_##ROWS##x4}
REEL_ROW_PRODUCTS(4)
REEL_ROW_PRODUCTS(5)
REEL_ROW_PRODUCTS(6)
#else
#define REEL_ROW_PRODUCTS(ROWS) \
  REEL_ROW_PRODUCT(ROWS, 1) REEL_ROW_PRODUCT(ROWS, 2) REEL_ROW_PRODUCT(ROWS, 3)
#define REEL_ROW_PRODUCTS_OF(ROWS) \
  {row_product_##ROWS##x1, row_product_##ROWS##x2, row_product_##ROWS##x3}
#endif
REEL_ROW_PRODUCTS(1)
REEL_ROW_PRODUCTS(2)
REEL_ROW_PRODUCTS(3)

/// By rows and columns, less one each.
static row_product_function *const row_products[PRODUCT_ROWS][PRODUCT_COLUMNS] = {
    REEL_ROW_PRODUCTS_OF(1), REEL_ROW_PRODUCTS_OF(2), REEL_ROW_PRODUCTS_OF(3),
#if REEL_WIDTH == 16
    REEL_ROW_PRODUCTS_OF(4), REEL_ROW_PRODUCTS_OF(5), REEL_ROW_PRODUCTS_OF(6),
#endif
};

INLINE void multiply_some_rows(bool joined, size_t m, size_t p, size_t n, const float *a,
                               size_t a_part, size_t lda, const float *b, size_t b_part,
                               size_t ldb, float *c, size_t ldc) {
  if (m == 0 || p == 0) return;
  const size_t row_tiles = (m + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
  const size_t column_tiles = (p + PRODUCT_COLUMNS - 1) / PRODUCT_COLUMNS;
  const size_t rows = m / row_tiles, taller = m % row_tiles;
  const size_t columns = p / column_tiles, wider = p % column_tiles;
  size_t column = 0;
  for (size_t j = 0; j < column_tiles; ++j) {
    const size_t wide = columns + (j < wider);
    size_t row = 0;
    for (size_t i = 0; i < row_tiles; ++i) {
      const size_t tall = rows + (i < taller);
      row_products[tall - 1][wide - 1](joined, n, a + row * lda, a_part, lda, b + column * ldb,
                                       b_part, ldb, c + row * ldc + column, ldc);
      row += tall;
    }
    column += wide;
  }
}

static void multiply_rows(size_t m, size_t p, size_t n, const float *a, size_t lda, const float *b,
                          size_t ldb, float *c, size_t ldc) {
  multiply_some_rows(false, m, p, n, a, 0, lda, b, 0, ldb, c, ldc);
}

/// The same with rows that are sums of two, which lie a_part and b_part floats apart.
static void multiply_row_sums(size_t m, size_t p, size_t n, const float *a, size_t a_part,
                              size_t lda, const float *b, size_t b_part, size_t ldb, float *c,
                              size_t ldc) {
  multiply_some_rows(true, m, p, n, a, a_part, lda, b, b_part, ldb, c, ldc);
}
