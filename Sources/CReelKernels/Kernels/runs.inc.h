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
