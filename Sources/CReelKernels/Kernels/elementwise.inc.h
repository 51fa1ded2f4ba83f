// Elementwise kernels. Each value is written once, for whole vectors and for the tail alike, and
// operands are read before the result is written, so that a result may replace an operand.

#define REEL_FOR_EACH_VECTOR(n, STEP)                              \
  {                                                                \
    size_t i = 0;                                                  \
    for (; i + WIDTH <= (n); i += WIDTH) {                         \
      const size_t count = WIDTH;                                  \
      STEP                                                         \
    }                                                              \
    if (i < (n)) {                                                 \
      const size_t count = (n) - i;                                \
      STEP                                                         \
    }                                                              \
  }

/// y = VALUE(v), v from x.
#define REEL_UNARY(NAME, VALUE)                                    \
  static void NAME(size_t n, const float *x, float *y) {           \
    REEL_FOR_EACH_VECTOR(n, {                                      \
      vector v = load_some(x + i, count);                          \
      store_some(y + i, VALUE, count);                             \
    })                                                             \
  }

/// y = VALUE(v, w), v from a and w from b.
#define REEL_BINARY(NAME, VALUE)                                   \
  static void NAME(size_t n, const float *a, const float *b, float *y) { \
    REEL_FOR_EACH_VECTOR(n, {                                      \
      vector v = load_some(a + i, count);                          \
      vector w = load_some(b + i, count);                          \
      store_some(y + i, VALUE, count);                             \
    })                                                             \
  }

REEL_UNARY(exponential, vector_exp(v))
REEL_UNARY(hyperbolic_tangent, vector_tanh(v))
REEL_UNARY(sigmoid, vector_sigmoid(v))
REEL_UNARY(logarithm, vector_log(v))
REEL_UNARY(elementwise_square_root, square_root(v))
REEL_UNARY(rectify, v < splat(0.0f) ? splat(0.0f) : v)

REEL_BINARY(add, v + w)
REEL_BINARY(subtract, v - w)
REEL_BINARY(multiply, v *w)
REEL_BINARY(divide, v / w)

// v is the function's value and w the gradient that arrives.
REEL_BINARY(hyperbolic_tangent_backward, w *negative_multiply_add(v, v, splat(1.0f)))
REEL_BINARY(sigmoid_backward, w *(v * (splat(1.0f) - v)))
REEL_BINARY(rectify_backward, v > splat(0.0f) ? w : splat(0.0f))

static void scale_add(size_t n, float scale, float offset, const float *x, float *y) {
  vector s = splat(scale), o = splat(offset);
  REEL_FOR_EACH_VECTOR(n, {
    store_some(y + i, multiply_add(s, load_some(x + i, count), o), count);
  })
}

static void add_scaled(size_t n, float scale, const float *x, float *y) {
  vector s = splat(scale);
  REEL_FOR_EACH_VECTOR(n, {
    vector sum = multiply_add(s, load_some(x + i, count), load_some(y + i, count));
    store_some(y + i, sum, count);
  })
}

static void multiply_add_to(size_t n, const float *a, const float *b, float *y) {
  REEL_FOR_EACH_VECTOR(n, {
    vector v = load_some(a + i, count);
    vector w = load_some(b + i, count);
    store_some(y + i, multiply_add(v, w, load_some(y + i, count)), count);
  })
}
