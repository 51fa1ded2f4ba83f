// Layer normalization over rows (Ba, Kiros, Hinton 2016). The variance is the mean of squared
// differences from the mean, in a second pass: E[x²] − μ² would cancel.

static void layer_norm(size_t rows, size_t columns, const float *x, size_t ldx, const float *gain,
                       const float *bias, float epsilon, float *y, size_t ldy, float *mean,
                       float *inverse_deviation) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * ldx;
    float *to = y + row * ldy;
    float average = sum(columns, from) / (float)columns;
    vector center = splat(average);
    lanes squares = lanes_of(0.0f);
    REEL_FOR_EACH_BLOCK(columns, REEL_FOR_EACH_PART({
      vector difference = keep_first(here, load_some(from + at, here) - center, splat(0.0f));
      squares.part[p] = multiply_add(difference, difference, squares.part[p]);
    }))
    float variance = lanes_sum(squares) / (float)columns;
    float inverse = 1.0f / square_root(splat(variance + epsilon))[0];
    mean[row] = average;
    inverse_deviation[row] = inverse;

    vector scale = splat(inverse);
    REEL_FOR_EACH_VECTOR(columns, {
      vector v = (load_some(from + i, count) - center) * scale;
      if (gain) v = v * load_some(gain + i, count);
      if (bias) v = v + load_some(bias + i, count);
      store_some(to + i, v, count);
    })
  }
}

/// With x̂ = (x − μ)/√(σ²+ε) and g = dy ⊙ gain: dx = (g − mean(g) − x̂·mean(g ⊙ x̂))/√(σ²+ε).
static void layer_norm_backward(size_t rows, size_t columns, const float *x, size_t ldx,
                                const float *gain, const float *mean,
                                const float *inverse_deviation, const float *dy, size_t lddy,
                                float *dx, size_t lddx, float *dgain, float *dbias) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * ldx;
    const float *arriving = dy + row * lddy;
    float *to = dx + row * lddx;
    vector center = splat(mean[row]);
    vector scale = splat(inverse_deviation[row]);
    lanes plain = lanes_of(0.0f);
    lanes weighted = lanes_of(0.0f);
    REEL_FOR_EACH_BLOCK(columns, REEL_FOR_EACH_PART({
      vector normal = (load_some(from + at, here) - center) * scale;
      vector g = load_some(arriving + at, here);
      if (dgain) {
        store_some(dgain + at, multiply_add(g, normal, load_some(dgain + at, here)), here);
      }
      if (dbias) store_some(dbias + at, load_some(dbias + at, here) + g, here);
      if (gain) g = g * load_some(gain + at, here);
      // Lanes beyond the row have g = 0 and add nothing.
      plain.part[p] += g;
      weighted.part[p] = multiply_add(g, normal, weighted.part[p]);
    }))
    vector mean_plain = splat(lanes_sum(plain) / (float)columns);
    vector mean_weighted = splat(lanes_sum(weighted) / (float)columns);
    REEL_FOR_EACH_VECTOR(columns, {
      vector normal = (load_some(from + i, count) - center) * scale;
      vector g = load_some(arriving + i, count);
      if (gain) g = g * load_some(gain + i, count);
      vector v = negative_multiply_add(normal, mean_weighted, g - mean_plain) * scale;
      store_some(to + i, v, count);
    })
  }
}
