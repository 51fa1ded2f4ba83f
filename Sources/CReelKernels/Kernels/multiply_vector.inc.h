// y = W·x + bias: each weight is used once, so that reading W is all the time it takes. Several rows
// go together, which gives independent chains and shares the loads of x; each row's sum is taken in
// WIDTH partial sums and joined pairwise, the same whichever rows go with it.

#define VECTOR_ROWS 8

/// W·x for `rows` rows (a constant once inlined) into `results`.
INLINE void dot_rows(const size_t rows, size_t k, const float *w, size_t ldw, const float *x,
                     float *results) {
  vector total[VECTOR_ROWS];
  UNROLL for (size_t r = 0; r < rows; ++r) total[r] = splat(0.0f);
  size_t i = 0;
  for (; i + WIDTH <= k; i += WIDTH) {
    vector v = load(x + i);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      total[r] = multiply_add(load(w + r * ldw + i), v, total[r]);
    }
  }
  if (i < k) {
    vector v = load_partial(x + i, k - i);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      total[r] = multiply_add(load_partial(w + r * ldw + i, k - i), v, total[r]);
    }
  }
  UNROLL for (size_t r = 0; r < rows; ++r) results[r] = vector_sum(total[r]);
}

static void multiply_vector(size_t n, size_t k, const float *w, size_t ldw, const float *x,
                            const float *bias, float *y, bool accumulate) {
  size_t row = 0;
  while (row < n) {
    float results[VECTOR_ROWS];
    size_t rows = 1;
    if (n - row >= VECTOR_ROWS) {
      rows = VECTOR_ROWS;
      dot_rows(VECTOR_ROWS, k, w + row * ldw, ldw, x, results);
    } else if (n - row >= 4) {
      rows = 4;
      dot_rows(4, k, w + row * ldw, ldw, x, results);
    } else {
      dot_rows(1, k, w + row * ldw, ldw, x, results);
    }
    for (size_t r = 0; r < rows; ++r) {
      float value = results[r];
      if (bias) value += bias[row + r];
      if (accumulate) value += y[row + r];
      y[row + r] = value;
    }
    row += rows;
  }
}
