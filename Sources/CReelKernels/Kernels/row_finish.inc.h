// What follows a product while its rows are in the cache: rectification, a mask, a residual.

typedef uint8_t byte_vector __attribute__((ext_vector_type(REEL_WIDTH)));

/// From row to row of `positive`.
INLINE size_t positive_stride(size_t n) { return (n + 15) / 16 * 16; }

/// What becomes of `count` values v of a product.
INLINE vector finished(const reel_row_finish *finish, const float *mask, const float *residual,
                       uint8_t *positive, vector v, const size_t count) {
  if (finish->rectified) {
    if (positive) {
      // Rows of `positive` are whole vectors.
      byte_vector passed = __builtin_convertvector((v > splat(0.0f)) & 1, byte_vector);
      __builtin_memcpy(positive, &passed, sizeof passed);
    }
    v = v < splat(0.0f) ? splat(0.0f) : v;
  }
  if (mask) v *= load_some(mask, count);
  if (residual) v += load_some(residual, count);
  if (finish->rectified_sum) v = v < splat(0.0f) ? splat(0.0f) : v;
  return v;
}

INLINE void finish_vector(const reel_row_finish *finish, const float *mask, const float *residual,
                          uint8_t *positive, float *place, const size_t count) {
  vector v = load_some(place, count);
  store_some(place, finished(finish, mask, residual, positive, v, count), count);
}

static void finish_rows(size_t rows, size_t n, const reel_row_finish *finish, float *c, size_t ldc) {
  // Where rows mean nothing, all values are one row.
  if (ldc == n && !finish->mask && !finish->positive) {
    n *= rows;
    rows = rows ? 1 : 0;
  }
  for (size_t row = 0; row < rows; ++row) {
    const float *mask = finish->mask ? finish->mask + (size_t)finish->mask_rows[row] * n : NULL;
    const float *residual = finish->residual ? finish->residual + row * n : NULL;
    uint8_t *positive = finish->positive ? finish->positive + row * positive_stride(n) : NULL;
    float *place = c + row * ldc;
    size_t j = 0;
    for (; j + WIDTH <= n; j += WIDTH) {
      finish_vector(finish, mask ? mask + j : NULL, residual ? residual + j : NULL,
                    positive ? positive + j : NULL, place + j, WIDTH);
    }
    if (j < n) {
      finish_vector(finish, mask ? mask + j : NULL, residual ? residual + j : NULL,
                    positive ? positive + j : NULL, place + j, n - j);
    }
  }
}

/// `rows` rows of `count` columns that begin at column `j` of n.
INLINE void finish_columns_backward(size_t rows, size_t n, size_t j, const size_t count,
                                    const reel_row_finish *finish, const float *y, const float *dy,
                                    float *dc, float *dresidual, float *dbias) {
  vector sum = dbias ? load_some(dbias + j, count) : splat(0.0f);
  for (size_t row = 0; row < rows; ++row) {
    const size_t place = row * n + j;
    vector d = load_some(dy + place, count);
    vector value = splat(0.0f);
    if (finish->rectified_sum || (finish->rectified && !finish->positive)) {
      value = load_some(y + place, count);
    }
    if (finish->rectified_sum) d = value > splat(0.0f) ? d : splat(0.0f);
    if (dresidual) store_some(dresidual + place, d, count);
    if (finish->mask) d *= load_some(finish->mask + (size_t)finish->mask_rows[row] * n + j, count);
    if (finish->rectified) {
      if (finish->positive) {
        byte_vector passed;
        __builtin_memcpy(&passed, finish->positive + row * positive_stride(n) + j, sizeof passed);
        d = __builtin_convertvector(passed, ivector) != 0 ? d : splat(0.0f);
      } else {
        d = value > splat(0.0f) ? d : splat(0.0f);
      }
    }
    store_some(dc + place, d, count);
    sum += d;
  }
  if (dbias) store_some(dbias + j, sum, count);
}

/// Narrow rows that were only rectified, as whole vectors: after `period` of them the columns stand in
/// the same lanes again, so each of the period has a sum of its own.
static void finish_narrow_backward(size_t rows, size_t n, const float *y, const float *dy, float *dc,
                                   float *dbias) {
  size_t period = n;
  while (period % 2 == 0 && period * WIDTH / 2 % n == 0) period /= 2;
  vector sums[WIDTH];
  for (size_t p = 0; p < period; ++p) sums[p] = splat(0.0f);
  const size_t all = rows * n, whole = all / (period * WIDTH) * period * WIDTH;
  for (size_t i = 0; i < whole; i += period * WIDTH) {
    for (size_t p = 0; p < period; ++p) {
      const size_t place = i + p * WIDTH;
      const vector d = load(y + place) > splat(0.0f) ? load(dy + place) : splat(0.0f);
      store(dc + place, d);
      sums[p] += d;
    }
  }
  if (dbias) {
    for (size_t p = 0; p < period; ++p) {
      for (size_t lane = 0; lane < WIDTH; ++lane) dbias[(p * WIDTH + lane) % n] += sums[p][lane];
    }
  }
  for (size_t i = whole; i < all; ++i) {
    dc[i] = y[i] > 0 ? dy[i] : 0;
    if (dbias) dbias[i % n] += dc[i];
  }
}

/// Rows that go past all columns together, so that their lines are fetched once.
#define FINISH_ROWS 16

static void finish_rows_backward(size_t rows, size_t n, const reel_row_finish *finish,
                                 const float *y, const float *dy, float *dc, float *dresidual,
                                 float *dbias) {
  if (n > 0 && n < WIDTH && finish->rectified && !finish->positive && !finish->mask &&
      !finish->rectified_sum && !dresidual) {
    finish_narrow_backward(rows, n, y, dy, dc, dbias);
    return;
  }
  reel_row_finish here = *finish;
  for (size_t row = 0; row < rows; row += FINISH_ROWS) {
    const size_t count = rows - row < FINISH_ROWS ? rows - row : FINISH_ROWS;
    const size_t start = row * n;
    if (finish->mask) here.mask_rows = finish->mask_rows + row;
    if (finish->positive) here.positive = finish->positive + row * positive_stride(n);
    float *to_residual = dresidual ? dresidual + start : NULL;
    size_t j = 0;
    for (; j + WIDTH <= n; j += WIDTH) {
      finish_columns_backward(count, n, j, WIDTH, &here, y + start, dy + start, dc + start,
                              to_residual, dbias);
    }
    if (j < n) {
      finish_columns_backward(count, n, j, n - j, &here, y + start, dy + start, dc + start,
                              to_residual, dbias);
    }
  }
}
