// The product of a convolution: C = A·B, where row r of A is put together from the rows
// source[sources[r][tap]] of `channels` values, tap after tap. A is never written: a tile holds one
// pointer for each of its rows, takes the next ones at each tap, and otherwise does what the tile of
// multiply_packed does. B is packed as there, its rows taps·channels, tap after tap.

/// Floats of a panel that are multiplied with all rows before the next ones are: they stay in the
/// first-level cache beside what the rows read.
#define TAP_FLOATS 7680

/// What a tap outside of the input reads.
static const float zero_row[REEL_MOST_TAP_CHANNELS];

INLINE const float *tap_row(const float *source, size_t lds, int32_t number) {
  return number < 0 ? zero_row : source + (size_t)number * lds;
}

/// `rows` × `vectors` (constants once inlined), over `taps` taps of `count` channels from `first`.
INLINE void taps_tile(const size_t rows, const size_t vectors, size_t taps, size_t first,
                      size_t count, const float *source, size_t lds, const int32_t *sources,
                      size_t ldsources, const float *panel, const float *bias, float *c, size_t ldc,
                      size_t last, bool resume) {
  vector total[TILE_ROWS][TILE_VECTORS];
  if (resume) {
    UNROLL for (size_t r = 0; r < rows; ++r) {
      UNROLL for (size_t v = 0; v + 1 < vectors; ++v) total[r][v] = load(c + r * ldc + v * WIDTH);
      total[r][vectors - 1] = load_some(c + r * ldc + (vectors - 1) * WIDTH, last);
    }
  } else {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      vector start = splat(0.0f);
      if (bias) start = v + 1 < vectors ? load(bias + v * WIDTH) : load_some(bias + v * WIDTH, last);
      UNROLL for (size_t r = 0; r < rows; ++r) total[r][v] = start;
    }
  }
  for (size_t tap = 0; tap < taps; ++tap) {
    const float *from[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; ++r) {
      from[r] = tap_row(source, lds, sources[r * ldsources + tap]);
    }
    size_t i = first;
    const size_t end = first + count;
    for (; i + STEPS <= end; i += STEPS) {
      // One index for all rows; the compiler would otherwise advance every pointer by itself.
      __asm__ volatile("" : "+r"(i));
      UNROLL for (size_t step = 0; step < STEPS; ++step) {
        vector b[TILE_VECTORS];
        UNROLL for (size_t v = 0; v < vectors; ++v) {
          b[v] = load(panel + (step * vectors + v) * WIDTH);
        }
        UNROLL for (size_t r = 0; r < rows; ++r) {
          vector value = splat(from[r][i + step]);
          UNROLL for (size_t v = 0; v < vectors; ++v) {
            total[r][v] = multiply_add(value, b[v], total[r][v]);
          }
        }
      }
      panel += STEPS * vectors * WIDTH;
    }
    for (; i < end; ++i) {
      UNROLL for (size_t r = 0; r < rows; ++r) {
        vector value = splat(from[r][i]);
        UNROLL for (size_t v = 0; v < vectors; ++v) {
          total[r][v] = multiply_add(value, load(panel + v * WIDTH), total[r][v]);
        }
      }
      panel += vectors * WIDTH;
    }
  }
  UNROLL for (size_t r = 0; r < rows; ++r) {
    UNROLL for (size_t v = 0; v + 1 < vectors; ++v) store(c + r * ldc + v * WIDTH, total[r][v]);
    store_some(c + r * ldc + (vectors - 1) * WIDTH, total[r][vectors - 1], last);
  }
}

typedef void taps_tile_function(size_t taps, size_t first, size_t count, const float *source,
                                size_t lds, const int32_t *sources, size_t ldsources,
                                const float *panel, const float *bias, float *c, size_t ldc,
                                size_t last, bool resume);

#define REEL_TAPS_TILE(ROWS, VECTORS)                                                            \
  static void taps_tile_##ROWS##x##VECTORS(                                                      \
      size_t taps, size_t first, size_t count, const float *source, size_t lds,                  \
      const int32_t *sources, size_t ldsources, const float *panel, const float *bias, float *c, \
      size_t ldc, size_t last, bool resume) {                                                    \
    taps_tile(ROWS, VECTORS, taps, first, count, source, lds, sources, ldsources, panel, bias, c,\
              ldc, last, resume);                                                                \
  }

REEL_FOR_EACH_TILE(REEL_TAPS_TILE)

/// By rows and vectors, less one each.
static taps_tile_function *const taps_tiles[TILE_ROWS][TILE_VECTORS] = REEL_TABLE_OF_TILES(taps_tile);

/// Asks for what the first and the last tap of `rows` rows read: in a walk over positions, one of the
/// two is the tap whose rows nobody has read before.
INLINE void prefetch_taps(size_t rows, size_t taps, size_t channels, const float *source,
                          size_t lds, const int32_t *sources, size_t ldsources) {
  for (size_t r = 0; r < rows; ++r) {
    const float *first = tap_row(source, lds, sources[r * ldsources]);
    const float *last = tap_row(source, lds, sources[r * ldsources + taps - 1]);
    for (size_t i = 0; i < channels; i += LINE) {
      __builtin_prefetch(first + i, 0, 2);
      __builtin_prefetch(last + i, 0, 2);
    }
  }
}

/// `m` rows past one panel, in stretches of k for which the panel stays in the first-level cache: a
/// part of one tap's channels, or a few whole taps. What the `coming` rows read is asked for.
INLINE void taps_panel(size_t m, size_t taps, size_t channels, const float *source, size_t lds,
                       const int32_t *sources, size_t ldsources, const float *panel,
                       size_t vectors, size_t last, const float *bias, float *c, size_t ldc,
                       bool resume, size_t coming, const int32_t *coming_sources) {
  const size_t width = vectors * WIDTH;
  const size_t tile_count = (m + TILE_ROWS - 1) / TILE_ROWS;
  const size_t rows = m / tile_count, taller = m % tile_count;
  const size_t stretch = TAP_FLOATS / width;
  const size_t parts = (channels + stretch - 1) / stretch;
  const size_t part =
      tile_count > 1 ? ((channels + parts - 1) / parts + STEPS - 1) / STEPS * STEPS : channels;
  const size_t most = tile_count == 1 ? taps : part < channels ? 1 : stretch / channels;
  // As even a division as whole taps allow.
  const size_t groups = (taps + most - 1) / most;
  const size_t together = (taps + groups - 1) / groups;
  for (size_t tap = 0; tap < taps;) {
    const size_t tap_count = taps - tap < together ? taps - tap : together;
    for (size_t first = 0; first < channels;) {
      const size_t count = channels - first < part ? channels - first : part;
      const size_t length = tap_count * count;
      const int32_t *numbers = sources + tap;
      float *result = c;
      for (size_t i = 0; i < tile_count; ++i) {
        const size_t here = rows + (i < taller);
        if (coming && tap == 0 && first == 0) {
          const size_t some = coming < here ? coming : here;
          prefetch_taps(some, taps, channels, source, lds, coming_sources, ldsources);
          coming -= some;
          coming_sources += some * ldsources;
        }
        taps_tiles[here - 1][vectors - 1](tap_count, first, count, source, lds, numbers, ldsources,
                                          panel, bias, result, ldc, last,
                                          resume || tap > 0 || first > 0);
        numbers += here * ldsources;
        result += here * ldc;
      }
      first += count;
      panel += length * width;
    }
    tap += tap_count;
  }
}

static void multiply_taps(size_t m, size_t n, size_t taps, size_t channels, const float *source,
                          size_t lds, const int32_t *sources, size_t ldsources,
                          const float *packed, const float *bias, float *c, size_t ldc,
                          bool accumulate) {
  const size_t stretches = (m + ROW_STRETCH - 1) / ROW_STRETCH;
  const size_t tile_count = (m + TILE_ROWS - 1) / TILE_ROWS;
  const size_t stretch = stretches ? (tile_count + stretches - 1) / stretches * TILE_ROWS : 0;
  for (size_t row = 0; row < m; row += stretch) {
    size_t rows = m - row < stretch ? m - row : stretch;
    const size_t coming = m - row - rows < stretch ? m - row - rows : stretch;
    const float *panel = packed;
    for (size_t column = 0; column < n;) {
      size_t vectors = panel_vectors(n - column);
      size_t count = n - column < vectors * WIDTH ? n - column : vectors * WIDTH;
      taps_panel(rows, taps, channels, source, lds, sources + row * ldsources, ldsources, panel,
                 vectors, count - (vectors - 1) * WIDTH, bias ? bias + column : NULL,
                 c + row * ldc + column, ldc, accumulate, column == 0 ? coming : 0,
                 sources + (row + rows) * ldsources);
      panel += taps * channels * vectors * WIDTH;
      column += count;
    }
  }
}

static void pack_taps(size_t taps, size_t channels, size_t n, const float *source,
                      const int32_t *numbers, size_t tap_step, size_t channel_step, float *packed) {
  for (size_t column = 0, count; column < n; column += count) {
    const size_t padded = panel_vectors(n - column) * WIDTH;
    count = n - column < padded ? n - column : padded;
    for (size_t tap = 0; tap < taps; ++tap) {
      const float *from = source + (size_t)numbers[tap] * tap_step + column;
      for (size_t channel = 0; channel < channels; ++channel) {
        for (size_t j = 0; j < padded; j += WIDTH) {
          const size_t here = count - j < WIDTH ? count - j : WIDTH;
          store(packed + j, load_some(from + j, here));
        }
        from += channel_step;
        packed += padded;
      }
    }
  }
}
