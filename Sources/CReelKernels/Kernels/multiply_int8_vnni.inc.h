// y = W·x with weights of 8 bits, as in multiply_int8.inc.h and to the same bits, by the instruction
// that sums four products of bytes (VNNI). One of its operands is signed and the other is not, so
// an integer of 16 bits is 256·h + l with h signed and l not; where h is the other operand, weights
// are taken 128 higher:
//
//     Σ w·x = Σ w·l + 256·(Σ (w + 128)·h − 128·Σ h).

enum {
  BYTE_COLUMNS = 4 * WIDTH,  // bytes of a vector
  MOST_BYTE_COLUMNS = 4096,  // on the stack; longer rows go the other way. (Sums have room for 65,536.)
};

/// The integers of a vector, their upper and lower bytes apart and filled up with zeros.
typedef struct {
  _Alignas(64) int8_t high[MOST_BYTE_COLUMNS];
  _Alignas(64) uint8_t low[MOST_BYTE_COLUMNS];
  int32_t high_sum;
} divided_integers;

static void divide_integers(size_t k, const int16_t *x, divided_integers *parts) {
  const __m512i zero = _mm512_setzero_si512(), ones = _mm512_set1_epi16(1);
  __m512i sum = zero;
  for (size_t i = 0; i < k; i += 2 * WIDTH) {
    __mmask32 lanes = k - i < 2 * WIDTH ? (1u << (k - i)) - 1 : ~0u;
    __m512i v = _mm512_maskz_loadu_epi16(lanes, x + i);
    __m512i high = _mm512_srai_epi16(v, 8);
    _mm256_storeu_si256((__m256i *)(parts->high + i), _mm512_cvtepi16_epi8(high));
    _mm256_storeu_si256((__m256i *)(parts->low + i), _mm512_cvtepi16_epi8(v));
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(high, ones));
  }
  // The second half of the last vector.
  size_t filled = (k + 2 * WIDTH - 1) / (2 * WIDTH) * (2 * WIDTH);
  if (filled % BYTE_COLUMNS != 0) {
    _mm256_storeu_si256((__m256i *)(parts->high + filled), _mm512_castsi512_si256(zero));
    _mm256_storeu_si256((__m256i *)(parts->low + filled), _mm512_castsi512_si256(zero));
  }
  parts->high_sum = integer_sum((ivector)sum);
}

/// Adds the products of 64 columns of `rows` rows, without those that `lanes` leaves out.
INLINE void add_byte_products(const size_t rows, const int8_t *w, size_t ldw, __mmask64 lanes,
                              const divided_integers *x, size_t column, ivector *high_sums,
                              ivector *low_sums) {
  const __m512i offset = _mm512_set1_epi8(-128);
  __m512i high = _mm512_load_si512(x->high + column), low = _mm512_load_si512(x->low + column);
  UNROLL for (size_t r = 0; r < rows; ++r) {
    __m512i weights = _mm512_maskz_loadu_epi8(lanes, w + r * ldw + column);
    __m512i raised = _mm512_xor_si512(weights, offset);
    low_sums[r] = (ivector)_mm512_dpbusd_epi32((__m512i)low_sums[r], low, weights);
    high_sums[r] = (ivector)_mm512_dpbusd_epi32((__m512i)high_sums[r], raised, high);
  }
}

/// The dot products of `rows` rows (a constant once inlined).
INLINE void dot_byte_rows(const size_t rows, size_t k, const int8_t *w, size_t ldw,
                          const divided_integers *x, const float *scales, float x_scale,
                          float *results) {
  ivector high_sums[VECTOR_ROWS], low_sums[VECTOR_ROWS];
  UNROLL for (size_t r = 0; r < rows; ++r) high_sums[r] = low_sums[r] = (ivector)(0);
  size_t i = 0;
  for (; i + BYTE_COLUMNS <= k; i += BYTE_COLUMNS) {
    add_byte_products(rows, w, ldw, ~(__mmask64)0, x, i, high_sums, low_sums);
  }
  if (i < k) {
    __mmask64 lanes = ((__mmask64)1 << (k - i)) - 1;
    add_byte_products(rows, w, ldw, lanes, x, i, high_sums, low_sums);
  }
  int32_t high[VECTOR_ROWS], low[VECTOR_ROWS];
  row_sums(rows, high_sums, high);
  row_sums(rows, low_sums, low);
  UNROLL for (size_t r = 0; r < rows; ++r) {
    int64_t total = low[r] + 256 * (int64_t)(high[r] - 128 * x->high_sum);
    results[r] = (float)total * (scales[r] * x_scale);
  }
}

static void multiply_vector_int8_vnni(size_t n, size_t k, const int8_t *w, size_t ldw,
                                      const float *scales, const int16_t *x, float x_scale,
                                      const float *bias, float *y, bool accumulate) {
  if (k > MOST_BYTE_COLUMNS) {
    multiply_vector_int8(n, k, w, ldw, scales, x, x_scale, bias, y, accumulate);
    return;
  }
  divided_integers parts;
  divide_integers(k, x, &parts);
  float results[VECTOR_ROWS];
  size_t row = 0;
  for (; row + VECTOR_ROWS <= n; row += VECTOR_ROWS) {
    dot_byte_rows(VECTOR_ROWS, k, w + row * ldw, ldw, &parts, scales + row, x_scale, results);
    finish_dots(VECTOR_ROWS, row, results, bias, y, accumulate);
  }
  for (; row < n; ++row) {
    dot_byte_rows(1, k, w + row * ldw, ldw, &parts, scales + row, x_scale, results);
    finish_dots(1, row, results, bias, y, accumulate);
  }
}
