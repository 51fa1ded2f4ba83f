// Softmax, log-softmax and cross-entropy over rows. The greatest value of a row is taken off first,
// so that no exponential overflows; sums are in 16 partial sums (see reductions).

/// exp(x − shift) into y where y is not NULL; returns the sum.
INLINE float exponentials(size_t n, const float *x, float shift, float *y) {
  vector s = splat(shift);
  lanes l = lanes_of(0.0f);
  REEL_FOR_EACH_BLOCK(n, REEL_FOR_EACH_PART({
    vector e = vector_exp_negative(load_some(x + at, here) - s);
    if (y) store_some(y + at, e, here);
    l.part[p] += keep_first(here, e, splat(0.0f));
  }))
  return lanes_sum(l);
}

static void softmax(size_t rows, size_t columns, const float *x, size_t ldx, float *y,
                    size_t ldy) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * ldx;
    float *to = y + row * ldy;
    float total = exponentials(columns, from, row_maximum(columns, from), to);
    scale_add(columns, 1.0f / total, 0.0f, to, to);
  }
}

static void log_softmax(size_t rows, size_t columns, const float *x, size_t ldx, float *y,
                        size_t ldy) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * ldx;
    float *to = y + row * ldy;
    float greatest = row_maximum(columns, from);
    vector shift = splat(greatest);
    vector log_total = splat(scalar_log(exponentials(columns, from, greatest, NULL)));
    REEL_FOR_EACH_VECTOR(columns, {
      store_some(to + i, (load_some(from + i, count) - shift) - log_total, count);
    })
  }
}

static void softmax_backward(size_t rows, size_t columns, const float *y, const float *dy,
                             float *dx) {
  for (size_t row = 0; row < rows; ++row) {
    const float *value = y + row * columns;
    const float *arriving = dy + row * columns;
    float *to = dx + row * columns;
    vector mean = splat(dot(columns, value, arriving));
    REEL_FOR_EACH_VECTOR(columns, {
      vector difference = load_some(arriving + i, count) - mean;
      store_some(to + i, load_some(value + i, count) * difference, count);
    })
  }
}

static void log_softmax_backward(size_t rows, size_t columns, const float *y, const float *dy,
                                 float *dx) {
  for (size_t row = 0; row < rows; ++row) {
    const float *value = y + row * columns;
    const float *arriving = dy + row * columns;
    float *to = dx + row * columns;
    vector total = splat(sum(columns, arriving));
    REEL_FOR_EACH_VECTOR(columns, {
      vector probability = vector_exp_negative(load_some(value + i, count));
      vector gradient = load_some(arriving + i, count);
      store_some(to + i, negative_multiply_add(probability, total, gradient), count);
    })
  }
}

static void cross_entropy(size_t rows, size_t columns, const float *x, const int32_t *targets,
                          float smoothing, float *losses, float *gradient) {
  const float share = smoothing / (float)columns;
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * columns;
    float *to = gradient ? gradient + row * columns : NULL;
    if (targets[row] < 0) {
      losses[row] = 0;
      if (to) __builtin_memset(to, 0, columns * sizeof(float));
      continue;
    }
    size_t target = (size_t)targets[row];
    float greatest = row_maximum(columns, from);
    float chosen = from[target] - greatest;

    // Σ(x − greatest) is needed for smoothing alone; without it, −∞ in x must not spoil the loss.
    float mean = 0;
    if (smoothing != 0) {
      vector shift = splat(greatest);
      lanes l = lanes_of(0.0f);
      REEL_FOR_EACH_BLOCK(columns, REEL_FOR_EACH_PART({
        l.part[p] += keep_first(here, load_some(from + at, here) - shift, splat(0.0f));
      }))
      mean = lanes_sum(l) / (float)columns;
    }

    float total = exponentials(columns, from, greatest, to);
    float log_total = scalar_log(total);
    float loss = log_total - chosen;
    if (smoothing != 0) loss = (1 - smoothing) * loss + smoothing * (log_total - mean);
    losses[row] = loss;
    if (to) {
      scale_add(columns, 1.0f / total, -share, to, to);
      to[target] -= 1 - smoothing;
    }
  }
}
