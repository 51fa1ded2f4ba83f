// Sums into pieces of rows that may overlap; see ScatteredTaps.

static void add_runs(size_t rows, size_t taps, size_t count_of_run, const float *x,
                     const int32_t *targets, float *y, size_t ldy) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t tap = 0; tap < taps; ++tap) {
      const int32_t number = *targets++;
      if (number >= 0) {
        float *to = y + (size_t)number * ldy;
        REEL_FOR_EACH_VECTOR(count_of_run, {
          store_some(to + i, load_some(to + i, count) + load_some(x + i, count), count);
        })
      }
      x += count_of_run;
    }
  }
}

// Between planes and rows of up to eight channels without gaps. Squares of eight are turned in
// registers; a row that is written with eight values where fewer belong to it is put right by the
// next one, as long as there is one.

static void planes_to_rows(size_t m, size_t n, const float *planes, size_t ldp, float *rows) {
  size_t j = 0;
  for (; (j + 7) * m + 8 <= n * m; j += 8) {
    transpose_square(planes + j, ldp, rows + j * m, m);
  }
  for (; j < n; ++j) {
    for (size_t i = 0; i < m; ++i) rows[j * m + i] = planes[i * ldp + j];
  }
}

static void rows_to_planes(size_t m, size_t n, const float *rows, float *planes, size_t ldp) {
  size_t j = 0;
  for (; (j + 7) * m + 8 <= n * m; j += 8) {
    transpose_square(rows + j * m, m, planes + j, ldp);
  }
  for (; j < n; ++j) {
    for (size_t i = 0; i < m; ++i) planes[i * ldp + j] = rows[j * m + i];
  }
}
