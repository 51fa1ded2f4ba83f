// Reductions: 16 partial sums, value i in partial sum i mod 16, joined pairwise at the end.

/// Runs STEP for each block of 16 values; `count` is 16, or fewer in the last block.
#define REEL_FOR_EACH_BLOCK(n, STEP)                               \
  {                                                                \
    size_t i = 0;                                                  \
    for (; i + 16 <= (n); i += 16) {                               \
      const size_t count = 16;                                     \
      STEP                                                         \
    }                                                              \
    if (i < (n)) {                                                 \
      const size_t count = (n) - i;                                \
      STEP                                                         \
    }                                                              \
  }

/// Runs STEP for each vector of a block: part `p`, from value i + p·WIDTH on, `here` values.
#define REEL_FOR_EACH_PART(STEP)                                   \
  UNROLL for (int p = 0; p < REEL_PARTS; ++p) {                    \
    const size_t here = part_count(count, p);                      \
    const size_t at = i + (size_t)p * WIDTH;                       \
    if (here > 0) STEP                                             \
  }

static float sum(size_t n, const float *x) {
  lanes l = lanes_of(0.0f);
  REEL_FOR_EACH_BLOCK(n, REEL_FOR_EACH_PART({ l.part[p] += load_some(x + at, here); }))
  return lanes_sum(l);
}

static float dot(size_t n, const float *a, const float *b) {
  lanes l = lanes_of(0.0f);
  REEL_FOR_EACH_BLOCK(n, REEL_FOR_EACH_PART({
    l.part[p] = multiply_add(load_some(a + at, here), load_some(b + at, here), l.part[p]);
  }))
  return lanes_sum(l);
}

static double sum_of_squares(size_t n, const float *x) {
  // The square of a float is exact in double precision: fused or not, the sums are the same.
  typedef double wide __attribute__((ext_vector_type(REEL_WIDTH)));
  wide part[REEL_PARTS];
  UNROLL for (int p = 0; p < REEL_PARTS; ++p) part[p] = (wide)(0.0);
  REEL_FOR_EACH_BLOCK(n, REEL_FOR_EACH_PART({
    wide v = __builtin_convertvector(load_some(x + at, here), wide);
    part[p] += v * v;
  }))
  double total[16];
  __builtin_memcpy(total, part, sizeof total);
  for (int step = 8; step > 0; step /= 2) {
    for (int i = 0; i < step; ++i) total[i] += total[i + step];
  }
  return total[0];
}

/// The greatest of n values in 16 partial maxima; NaN if any is NaN.
INLINE float row_maximum(size_t n, const float *values) {
  lanes l = lanes_of(-__builtin_inff());
  REEL_FOR_EACH_BLOCK(n, REEL_FOR_EACH_PART({
    vector v = keep_first(here, load_some(values + at, here), splat(-__builtin_inff()));
    ivector takes = (v > l.part[p]) | (v != v);
    l.part[p] = takes ? v : l.part[p];
  }))
  REEL_REDUCE_PARTS_TO(joined, REEL_GREATER_VECTOR)
  REEL_REDUCE_VECTOR(joined, REEL_GREATER)
}

static float maximum(size_t n, const float *x) { return row_maximum(n, x); }

static void sum_columns(size_t rows, size_t columns, const float *x, size_t ld, float *y,
                        bool accumulate) {
  // Four vectors of columns at a time stay in registers while the rows go by.
  size_t j = 0;
  for (; j + 4 * WIDTH <= columns; j += 4 * WIDTH) {
    vector total[4];
    UNROLL for (int v = 0; v < 4; ++v) {
      total[v] = accumulate ? load(y + j + (size_t)v * WIDTH) : splat(0.0f);
    }
    for (size_t row = 0; row < rows; ++row) {
      UNROLL for (int v = 0; v < 4; ++v) total[v] += load(x + row * ld + j + (size_t)v * WIDTH);
    }
    UNROLL for (int v = 0; v < 4; ++v) store(y + j + (size_t)v * WIDTH, total[v]);
  }
  for (; j < columns; j += WIDTH) {
    size_t count = columns - j < WIDTH ? columns - j : WIDTH;
    vector total = accumulate ? load_some(y + j, count) : splat(0.0f);
    for (size_t row = 0; row < rows; ++row) total += load_some(x + row * ld + j, count);
    store_some(y + j, total, count);
  }
}

static void add_to_rows(size_t rows, size_t columns, const float *bias, float *x, size_t ld) {
  for (size_t row = 0; row < rows; ++row) {
    float *to = x + row * ld;
    REEL_FOR_EACH_VECTOR(columns, {
      store_some(to + i, load_some(to + i, count) + load_some(bias + i, count), count);
    })
  }
}
