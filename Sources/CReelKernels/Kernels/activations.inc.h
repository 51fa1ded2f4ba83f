// Activation functions beyond those that recurrent gates need, with their gradients; the
// equations stand in CReelKernels.h.

/// exp(x) − 1 for x ≤ 0, with every bit of a small x.
INLINE vector vector_expm1_negative(vector x) {
  x = x < splat(-30.0f) ? splat(-30.0f) : x;
  vector shifted, n, high;
  vector r = reduce(x, &shifted, &n, &high);
  vector power = power_of_two(bits_of(shifted));
  vector exact = multiply_add(power, high, power - splat(1.0f));
  vector rest = negative_multiply_add(n, splat(REEL_LN2_LOW), (r * r) * expm1_tail(r));
  return multiply_add(power, rest, exact);
}

/// The error function to within 1.2e-7: t·P(t²) for |t| < 1, and 1 − exp(−Q(|t|)) beyond. The
/// coefficients are those of least greatest error (reweighted least squares over Chebyshev points).
INLINE vector vector_erf(vector x) {
  ivector sign = bits_of(x) & (int32_t)0x80000000;
  vector t = float_of(bits_of(x) ^ sign);
  vector s = t * t;
  vector p = multiply_add(splat(7.889124390203506e-05f), s, splat(-0.0008020842797122896f));
  p = multiply_add(p, s, splat(0.005189535673707724f));
  p = multiply_add(p, s, splat(-0.026854444295167923f));
  p = multiply_add(p, s, splat(0.11283600330352783f));
  p = multiply_add(p, s, splat(-0.3761262595653534f));
  p = multiply_add(p, s, splat(1.1283791065216064f));
  vector u = t > splat(4.0f) ? splat(4.0f) : t;
  vector q = multiply_add(splat(2.1686433683498763e-05f), u, splat(-0.00044133138726465404f));
  q = multiply_add(q, u, splat(0.004204536788165569f));
  q = multiply_add(q, u, splat(-0.025208188220858574f));
  q = multiply_add(q, u, splat(0.10841846466064453f));
  q = multiply_add(q, u, splat(0.6332200169563293f));
  q = multiply_add(q, u, splat(1.1295783519744873f));
  q = multiply_add(q, u, splat(-0.00018802809063345194f));
  vector large = splat(1.0f) - vector_exp_negative(-q);
  vector result = t < splat(1.0f) ? t * p : large;
  return float_of(bits_of(result) | sign);
}

/// log(1 + e) for 0 ≤ e ≤ 1: the part of e that 1 + e has lost is put back.
INLINE vector vector_log1p(vector e) {
  vector sum = splat(1.0f) + e;
  return vector_log(sum) + (e - (sum - splat(1.0f))) / sum;
}

/// Φ(x), the probability that a standard normal number lies below x.
INLINE vector vector_normal_probability(vector x) {
  return multiply_add(splat(0.5f), vector_erf(x * splat(0.70710678f)), splat(0.5f));
}

/// tanh(√(2/π)·(x + 0.044715·x³)).
INLINE vector vector_gelu_tanh(vector x) {
  vector cube = x * x * x;
  return vector_tanh(splat(0.79788456f) * multiply_add(splat(0.044715f), cube, x));
}

INLINE vector leaky_value(vector x, vector slope) { return x > splat(0.0f) ? x : slope * x; }

INLINE vector elu_value(vector x, vector alpha) {
  return x > splat(0.0f) ? x : alpha * vector_expm1_negative(x > splat(0.0f) ? splat(0.0f) : x);
}

INLINE vector softplus_value(vector x) {
  ivector magnitude = bits_of(x) & 0x7fffffff;
  vector positive = x < splat(0.0f) ? splat(0.0f) : x;
  return positive + vector_log1p(vector_exp_negative(-float_of(magnitude)));
}

INLINE vector leaky_slope(vector x, vector slope) { return x > splat(0.0f) ? splat(1.0f) : slope; }

INLINE vector elu_slope(vector x, vector alpha) {
  vector e = vector_exp_negative(x > splat(0.0f) ? splat(0.0f) : x);
  return x > splat(0.0f) ? splat(1.0f) : alpha * e;
}

INLINE vector gelu_slope(vector x) {
  vector density = splat(0.39894228f) * vector_exp_negative(splat(-0.5f) * x * x);
  return multiply_add(x, density, vector_normal_probability(x));
}

INLINE vector gelu_tanh_slope(vector x) {
  // Farther out it is 0 or 1, and the squares below must stay finite.
  x = x < splat(-20.0f) ? splat(-20.0f) : x;
  x = x > splat(20.0f) ? splat(20.0f) : x;
  vector t = vector_gelu_tanh(x);
  vector inner = splat(0.79788456f) * multiply_add(splat(0.134145f), x * x, splat(1.0f));
  vector half = splat(0.5f) * multiply_add(x * negative_multiply_add(t, t, splat(1.0f)), inner, t);
  return half + splat(0.5f);
}

INLINE vector silu_slope(vector x) {
  vector s = vector_sigmoid(x);
  return s * multiply_add(x, splat(1.0f) - s, splat(1.0f));
}

#define REEL_ACTIVATION_CASE(KIND, VALUE)          \
  case KIND: {                                     \
    REEL_FOR_EACH_VECTOR(n, {                      \
      vector v = load_some(x + i, count);          \
      store_some(y + i, VALUE, count);             \
    })                                             \
    break;                                         \
  }

static void activate(int kind, size_t n, float first, float second, const float *x, float *y) {
  const vector a = splat(first), b = splat(second);
  switch (kind) {
    REEL_ACTIVATION_CASE(REEL_LEAKY_RELU, leaky_value(v, a))
    REEL_ACTIVATION_CASE(REEL_ELU, elu_value(v, a))
    REEL_ACTIVATION_CASE(REEL_GELU, v *vector_normal_probability(v))
    REEL_ACTIVATION_CASE(REEL_GELU_TANH,
                         splat(0.5f) * v * (splat(1.0f) + vector_gelu_tanh(v)))
    REEL_ACTIVATION_CASE(REEL_SILU, v *vector_sigmoid(v))
    REEL_ACTIVATION_CASE(REEL_SOFTPLUS, softplus_value(v))
    REEL_ACTIVATION_CASE(REEL_SCALED_TANH, a *vector_tanh(b *v))
  }
}

#define REEL_ACTIVATION_SLOPE_CASE(KIND, SLOPE)                        \
  case KIND: {                                                         \
    REEL_FOR_EACH_VECTOR(n, {                                          \
      vector v = load_some(x + i, count);                              \
      store_some(dx + i, load_some(dy + i, count) * (SLOPE), count);   \
    })                                                                 \
    break;                                                             \
  }

INLINE vector scaled_tanh_slope(vector x, vector a, vector b) {
  vector t = vector_tanh(b * x);
  return a * b * negative_multiply_add(t, t, splat(1.0f));
}

static void activate_backward(int kind, size_t n, float first, float second, const float *x,
                              const float *dy, float *dx) {
  const vector a = splat(first), b = splat(second);
  switch (kind) {
    REEL_ACTIVATION_SLOPE_CASE(REEL_LEAKY_RELU, leaky_slope(v, a))
    REEL_ACTIVATION_SLOPE_CASE(REEL_ELU, elu_slope(v, a))
    REEL_ACTIVATION_SLOPE_CASE(REEL_GELU, gelu_slope(v))
    REEL_ACTIVATION_SLOPE_CASE(REEL_GELU_TANH, gelu_tanh_slope(v))
    REEL_ACTIVATION_SLOPE_CASE(REEL_SILU, silu_slope(v))
    REEL_ACTIVATION_SLOPE_CASE(REEL_SOFTPLUS, vector_sigmoid(v))
    REEL_ACTIVATION_SLOPE_CASE(REEL_SCALED_TANH, scaled_tanh_slope(v, a, b))
  }
}

static void parametric_rectify(size_t rows, size_t columns, const float *slopes, const float *x,
                               float *y) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * columns;
    float *to = y + row * columns;
    REEL_FOR_EACH_VECTOR(columns, {
      store_some(to + i, leaky_value(load_some(from + i, count), load_some(slopes + i, count)),
                 count);
    })
  }
}

static void parametric_rectify_backward(size_t rows, size_t columns, const float *slopes,
                                        const float *x, const float *dy, float *dx,
                                        float *dslopes) {
  REEL_FOR_EACH_COLUMN_BLOCK(columns, {
    vector total[REEL_COLUMN_VECTORS];
    REEL_EACH_VECTOR({ total[v] = load_some(dslopes + at, count); })
    for (size_t row = 0; row < rows; ++row) {
      const size_t start = row * columns;
      REEL_EACH_VECTOR({
        vector value = load_some(x + start + at, count);
        vector arriving = load_some(dy + start + at, count);
        vector slope = load_some(slopes + at, count);
        vector below = value > splat(0.0f) ? splat(0.0f) : value;
        total[v] = multiply_add(arriving, below, total[v]);
        store_some(dx + start + at, arriving * leaky_slope(value, slope), count);
      })
    }
    REEL_EACH_VECTOR({ store_some(dslopes + at, total[v], count); })
  })
}

static void grouped_maximum(size_t rows, size_t groups, size_t size, const float *x, float *y,
                            int32_t *chosen) {
  for (size_t place = 0; place < rows * groups; ++place) {
    const float *from = x + place * size;
    float best = from[0];
    int32_t number = 0;
    for (size_t i = 1; i < size; ++i) {
      if (from[i] > best || from[i] != from[i]) {
        best = from[i];
        number = (int32_t)i;
      }
    }
    y[place] = best;
    if (chosen) chosen[place] = number;
  }
}
