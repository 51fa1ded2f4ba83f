// The left operand of a convolution, put together: for each row, the source rows of its taps side
// by side.

/// `count` floats from one place to another, vectors first.
INLINE void copy_floats(size_t count, const float *from, float *to) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(to + i, load(from + i));
  if (i < count) store_partial(to + i, load_partial(from + i, count - i), count - i);
}

INLINE void clear_floats(size_t count, float *to) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(to + i, splat(0.0f));
  if (i < count) store_partial(to + i, splat(0.0f), count - i);
}

static void gather_taps(size_t rows, size_t taps, size_t channels, const float *source, size_t lds,
                        const int32_t *sources, float *target, size_t ldt) {
  // Where whole rows are read, taps whose sources follow each other are one stretch of memory.
  const bool joined = channels == lds;
  for (size_t row = 0; row < rows; ++row) {
    float *to = target + row * ldt;
    for (size_t tap = 0; tap < taps;) {
      const int32_t first = sources[tap];
      size_t run = 1;
      if (first < 0) {
        while (tap + run < taps && sources[tap + run] < 0) ++run;
        clear_floats(run * channels, to + tap * channels);
      } else {
        while (joined && tap + run < taps && sources[tap + run] == first + (int32_t)run) ++run;
        copy_floats(run * channels, source + (size_t)first * lds, to + tap * channels);
      }
      tap += run;
    }
    sources += taps;
  }
}
