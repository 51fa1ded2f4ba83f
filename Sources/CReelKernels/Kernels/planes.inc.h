// Convolutions over time on planes: one row for each channel, its columns the time steps. Vectors go
// along the columns, so that no lane is wasted whatever the number of channels, and a tap is the same
// plane read from another column: nothing is gathered and nothing packed.

/// Floats of weights that stay in the second-level cache while all panels pass.
#define PLANE_WEIGHTS (1 << 16)

/// One channel: its columns at `x`, and weight number `step` of each output.
INLINE void plane_step(const size_t rows, const size_t vectors, const size_t step,
                       const float *const base[ROW_GROUPS], size_t ldw, const float *x,
                       vector total[TILE_ROWS][TILE_VECTORS]) {
  vector b[TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; ++v) b[v] = load(x + v * WIDTH);
  UNROLL for (size_t r = 0; r < rows; ++r) {
    vector weight = splat(base[r / 3][r % 3 * ldw + step]);
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      total[r][v] = multiply_add(weight, b[v], total[r][v]);
    }
  }
}

/// One register tile: `rows` outputs × `vectors` vectors of columns (constants once inlined).
INLINE void plane_tile(const size_t rows, const size_t vectors, size_t inputs, size_t taps,
                       const reel_plane_tap *sources, size_t output, size_t column,
                       const float *bias, bool rectified, float *y, size_t ldy, size_t last) {
  vector total[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t r = 0; r < rows; ++r) {
    vector start = splat(bias ? bias[output + r] : 0.0f);
    UNROLL for (size_t v = 0; v < vectors; ++v) total[r][v] = start;
  }
  for (size_t tap = 0; tap < taps; ++tap) {
    const float *x = sources[tap].x + column;
    const size_t ld = sources[tap].ld, ldw = sources[tap].ldw;
    // As in multiply_packed: rows are reached from every third one, and several steps share one
    // advance of the pointers.
    const float *base[ROW_GROUPS];
    UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) {
      base[g] = sources[tap].w + (output + 3 * g) * ldw;
    }
    size_t i = 0;
    for (; i + STEPS <= inputs; i += STEPS) {
      UNROLL for (size_t step = 0; step < STEPS; ++step) {
        plane_step(rows, vectors, step, base, ldw, x + step * ld, total);
      }
      x += STEPS * ld;
      UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) {
        base[g] += STEPS;
        __asm__ volatile("" : "+r"(base[g]));
      }
    }
    for (; i < inputs; ++i) {
      plane_step(rows, vectors, 0, base, ldw, x, total);
      x += ld;
      UNROLL for (size_t g = 0; g < ROW_GROUPS; ++g) {
        ++base[g];
        __asm__ volatile("" : "+r"(base[g]));
      }
    }
  }
  UNROLL for (size_t r = 0; r < rows; ++r) {
    float *to = y + (output + r) * ldy + column;
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      vector value = total[r][v];
      if (rectified) value = value < splat(0.0f) ? splat(0.0f) : value;
      store_some(to + v * WIDTH, value, v + 1 == vectors ? last : WIDTH);
    }
  }
}

typedef void plane_tile_function(size_t inputs, size_t taps, const reel_plane_tap *sources,
                                 size_t output, size_t column, const float *bias, bool rectified,
                                 float *y, size_t ldy, size_t last);

#define REEL_PLANE_TILE(ROWS, VECTORS)                                                            \
  static void plane_tile_##ROWS##x##VECTORS(                                                      \
      size_t inputs, size_t taps, const reel_plane_tap *sources, size_t output, size_t column,    \
      const float *bias, bool rectified, float *y, size_t ldy, size_t last) {                     \
    plane_tile(ROWS, VECTORS, inputs, taps, sources, output, column, bias, rectified, y, ldy,     \
               last);                                                                             \
  }

#if REEL_TILE_VECTORS == 3
#define REEL_PLANE_TILES(ROWS) \
  REEL_PLANE_TILE(ROWS, 1) REEL_PLANE_TILE(ROWS, 2) REEL_PLANE_TILE(ROWS, 3)
#define REEL_PLANE_TILES_OF(ROWS) \
  {plane_tile_##ROWS##x1, plane_tile_##ROWS##x2, plane_tile_##ROWS##x3}
#else
#define REEL_PLANE_TILES(ROWS) REEL_PLANE_TILE(ROWS, 1) REEL_PLANE_TILE(ROWS, 2)
#define REEL_PLANE_TILES_OF(ROWS) {plane_tile_##ROWS##x1, plane_tile_##ROWS##x2}
#endif

REEL_PLANE_TILES(1)
REEL_PLANE_TILES(2)
REEL_PLANE_TILES(3)
REEL_PLANE_TILES(4)
#if REEL_TILE_ROWS >= 6
REEL_PLANE_TILES(5)
REEL_PLANE_TILES(6)
#endif
#if REEL_TILE_ROWS >= 8
REEL_PLANE_TILES(7)
REEL_PLANE_TILES(8)
#endif

/// By rows and vectors, less one each.
static plane_tile_function *const plane_tiles[TILE_ROWS][TILE_VECTORS] = {
    REEL_PLANE_TILES_OF(1), REEL_PLANE_TILES_OF(2), REEL_PLANE_TILES_OF(3), REEL_PLANE_TILES_OF(4),
#if REEL_TILE_ROWS >= 6
    REEL_PLANE_TILES_OF(5), REEL_PLANE_TILES_OF(6),
#endif
#if REEL_TILE_ROWS >= 8
    REEL_PLANE_TILES_OF(7), REEL_PLANE_TILES_OF(8),
#endif
};

static void convolve_planes(size_t m, size_t n, size_t inputs, size_t taps,
                            const reel_plane_tap *sources, const float *bias, bool rectified,
                            float *y, size_t ldy) {
  if (m == 0 || n == 0) return;
  // Outputs and vectors are shared out evenly: 25 outputs are 7, 6, 6 and 6.
  const size_t tile_count = (m + TILE_ROWS - 1) / TILE_ROWS;
  const size_t rows = m / tile_count, taller = m % tile_count;
  const size_t vector_count = (n + WIDTH - 1) / WIDTH;
  const size_t panel_count = (vector_count + TILE_VECTORS - 1) / TILE_VECTORS;
  const size_t vectors = vector_count / panel_count, wider = vector_count % panel_count;
  const size_t depth = inputs * taps ? inputs * taps : 1;
  size_t stretch = PLANE_WEIGHTS / depth / TILE_ROWS;
  if (stretch == 0) stretch = 1;
  size_t first_output = 0;
  for (size_t tile = 0; tile < tile_count; tile += stretch) {
    const size_t end = tile + stretch < tile_count ? tile + stretch : tile_count;
    size_t column = 0, output = first_output;
    for (size_t panel = 0; panel < panel_count; ++panel) {
      const size_t wide = vectors + (panel < wider);
      const size_t last =
          panel + 1 == panel_count ? n - column - (wide - 1) * WIDTH : (size_t)WIDTH;
      output = first_output;
      for (size_t i = tile; i < end; ++i) {
        const size_t here = rows + (i < taller);
        plane_tiles[here - 1][wide - 1](inputs, taps, sources, output, column, bias, rectified, y,
                                        ldy, last);
        output += here;
      }
      column += wide * WIDTH;
    }
    first_output = output;
  }
}

static void copy_plane_runs(size_t channels, size_t runs, const reel_plane_run *list, const float *x,
                            size_t ldx, float *y, size_t ldy) {
  for (size_t channel = 0; channel < channels; ++channel) {
    for (size_t run = 0; run < runs; ++run) {
      const float *from = x + channel * ldx + list[run].source;
      float *to = y + channel * ldy + list[run].target;
      const size_t n = list[run].count;
      REEL_FOR_EACH_VECTOR(n, { store_some(to + i, load_some(from + i, count), count); })
    }
  }
}
