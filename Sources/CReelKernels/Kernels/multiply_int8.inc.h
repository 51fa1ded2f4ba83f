// y = W·x with weights of 8 bits: row r of W is scales[r] times its integers, and x is one scale times
// integers of 16 bits. The products are summed exactly, in integers, so that every instruction set
// and every division of the rows gives the same bits.

// No sum of so many products of 8 and 16 bits leaves 32 bits: 512·128·32,767 < 2³¹.
#define INT8_BLOCK 512

typedef int8_t byte_pairs __attribute__((ext_vector_type(2 * REEL_WIDTH)));
typedef int16_t short_pairs __attribute__((ext_vector_type(2 * REEL_WIDTH)));

/// a[2i]·b[2i] + a[2i + 1]·b[2i + 1].
INLINE ivector multiply_pairs(short_pairs a, short_pairs b) {
#ifdef REEL_MULTIPLY_PAIRS
  return REEL_MULTIPLY_PAIRS(a, b);
#else
  return __builtin_convertvector(a.even, ivector) * __builtin_convertvector(b.even, ivector) +
         __builtin_convertvector(a.odd, ivector) * __builtin_convertvector(b.odd, ivector);
#endif
}

/// The sum of each of `rows` vectors, a constant once inlined.
INLINE void row_sums(const size_t rows, const ivector *v, int32_t *sums) {
  if (rows == VECTOR_ROWS) {
    eight_integer_sums(v, sums);
  } else {
    UNROLL for (size_t r = 0; r < rows; ++r) sums[r] = integer_sum(v[r]);
  }
}

INLINE short_pairs widened(byte_pairs v) { return __builtin_convertvector(v, short_pairs); }

/// The dot products of up to INT8_BLOCK integers of `rows` rows (a constant once inlined).
INLINE void dot_int8_block(const size_t rows, size_t k, const int8_t *w, size_t ldw,
                           const int16_t *x, int32_t *sums) {
  ivector total[VECTOR_ROWS];
  UNROLL for (size_t r = 0; r < rows; ++r) total[r] = (ivector)(0);
  size_t i = 0;
  for (; i + 2 * WIDTH <= k; i += 2 * WIDTH) {
    short_pairs v;
    __builtin_memcpy(&v, x + i, sizeof v);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      byte_pairs bytes;
      __builtin_memcpy(&bytes, w + r * ldw + i, sizeof bytes);
      total[r] += multiply_pairs(widened(bytes), v);
    }
  }
  if (i < k) {
    short_pairs v = (short_pairs)(0);
    __builtin_memcpy(&v, x + i, (k - i) * sizeof *x);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      byte_pairs bytes = (byte_pairs)(0);
      __builtin_memcpy(&bytes, w + r * ldw + i, k - i);
      total[r] += multiply_pairs(widened(bytes), v);
    }
  }
  row_sums(rows, total, sums);
}

INLINE void dot_int8_rows(const size_t rows, size_t k, const int8_t *w, size_t ldw,
                          const int16_t *x, const float *scales, float x_scale, float *results) {
  int64_t total[VECTOR_ROWS] = {0};
  for (size_t start = 0; start < k; start += INT8_BLOCK) {
    size_t count = k - start < INT8_BLOCK ? k - start : INT8_BLOCK;
    int32_t sums[VECTOR_ROWS];
    dot_int8_block(rows, count, w + start, ldw, x + start, sums);
    UNROLL for (size_t r = 0; r < rows; ++r) total[r] += sums[r];
  }
  UNROLL for (size_t r = 0; r < rows; ++r) results[r] = (float)total[r] * (scales[r] * x_scale);
}

static void multiply_vector_int8(size_t n, size_t k, const int8_t *w, size_t ldw,
                                 const float *scales, const int16_t *x, float x_scale,
                                 const float *bias, float *y, bool accumulate) {
  float results[VECTOR_ROWS];
  size_t row = 0;
  for (; row + VECTOR_ROWS <= n; row += VECTOR_ROWS) {
    dot_int8_rows(VECTOR_ROWS, k, w + row * ldw, ldw, x, scales + row, x_scale, results);
    finish_dots(VECTOR_ROWS, row, results, bias, y, accumulate);
  }
  for (; row < n; ++row) {
    dot_int8_rows(1, k, w + row * ldw, ldw, x, scales + row, x_scale, results);
    finish_dots(1, row, results, bias, y, accumulate);
  }
}

/// To the nearest integer, ties to even, for |v| < 2²².
INLINE vector rounded(vector v) { return (v + splat(12582912.0f)) - splat(12582912.0f); }

static float quantize(size_t n, const float *x, int16_t *q) {
  vector largest = splat(0.0f), trouble = splat(0.0f);
  for (size_t i = 0; i < n; i += WIDTH) {
    vector v = load_some(x + i, n - i < WIDTH ? n - i : WIDTH);
    largest = __builtin_elementwise_max(largest, __builtin_elementwise_abs(v));
    trouble += v - v;  // not a number where v is not finite
  }
  __builtin_memset(q, 0, n * sizeof *q);
  if (vector_sum(trouble) != 0.0f) return __builtin_nanf("");
  float range = 0.0f;
  UNROLL for (int i = 0; i < WIDTH; ++i) range = largest[i] > range ? largest[i] : range;
  float factor = 32767.0f / range;
  // So small that all is zero.
  if (!(factor < __builtin_inff())) return 0.0f;
  typedef int16_t short_vector __attribute__((ext_vector_type(WIDTH)));
  for (size_t i = 0; i < n; i += WIDTH) {
    size_t count = n - i < WIDTH ? n - i : WIDTH;
    vector v = rounded(load_some(x + i, count) * splat(factor));
    short_vector shorts = __builtin_convertvector(v, short_vector);
    __builtin_memcpy(q + i, &shorts, count * sizeof *q);
  }
  return range / 32767.0f;
}
