// The product of a convolution, whose rows are put together from rows in parts; see
// multiply_taps.inc.h.

/// 16 rows of one tap, of which `rows` are there: where they lie evenly, they are read from there;
/// otherwise they are put together in `gathered`.
INLINE left_rows tap_rows(size_t rows, const float *source, size_t lds, const int32_t *numbers,
                          size_t ldnumbers, size_t length, float *gathered) {
  const int32_t first = numbers[0];
  const int32_t step = rows > 1 ? numbers[ldnumbers] - first : 0;
  bool even = rows == SIDE && first >= 0 && step >= 0;
  for (size_t r = 1; r < rows && even; ++r) {
    even = numbers[r * ldnumbers] == first + (int32_t)r * step;
  }
  if (even) return (left_rows){source + (size_t)first * lds, (size_t)step * lds * sizeof(float)};
  for (size_t r = 0; r < SIDE; ++r) {
    const int32_t number = r < rows ? numbers[r * ldnumbers] : -1;
    const float *from = number < 0 ? zero_line : source + (size_t)number * lds;
    for (size_t i = 0; i < length; i += LINE) {
      _mm512_storeu_ps(gathered + r * length + i, _mm512_loadu_ps(from + i));
    }
  }
  return (left_rows){gathered, length * sizeof(float)};
}

static size_t tap_scratch(size_t taps, size_t channels) {
  return 2 * taps * SIDE * row_length(channels);
}

static void multiply_split_taps(size_t m, size_t n, size_t taps, size_t channels,
                                const float *source, size_t lds, const int32_t *sources,
                                size_t ldsources, const float *right, const float *bias, float *c,
                                size_t ldc, bool accumulate, float *scratch) {
  const size_t length = row_length(channels);
  left_rows left[2][REEL_MOST_SPLIT_TAPS];
  _tile_loadconfig(&tile_shapes);
  for (size_t row = 0; row < m; row += 2 * SIDE) {
    for (size_t half = 0; half < 2 && row + half * SIDE < m; ++half) {
      const size_t first = row + half * SIDE;
      for (size_t tap = 0; tap < taps; ++tap) {
        left[half][tap] =
            tap_rows(least(SIDE, m - first), source, lds, sources + first * ldsources + tap,
                     ldsources, length, scratch + (half * taps + tap) * SIDE * length);
      }
    }
    for (size_t column = 0; column < n;) {
      column += multiply_group(taps, blocks_of(channels), left[0], left[1],
                               right + column / SIDE * taps * columns_length(channels, 1),
                               sums_of(row, m, column, n, bias, c, ldc, accumulate), NULL, 0);
    }
  }
  _tile_release();
}
