// Depthwise convolutions: a channel meets no other one, so vectors go over channels.

/// Vectors of channels that are summed side by side.
#define DEPTH_VECTORS 4

static void depthwise_taps(size_t rows, size_t taps, size_t channels, const float *source,
                           size_t lds, const int32_t *sources, size_t ldsources,
                           const float *weights, const float *bias, float *c, size_t ldc) {
  for (size_t row = 0; row < rows; ++row) {
    const int32_t *numbers = sources + row * ldsources;
    float *result = c + row * ldc;
    size_t j = 0;
    for (; j + DEPTH_VECTORS * WIDTH <= channels; j += DEPTH_VECTORS * WIDTH) {
      vector total[DEPTH_VECTORS];
      UNROLL for (size_t v = 0; v < DEPTH_VECTORS; ++v) {
        total[v] = bias ? load(bias + j + v * WIDTH) : splat(0.0f);
      }
      for (size_t tap = 0; tap < taps; ++tap) {
        if (numbers[tap] < 0) continue;
        const float *from = source + (size_t)numbers[tap] * lds + j;
        const float *weight = weights + tap * channels + j;
        UNROLL for (size_t v = 0; v < DEPTH_VECTORS; ++v) {
          total[v] = multiply_add(load(weight + v * WIDTH), load(from + v * WIDTH), total[v]);
        }
      }
      UNROLL for (size_t v = 0; v < DEPTH_VECTORS; ++v) store(result + j + v * WIDTH, total[v]);
    }
    for (; j < channels; j += WIDTH) {
      const size_t count = channels - j < WIDTH ? channels - j : WIDTH;
      vector total = bias ? load_some(bias + j, count) : splat(0.0f);
      for (size_t tap = 0; tap < taps; ++tap) {
        if (numbers[tap] < 0) continue;
        total = multiply_add(load_some(weights + tap * channels + j, count),
                             load_some(source + (size_t)numbers[tap] * lds + j, count), total);
      }
      store_some(result + j, total, count);
    }
  }
}

/// Taps whose sums stay in registers while the rows pass.
#define DEPTH_TAPS 8

/// Up to DEPTH_TAPS taps of `count` ≤ WIDTH channels.
INLINE void depthwise_turned_part(const size_t taps, size_t rows, size_t count, const float *source,
                                  size_t lds, const int32_t *sources, size_t ldsources,
                                  const float *dy, size_t lddy, float *c, size_t ldc) {
  vector total[DEPTH_TAPS];
  UNROLL for (size_t tap = 0; tap < taps; ++tap) total[tap] = load_some(c + tap * ldc, count);
  for (size_t row = 0; row < rows; ++row) {
    const vector arrived = load_some(dy + row * lddy, count);
    UNROLL for (size_t tap = 0; tap < taps; ++tap) {
      const int32_t number = sources[row * ldsources + tap];
      if (number >= 0) {
        total[tap] =
            multiply_add(load_some(source + (size_t)number * lds, count), arrived, total[tap]);
      }
    }
  }
  UNROLL for (size_t tap = 0; tap < taps; ++tap) store_some(c + tap * ldc, total[tap], count);
}

static void depthwise_turned_taps(size_t rows, size_t taps, size_t channels, const float *source,
                                  size_t lds, const int32_t *sources, size_t ldsources,
                                  const float *dy, size_t lddy, float *c) {
  for (size_t j = 0; j < channels; j += WIDTH) {
    const size_t count = channels - j < WIDTH ? channels - j : WIDTH;
    size_t tap = 0;
    for (; tap + DEPTH_TAPS <= taps; tap += DEPTH_TAPS) {
      depthwise_turned_part(DEPTH_TAPS, rows, count, source + j, lds, sources + tap, ldsources,
                            dy + j, lddy, c + tap * channels + j, channels);
    }
    for (; tap < taps; ++tap) {
      depthwise_turned_part(1, rows, count, source + j, lds, sources + tap, ldsources, dy + j, lddy,
                            c + tap * channels + j, channels);
    }
  }
}
