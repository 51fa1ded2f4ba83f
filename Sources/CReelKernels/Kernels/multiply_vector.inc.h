// y = W·x + bias: each weight is used once, so that reading W is all the time it takes. Each row's sum
// is taken in partial sums and joined pairwise, the same whichever rows go with it.

#define VECTOR_ROWS 8

INLINE int32_t integer_sum(ivector v) {
  int32_t x[WIDTH];
  __builtin_memcpy(x, &v, sizeof x);
  int32_t sum = 0;
  UNROLL for (int i = 0; i < WIDTH; ++i) sum += x[i];
  return sum;
}

#if REEL_WIDTH == 16
// One step joins lane i with lane i + L/2 in each group of L lanes, of two vectors into one. A group
// is one row: after the steps for L = 16, 8 and 4 a vector holds two lanes of each of 8 rows.
#define JOIN_16(a, b)                                                                             \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +        \
   __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define JOIN_8(a, b)                                                                              \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +      \
   __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define JOIN_4(a, b)                                                                              \
  (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +      \
   __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))

/// Puts the sums of 8 vectors into `results`, each exactly as vector_sum takes it.
#define EIGHT_SUMS(v, results)                                                                    \
  __auto_type low = JOIN_8(JOIN_16(v[0], v[1]), JOIN_16(v[2], v[3]));                             \
  __auto_type high = JOIN_8(JOIN_16(v[4], v[5]), JOIN_16(v[6], v[7]));                            \
  __auto_type pairs = JOIN_4(low, high);                                                          \
  __auto_type sums = __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14) +           \
                     __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7, 9, 11, 13, 15);            \
  __builtin_memcpy(results, &sums, sizeof sums);

INLINE void eight_sums(const vector *v, float *results) { EIGHT_SUMS(v, results) }
INLINE void eight_integer_sums(const ivector *v, int32_t *results) { EIGHT_SUMS(v, results) }
#else
INLINE void eight_sums(const vector *v, float *results) {
  UNROLL for (int r = 0; r < 8; ++r) results[r] = vector_sum(v[r]);
}
INLINE void eight_integer_sums(const ivector *v, int32_t *results) {
  UNROLL for (int r = 0; r < 8; ++r) results[r] = integer_sum(v[r]);
}
#endif

/// Weights of one of the formats: floats, or bfloat16, the upper halves of floats.
typedef struct {
  const float *floats;
  const uint16_t *halves;
} vector_weights;

INLINE vector weights_at(const vector_weights w, size_t i) {
  if (w.floats) return load(w.floats + i);
  typedef uint16_t half_vector __attribute__((ext_vector_type(WIDTH)));
  half_vector halves;
  __builtin_memcpy(&halves, w.halves + i, sizeof halves);
  return (vector)(__builtin_convertvector(halves, uvector) << 16);
}

INLINE vector last_weights_at(const vector_weights w, size_t i, size_t count) {
  if (w.floats) return load_partial(w.floats + i, count);
  uint16_t halves[WIDTH] = {0};
  __builtin_memcpy(halves, w.halves + i, count * sizeof *halves);
  return weights_at((vector_weights){.halves = halves}, 0);
}

#if REEL_WIDTH == 16
/// The products of a row that begins at weight `first`, still apart in the lanes of a vector.
INLINE vector dot_row(size_t k, const vector_weights w, size_t first, const float *x) {
  vector even = splat(0.0f), odd = splat(0.0f);
  size_t i = 0;
  for (; i + 2 * WIDTH <= k; i += 2 * WIDTH) {
    even = multiply_add(weights_at(w, first + i), load(x + i), even);
    odd = multiply_add(weights_at(w, first + i + WIDTH), load(x + i + WIDTH), odd);
  }
  if (i + WIDTH <= k) {
    even = multiply_add(weights_at(w, first + i), load(x + i), even);
    i += WIDTH;
  }
  if (i < k) {
    odd = multiply_add(last_weights_at(w, first + i, k - i), load_partial(x + i, k - i), odd);
  }
  return even + odd;
}

/// The products of `rows` rows. A vector is a cache line here, and one row goes after the other, so that
/// memory is read in ascending order: eight rows at once read the second-level cache at two thirds of
/// the speed.
INLINE void dot_rows(const size_t rows, size_t k, const vector_weights w, size_t first, size_t ldw,
                     const float *x, vector *total) {
  for (size_t r = 0; r < rows; ++r) total[r] = dot_row(k, w, first + r * ldw, x);
}
#else
/// The products of `rows` rows (a constant once inlined) from weight `first` on, still apart in the lanes
/// of a vector for each row. The rows go together, which gives independent chains and shares the loads
/// of x: with narrow vectors loading is what takes the time.
INLINE void dot_rows(const size_t rows, size_t k, const vector_weights w, size_t first, size_t ldw,
                     const float *x, vector *total) {
  UNROLL for (size_t r = 0; r < rows; ++r) total[r] = splat(0.0f);
  size_t i = 0;
  for (; i + WIDTH <= k; i += WIDTH) {
    vector v = load(x + i);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      total[r] = multiply_add(weights_at(w, first + r * ldw + i), v, total[r]);
    }
  }
  if (i < k) {
    vector v = load_partial(x + i, k - i);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      total[r] = multiply_add(last_weights_at(w, first + r * ldw + i, k - i), v, total[r]);
    }
  }
}
#endif

/// y = or += results + bias, from row `row` on. The number of rows is a constant once inlined: a loop of
/// its own would read the results with a mask, and wait until they have left for the cache.
INLINE void finish_dots(const size_t rows, size_t row, const float *results, const float *bias,
                        float *y, bool accumulate) {
  UNROLL for (size_t r = 0; r < rows; ++r) {
    float value = results[r];
    if (bias) value += bias[row + r];
    if (accumulate) value += y[row + r];
    y[row + r] = value;
  }
}

INLINE void multiply_weights(size_t n, size_t k, const vector_weights w, size_t ldw,
                             const float *x, const float *bias, float *y, bool accumulate) {
  vector total[VECTOR_ROWS];
  float results[VECTOR_ROWS];
  size_t row = 0;
  for (; row + VECTOR_ROWS <= n; row += VECTOR_ROWS) {
    dot_rows(VECTOR_ROWS, k, w, row * ldw, ldw, x, total);
    eight_sums(total, results);
    finish_dots(VECTOR_ROWS, row, results, bias, y, accumulate);
  }
  for (; row < n; ++row) {
    dot_rows(1, k, w, row * ldw, ldw, x, total);
    *results = vector_sum(*total);
    finish_dots(1, row, results, bias, y, accumulate);
  }
}

#if REEL_WIDTH == 16
/// Vectors of x that stay in registers.
#define HELD_VECTORS 16

/// `multiply_weights` for rows of HELD_VECTORS vectors, the same bits. With x in registers a multiply-add loads weights
/// alone, as fast as the second-level cache gives them; otherwise it loads x as well, which takes as long.
static __attribute__((noinline)) void multiply_held_vector(size_t n, const float *w, size_t ldw,
                                                           const float *x, const float *bias,
                                                           float *y, bool accumulate) {
  vector held[HELD_VECTORS];
  UNROLL for (int v = 0; v < HELD_VECTORS; ++v) held[v] = load(x + v * WIDTH);
  // As in `multiply_vector_columns`, a row a round.
  _Pragma("clang loop unroll(disable)") for (size_t row = 0; row < n; ++row) {
    const float *weights = w + row * ldw;
    vector even = splat(0.0f), odd = splat(0.0f);
    UNROLL for (int v = 0; v < HELD_VECTORS; v += 2) {
      even = multiply_add(load(weights + v * WIDTH), held[v], even);
      odd = multiply_add(load(weights + (v + 1) * WIDTH), held[v + 1], odd);
    }
    const float result = vector_sum(even + odd);
    finish_dots(1, row, &result, bias, y, accumulate);
  }
}
#endif

static void multiply_vector(size_t n, size_t k, const float *w, size_t ldw, const float *x,
                            const float *bias, float *y, bool accumulate) {
#if REEL_WIDTH == 16
  if (k == HELD_VECTORS * WIDTH) {
    multiply_held_vector(n, w, ldw, x, bias, y, accumulate);
    return;
  }
#endif
  multiply_weights(n, k, (vector_weights){.floats = w}, ldw, x, bias, y, accumulate);
}

static void multiply_vector_bfloat16(size_t n, size_t k, const uint16_t *w, size_t ldw,
                                     const float *x, const float *bias, float *y,
                                     bool accumulate) {
  multiply_weights(n, k, (vector_weights){.halves = w}, ldw, x, bias, y, accumulate);
}
