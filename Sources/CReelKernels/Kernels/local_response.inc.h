// Local response normalization (Krizhevsky, Sutskever and Hinton 2012) over the channels of a row.

/// target[c] = bias + factor·Σ_d source[c + d] for d in 0..<size; `source` begins before channel 0.
INLINE void window_sums(size_t columns, size_t size, const float *source, float factor, float bias,
                        float *target) {
  REEL_FOR_EACH_VECTOR(columns, {
    vector total = splat(0.0f);
    for (size_t d = 0; d < size; ++d) total += load_some(source + i + d, count);
    store_some(target + i, multiply_add(splat(factor), total, splat(bias)), count);
  })
}

/// s to the power of −β, for s > 0.
INLINE vector negative_power(vector s, float beta) {
  return vector_exp(splat(-beta) * vector_log(s));
}

static void local_response(size_t rows, size_t columns, size_t before, size_t after, float alpha,
                           float beta, float bias, const float *x, float *y, float *scratch) {
  const size_t size = before + after + 1;
  float *squares = scratch;
  float *sums = scratch + columns + size;
  for (size_t i = 0; i < columns + size; ++i) squares[i] = 0.0f;
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * columns;
    float *to = y + row * columns;
    multiply(columns, from, from, squares + before);
    window_sums(columns, size, squares, alpha, bias, sums);
    REEL_FOR_EACH_VECTOR(columns, {
      vector power = negative_power(load_some(sums + i, count), beta);
      store_some(to + i, load_some(from + i, count) * power, count);
    })
  }
}

static void local_response_backward(size_t rows, size_t columns, size_t before, size_t after,
                                    float alpha, float beta, float bias, const float *x,
                                    const float *dy, float *dx, float *scratch) {
  const size_t size = before + after + 1;
  float *padded = scratch;
  float *sums = scratch + columns + size;
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * columns;
    const float *arriving = dy + row * columns;
    float *to = dx + row * columns;
    for (size_t i = 0; i < columns + size; ++i) padded[i] = 0.0f;
    multiply(columns, from, from, padded + before);
    window_sums(columns, size, padded, alpha, bias, sums);
    // dx_i = dy_i·s_i^−β − 2·α·β·x_i·Σ_j dy_j·x_j·s_j^(−β−1), over all j whose window holds i.
    for (size_t i = 0; i < columns + size; ++i) padded[i] = 0.0f;
    {
      REEL_FOR_EACH_VECTOR(columns, {
        vector s = load_some(sums + i, count);
        vector direct = load_some(arriving + i, count) * negative_power(s, beta);
        // The lanes behind the row have s = 0.
        vector term = direct * load_some(from + i, count) / s;
        store_some(padded + after + i, term, count);
        store_some(to + i, direct, count);
      })
    }
    window_sums(columns, size, padded, 2.0f * alpha * beta, 0.0f, sums);
    REEL_FOR_EACH_VECTOR(columns, {
      vector value = negative_multiply_add(load_some(from + i, count),
                                           load_some(sums + i, count), load_some(to + i, count));
      store_some(to + i, value, count);
    })
  }
}
