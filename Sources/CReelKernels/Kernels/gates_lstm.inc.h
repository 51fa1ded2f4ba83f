// Gate steps of the LSTM, with and without peepholes: one body each, inlined for either, and forward for each
// use of its gates.

INLINE void lstm_forward_rows(const bool peeks, const reel_gate_use use, size_t rows,
                              size_t units, size_t hidden_size, const float *peephole,
                              float *gates, size_t ldg, const float *cell_previous, size_t ldcp,
                              float *cell, size_t ldc, float *hidden, size_t ldh) {
  const float *peek_input = peephole, *peek_forget = peephole + (peeks ? hidden_size : 0);
  const float *peek_output = peephole + (peeks ? 2 * hidden_size : 0);
  for (size_t row = 0; row < rows; ++row) {
    float *input = gates + row * ldg, *forget = input + hidden_size;
    float *candidate = forget + hidden_size, *output = candidate + hidden_size;
    const float *previous = cell_previous + row * ldcp;
    float *memory = cell + row * ldc;
    float *h = hidden + row * ldh;
    const float *ahead = h + 2 * ldh;  // as in the RNN
    REEL_FOR_EACH_VECTOR(units, {
      vector before = load_some(previous + i, count);
      vector in = load_some(input + i, count);
      vector keep = load_some(forget + i, count);
      vector new = load_some(candidate + i, count);
      if (peeks) {
        in = multiply_add(load_some(peek_input + i, count), before, in);
        keep = multiply_add(load_some(peek_forget + i, count), before, keep);
      }
      keep = gate_sigmoid(use, keep);
      if (use == REEL_GATES_KEPT) {
        in = gate_sigmoid(use, in);
        new = gate_tanh(use, new);
        store_some(input + i, in, count);
        store_some(forget + i, keep, count);
        store_some(candidate + i, new, count);
        new *= in;
      } else {
        new = gated_tanh(use, true, in, new);
      }
      store_some(memory + i, multiply_add(keep, before, new), count);
    })
    // By itself: behind the chain of the other gates it would hold up the next vectors.
    REEL_FOR_EACH_VECTOR(units, {
      __builtin_prefetch(ahead + i, 1);
      vector c = load_some(memory + i, count);
      vector out = load_some(output + i, count);
      if (peeks) out = multiply_add(load_some(peek_output + i, count), c, out);
      if (use == REEL_GATES_KEPT) {
        out = gate_sigmoid(use, out);
        store_some(output + i, out, count);
        store_some(h + i, out * gate_tanh(use, c), count);
      } else {
        store_some(h + i, gated_tanh(use, false, out, c), count);
      }
    })
  }
}

#define REEL_LSTM_FORWARD(PEEKS, USE)                                                              \
  lstm_forward_rows(PEEKS, USE, rows, units, hidden_size, peephole, gates, ldg, cell_previous,     \
                    ldcp, cell, ldc, hidden, ldh)
#define REEL_PLAIN_LSTM_FORWARD(USE) REEL_LSTM_FORWARD(false, USE)
#define REEL_PEEPHOLE_LSTM_FORWARD(USE) REEL_LSTM_FORWARD(true, USE)

static void lstm_forward(size_t rows, size_t units, size_t hidden_size, const float *peephole,
                         reel_gate_use use, float *gates, size_t ldg,
                         const float *cell_previous, size_t ldcp, float *cell, size_t ldc,
                         float *hidden, size_t ldh) {
  if (peephole) {
    REEL_FOR_GATE_USE(use, REEL_PEEPHOLE_LSTM_FORWARD)
  } else {
    REEL_FOR_GATE_USE(use, REEL_PLAIN_LSTM_FORWARD)
  }
}

/// With t = tanh(c): da_o = dh·t·o(1−o), dc += dh·o(1−t²) + w_o·da_o, da_i = dc·g·i(1−i),
/// da_f = dc·c_previous·f(1−f), da_g = dc·i(1−g²), dc_previous = dc·f + w_i·da_i + w_f·da_f.
INLINE void lstm_backward_rows(const bool peeks, size_t rows, size_t units, size_t hidden_size,
                               const float *peephole, float *gates, size_t ldg,
                               const float *cell_previous, size_t ldcp, const float *dhidden,
                               size_t lddh, float *dcell, size_t lddc, float *dpeephole) {
  const vector one = splat(1.0f);
  const size_t second = peeks ? hidden_size : 0, third = 2 * second;
  for (size_t row = 0; row < rows; ++row) {
    float *input = gates + row * ldg, *forget = input + hidden_size;
    float *candidate = forget + hidden_size, *output = candidate + hidden_size;
    const float *previous = cell_previous + row * ldcp;
    const float *dh_row = dhidden + row * lddh;
    float *dc_row = dcell + row * lddc;
    REEL_FOR_EACH_VECTOR(units, {
      vector in = load_some(input + i, count);
      vector keep = load_some(forget + i, count);
      vector new = load_some(candidate + i, count);
      vector out = load_some(output + i, count);
      vector before = load_some(previous + i, count);
      vector dh = load_some(dh_row + i, count);
      vector c = multiply_add(keep, before, in *new);
      vector t = vector_tanh(c);

      vector dout = (dh * t) * (out * (one - out));
      vector dc = multiply_add(dh * out, negative_multiply_add(t, t, one),
                               load_some(dc_row + i, count));
      if (peeks) dc = multiply_add(load_some(peephole + third + i, count), dout, dc);
      vector din = (dc *new) * (in * (one - in));
      vector dkeep = (dc * before) * (keep * (one - keep));
      vector dnew = (dc * in) * negative_multiply_add(new, new, one);
      vector dbefore = dc * keep;
      if (peeks) {
        dbefore = multiply_add(load_some(peephole + i, count), din, dbefore);
        dbefore = multiply_add(load_some(peephole + second + i, count), dkeep, dbefore);
        float *to = dpeephole + i;
        store_some(to, multiply_add(din, before, load_some(to, count)), count);
        to += second;
        store_some(to, multiply_add(dkeep, before, load_some(to, count)), count);
        to += second;
        store_some(to, multiply_add(dout, c, load_some(to, count)), count);
      }
      store_some(input + i, din, count);
      store_some(forget + i, dkeep, count);
      store_some(candidate + i, dnew, count);
      store_some(output + i, dout, count);
      store_some(dc_row + i, dbefore, count);
    })
  }
}

static void lstm_backward(size_t rows, size_t units, size_t hidden_size, const float *peephole,
                          float *gates, size_t ldg, const float *cell_previous, size_t ldcp,
                          const float *dhidden, size_t lddh, float *dcell, size_t lddc,
                          float *dpeephole) {
  if (peephole) {
    lstm_backward_rows(true, rows, units, hidden_size, peephole, gates, ldg, cell_previous, ldcp,
                       dhidden, lddh, dcell, lddc, dpeephole);
  } else {
    lstm_backward_rows(false, rows, units, hidden_size, NULL, gates, ldg, cell_previous, ldcp,
                       dhidden, lddh, dcell, lddc, NULL);
  }
}
