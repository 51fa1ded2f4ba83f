// y = Wᵀ·x: the sums of many columns stay in registers, so that none waits for another, while the rows of W are read
// from the first to the last; where W has no more columns than that, in ascending order.

enum { TRANSPOSED_VECTORS = REEL_WIDTH == 16 ? 16 : 12 };

/// Columns of `vectors` vectors (a constant once inlined), of which the last has `tail` columns.
INLINE void multiply_vector_columns(const size_t vectors, size_t tail, size_t k, const float *w,
                                    size_t ldw, const float *x, float *y, bool accumulate) {
  const size_t end = (vectors - 1) * WIDTH;
  vector sums[TRANSPOSED_VECTORS];
  UNROLL for (size_t v = 0; v + 1 < vectors; ++v) {
    sums[v] = accumulate ? load(y + v * WIDTH) : splat(0.0f);
  }
  sums[vectors - 1] = accumulate ? load_some(y + end, tail) : splat(0.0f);
  // With two rows in one round the second-level cache gave 155 GB/s in place of 265 (Zen 5; asking ahead did not help).
  _Pragma("clang loop unroll(disable)") for (size_t row = 0; row < k; ++row) {
    const vector factor = splat(x[row]);
    const float *weights = w + row * ldw;
    UNROLL for (size_t v = 0; v + 1 < vectors; ++v) {
      sums[v] = multiply_add(factor, load(weights + v * WIDTH), sums[v]);
    }
    sums[vectors - 1] = multiply_add(factor, load_some(weights + end, tail), sums[vectors - 1]);
  }
  UNROLL for (size_t v = 0; v + 1 < vectors; ++v) store(y + v * WIDTH, sums[v]);
  store_some(y + end, sums[vectors - 1], tail);
}

static void multiply_vector_transposed(size_t k, size_t n, const float *w, size_t ldw, const float *x,
                                       float *y, bool accumulate) {
  size_t column = 0;
  for (; column + TRANSPOSED_VECTORS * WIDTH <= n; column += TRANSPOSED_VECTORS * WIDTH) {
    multiply_vector_columns(TRANSPOSED_VECTORS, WIDTH, k, w + column, ldw, x, y + column, accumulate);
  }
  // What is left in one go: whole rows of W, if it has no more.
  const size_t left = (n - column + WIDTH - 1) / WIDTH;
  const size_t tail = n - column - (left ? left - 1 : 0) * WIDTH;
// A last vector that is whole is one at compile time, too: otherwise each row asks.
#define REEL_COLUMNS(VECTORS)                                                                         \
  case VECTORS:                                                                                       \
    if (tail == WIDTH) {                                                                              \
      multiply_vector_columns(VECTORS, WIDTH, k, w + column, ldw, x, y + column, accumulate);         \
    } else {                                                                                          \
      multiply_vector_columns(VECTORS, tail, k, w + column, ldw, x, y + column, accumulate);          \
    }                                                                                                 \
    break;
  switch (left) {
    REEL_COLUMNS(1)
    REEL_COLUMNS(2)
    REEL_COLUMNS(3)
    REEL_COLUMNS(4)
    REEL_COLUMNS(5)
    REEL_COLUMNS(6)
    REEL_COLUMNS(7)
    REEL_COLUMNS(8)
    REEL_COLUMNS(9)
    REEL_COLUMNS(10)
    REEL_COLUMNS(11)
    REEL_COLUMNS(12)
#if REEL_WIDTH == 16
    REEL_COLUMNS(13)
    REEL_COLUMNS(14)
    REEL_COLUMNS(15)
    REEL_COLUMNS(16)
#endif
  }
#undef REEL_COLUMNS
}
