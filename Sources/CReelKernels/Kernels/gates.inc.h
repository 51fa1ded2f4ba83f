// Gate steps of the simple recurrent network and the GRU; the LSTM's are in gates_lstm. Each has one body,
// inlined once for each use of its gates.

INLINE vector gate_tanh(const reel_gate_use use, vector x) {
  return use == REEL_GATES_COARSE ? coarse_tanh(x) : vector_tanh(x);
}

INLINE vector gate_sigmoid(const reel_gate_use use, vector x) {
  return use == REEL_GATES_COARSE ? finer_sigmoid(x) : vector_sigmoid(x);
}

/// σ(a)·tanh(b), which goes into a state or not.
INLINE vector gated_tanh(const reel_gate_use use, const bool goes_on, vector a, vector b) {
  return use == REEL_GATES_COARSE ? coarse_gated_tanh(goes_on, a, b)
                                  : vector_sigmoid(a) * vector_tanh(b);
}

/// CALL(use) with a constant.
#define REEL_FOR_GATE_USE(USE, CALL)    \
  switch (USE) {                        \
    case REEL_GATES_KEPT:               \
      CALL(REEL_GATES_KEPT);            \
      break;                            \
    case REEL_GATES_DROPPED:            \
      CALL(REEL_GATES_DROPPED);         \
      break;                            \
    case REEL_GATES_COARSE:             \
      CALL(REEL_GATES_COARSE);          \
      break;                            \
  }

INLINE void rnn_forward_rows(const reel_gate_use use, size_t rows, size_t units, bool rectified,
                             float *gates, size_t ldg, float *hidden, size_t ldh) {
  for (size_t row = 0; row < rows; ++row) {
    float *a = gates + row * ldg;
    float *h = hidden + row * ldh;
    // States may be lines of a large output, which a store waits for: those of the row after the next.
    const float *ahead = h + 2 * ldh;
    REEL_FOR_EACH_VECTOR(units, {
      __builtin_prefetch(ahead + i, 1);
      vector v = load_some(a + i, count);
      v = rectified ? (v < splat(0.0f) ? splat(0.0f) : v) : gate_tanh(use, v);
      if (use == REEL_GATES_KEPT) store_some(a + i, v, count);
      store_some(h + i, v, count);
    })
  }
}

#define REEL_RNN_FORWARD(USE) \
  rnn_forward_rows(USE, rows, units, rectified, gates, ldg, hidden, ldh)

static void rnn_forward(size_t rows, size_t units, bool rectified, reel_gate_use use, float *gates,
                        size_t ldg, float *hidden, size_t ldh) {
  REEL_FOR_GATE_USE(use, REEL_RNN_FORWARD)
}

/// da = dh·(1 − h²), or dh where h > 0.
static void rnn_backward(size_t rows, size_t units, bool rectified, float *gates, size_t ldg,
                         const float *dhidden, size_t lddh) {
  for (size_t row = 0; row < rows; ++row) {
    const float *dh = dhidden + row * lddh;
    float *h = gates + row * ldg;
    if (rectified) {
      rectify_backward(units, h, dh, h);
    } else {
      hyperbolic_tangent_backward(units, h, dh, h);
    }
  }
}

INLINE void gru_forward_rows(const reel_gate_use use, size_t rows, size_t units,
                             size_t hidden_size, float *gates, size_t ldg, const float *candidate,
                             size_t ldu, const float *hidden_previous, size_t ldhp, float *hidden,
                             size_t ldh) {
  for (size_t row = 0; row < rows; ++row) {
    float *reset = gates + row * ldg, *update = reset + hidden_size, *new = update + hidden_size;
    const float *u = candidate + row * ldu;
    const float *previous = hidden_previous + row * ldhp;
    float *h = hidden + row * ldh;
    const float *ahead = h + 2 * ldh;  // as in the RNN
    REEL_FOR_EACH_VECTOR(units, {
      __builtin_prefetch(ahead + i, 1);
      vector r = gate_sigmoid(use, load_some(reset + i, count));
      vector z = gate_sigmoid(use, load_some(update + i, count));
      store_some(reset + i, r, count);
      store_some(update + i, z, count);
    })
    // By itself, as in the LSTM: 10 ns for a vector of 16 units, 13 in one loop.
    REEL_FOR_EACH_VECTOR(units, {
      vector r = load_some(reset + i, count);
      vector z = load_some(update + i, count);
      vector n = multiply_add(r, load_some(u + i, count), load_some(new + i, count));
      n = gate_tanh(use, n);
      if (use == REEL_GATES_KEPT) store_some(new + i, n, count);
      // (1 − z)·n + z·h
      vector kept = multiply_add(z, load_some(previous + i, count) - n, n);
      store_some(h + i, kept, count);
    })
  }
}

#define REEL_GRU_FORWARD(USE)                                                              \
  gru_forward_rows(USE, rows, units, hidden_size, gates, ldg, candidate, ldu,              \
                   hidden_previous, ldhp, hidden, ldh)

static void gru_forward(size_t rows, size_t units, size_t hidden_size, reel_gate_use use,
                        float *gates, size_t ldg, const float *candidate, size_t ldu,
                        const float *hidden_previous, size_t ldhp, float *hidden, size_t ldh) {
  REEL_FOR_GATE_USE(use, REEL_GRU_FORWARD)
}

/// With s = a_n + r ⊙ u: dn = dh(1−z), ds = dn(1−n²), da_r = ds·u·r(1−r), da_z = dh(h_previous − n)
/// z(1−z), du = ds·r.
static void gru_backward(size_t rows, size_t units, size_t hidden_size, float *gates, size_t ldg,
                         float *candidate, size_t ldu, const float *hidden_previous, size_t ldhp,
                         float *dhidden, size_t lddh) {
  const vector one = splat(1.0f);
  for (size_t row = 0; row < rows; ++row) {
    float *reset = gates + row * ldg, *update = reset + hidden_size, *new = update + hidden_size;
    float *candidates = candidate + row * ldu;
    const float *previous = hidden_previous + row * ldhp;
    float *gradient = dhidden + row * lddh;
    REEL_FOR_EACH_VECTOR(units, {
      vector r = load_some(reset + i, count);
      vector z = load_some(update + i, count);
      vector n = load_some(new + i, count);
      vector u = load_some(candidates + i, count);
      vector dh = load_some(gradient + i, count);
      vector ds = (dh * (one - z)) * negative_multiply_add(n, n, one);
      vector dz = (dh * (load_some(previous + i, count) - n)) * (z * (one - z));
      store_some(reset + i, (ds * u) * (r * (one - r)), count);
      store_some(update + i, dz, count);
      store_some(new + i, ds, count);
      store_some(candidates + i, ds * r, count);
      store_some(gradient + i, dh * z, count);
    })
  }
}
