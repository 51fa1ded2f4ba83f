// The gradient of a convolution's weights: C += Aᵀ·B over `rows` rows, where row r of A is put
// together from the rows source[sources[r][tap]], tap after tap, and B (rows×n) was packed. A tile
// holds some channels of one tap × one panel, and takes at each row the values of its channels, which
// lie side by side: nothing is turned round. One pointer leads to all of them, so a tile of a narrow
// panel may be taller than the other products' tiles.

#define TURNED_ROWS 12

/// Channels of a tile that has so many vectors.
INLINE size_t turned_height(size_t vectors) {
  const size_t height = TILE_ROWS * TILE_VECTORS / vectors;
  return height < TURNED_ROWS ? height : TURNED_ROWS;
}

INLINE void turned_tile(const size_t height, const size_t vectors, size_t rows,
                        const float *const *from, size_t first, const float *panel, float *c,
                        size_t ldc, size_t last, bool resume) {
  vector total[TURNED_ROWS][TILE_VECTORS];
  UNROLL for (size_t r = 0; r < height; ++r) {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      float *place = c + r * ldc + v * WIDTH;
      total[r][v] = !resume ? splat(0.0f) : v + 1 < vectors ? load(place) : load_some(place, last);
    }
  }
  for (size_t row = 0; row < rows; ++row) {
    const float *a = from[row] + first;
    vector b[TILE_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; ++v) b[v] = load(panel + v * WIDTH);
    UNROLL for (size_t r = 0; r < height; ++r) {
      vector value = splat(a[r]);
      UNROLL for (size_t v = 0; v < vectors; ++v) {
        total[r][v] = multiply_add(value, b[v], total[r][v]);
      }
    }
    panel += vectors * WIDTH;
  }
  UNROLL for (size_t r = 0; r < height; ++r) {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      float *place = c + r * ldc + v * WIDTH;
      if (v + 1 < vectors) {
        store(place, total[r][v]);
      } else {
        store_some(place, total[r][v], last);
      }
    }
  }
}

typedef void turned_tile_function(size_t rows, const float *const *from, size_t first,
                                  const float *panel, float *c, size_t ldc, size_t last,
                                  bool resume);

#define REEL_TURNED_TILE(ROWS, VECTORS)                                                       \
  static void turned_tile_##ROWS##x##VECTORS(size_t rows, const float *const *from,           \
                                             size_t first, const float *panel, float *c,      \
                                             size_t ldc, size_t last, bool resume) {          \
    turned_tile(ROWS, VECTORS, rows, from, first, panel, c, ldc, last, resume);               \
  }

REEL_FOR_EACH_TALL_TILE(REEL_TURNED_TILE)

/// By rows and vectors, less one each.
static turned_tile_function *const turned_tiles[TURNED_ROWS][TILE_VECTORS] =
    REEL_TABLE_OF_TALL_TILES(turned_tile);

static void multiply_turned_taps(size_t rows, size_t n, size_t taps, size_t channels,
                                 const float *source, size_t lds, const int32_t *sources,
                                 size_t ldsources, const float *packed, float *c, size_t ldc,
                                 bool accumulate) {
  const float *from[REEL_MOST_TURNED_ROWS];
  for (size_t tap = 0; tap < taps; ++tap) {
    for (size_t row = 0; row < rows; ++row) {
      from[row] = tap_row(source, lds, sources[row * ldsources + tap]);
    }
    const float *panel = packed;
    for (size_t column = 0; column < n;) {
      size_t vectors = panel_vectors(n - column);
      size_t count = n - column < vectors * WIDTH ? n - column : vectors * WIDTH;
      const size_t tile_count = (channels + turned_height(vectors) - 1) / turned_height(vectors);
      const size_t height = channels / tile_count, taller = channels % tile_count;
      float *result = c + tap * channels * ldc + column;
      size_t first = 0;
      for (size_t i = 0; i < tile_count; ++i) {
        const size_t here = height + (i < taller);
        turned_tiles[here - 1][vectors - 1](rows, from, first, panel, result, ldc,
                                            count - (vectors - 1) * WIDTH, accumulate);
        first += here;
        result += here * ldc;
      }
      panel += rows * vectors * WIDTH;
      column += count;
    }
  }
}
