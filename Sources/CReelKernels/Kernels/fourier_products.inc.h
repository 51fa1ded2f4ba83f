// Products of what fourier.inc.h makes, frequency by frequency. A complex product takes three real ones
// (Gauss): with W = a + ib and X = r + is they are P₁ = a·(r + s), P₂ = (b − a)·r and P₃ = (a + b)·s, and
// W·X = (P₁ − P₃) + i·(P₁ + P₂). A tile of N inputs is 3N/2 − 1 products: for 7 taps 23 for 10 results or
// 47 for 26, which the sum over the taps takes 70 and 182 for.

// Results of one frequency in registers together: three sums each, beside r, s and r + s.
#if REEL_WIDTH == 16
#define FREQUENCY_ROWS 4
#define FREQUENCY_VECTORS 2
#else
#define FREQUENCY_ROWS 3
#define FREQUENCY_VECTORS 1
#endif

/// `rows` outputs × `vectors` vectors of columns at one complex frequency; the three matrices of weights
/// are `matrix` floats apart, the real and the imaginary parts `part` floats.
INLINE void frequency_tile(const size_t rows, const size_t vectors, size_t channels, const float *w,
                           size_t matrix, const float *x, size_t x_part, size_t ld, float *y,
                           size_t y_part) {
  vector first[FREQUENCY_ROWS][FREQUENCY_VECTORS], second[FREQUENCY_ROWS][FREQUENCY_VECTORS],
      third[FREQUENCY_ROWS][FREQUENCY_VECTORS];
  UNROLL for (size_t i = 0; i < rows; ++i) {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      first[i][v] = second[i][v] = third[i][v] = splat(0.0f);
    }
  }
  for (size_t channel = 0; channel < channels; ++channel, x += ld, ++w) {
    vector r[FREQUENCY_VECTORS], s[FREQUENCY_VECTORS], both[FREQUENCY_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      r[v] = load(x + v * WIDTH);
      s[v] = load(x + x_part + v * WIDTH);
      both[v] = r[v] + s[v];
    }
    UNROLL for (size_t i = 0; i < rows; ++i) {
      const float *row = w + i * channels;
      UNROLL for (size_t v = 0; v < vectors; ++v) {
        first[i][v] = multiply_add(splat(row[0]), both[v], first[i][v]);
        second[i][v] = multiply_add(splat(row[matrix]), r[v], second[i][v]);
        third[i][v] = multiply_add(splat(row[2 * matrix]), s[v], third[i][v]);
      }
    }
  }
  UNROLL for (size_t i = 0; i < rows; ++i) {
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      store(y + i * ld + v * WIDTH, first[i][v] - third[i][v]);
      store(y + y_part + i * ld + v * WIDTH, first[i][v] + second[i][v]);
    }
  }
}

typedef void frequency_tile_function(size_t channels, const float *w, size_t matrix, const float *x,
                                     size_t x_part, size_t ld, float *y, size_t y_part);

#define REEL_FREQUENCY_TILE(ROWS, VECTORS)                                                          \
  static void frequency_tile_##ROWS##x##VECTORS(size_t channels, const float *w, size_t matrix,     \
                                                const float *x, size_t x_part, size_t ld, float *y, \
                                                size_t y_part) {                                    \
    frequency_tile(ROWS, VECTORS, channels, w, matrix, x, x_part, ld, y, y_part);                   \
  }

#if FREQUENCY_VECTORS == 2
#define REEL_FREQUENCY_TILES(ROWS) REEL_FREQUENCY_TILE(ROWS, 1) REEL_FREQUENCY_TILE(ROWS, 2)
#define REEL_FREQUENCY_TILES_OF(ROWS) {frequency_tile_##ROWS##x1, frequency_tile_##ROWS##x2}
REEL_FREQUENCY_TILES(4)
#else
#define REEL_FREQUENCY_TILES(ROWS) REEL_FREQUENCY_TILE(ROWS, 1)
#define REEL_FREQUENCY_TILES_OF(ROWS) {frequency_tile_##ROWS##x1}
#endif
REEL_FREQUENCY_TILES(1)
REEL_FREQUENCY_TILES(2)
REEL_FREQUENCY_TILES(3)

/// By rows and vectors, less one each.
static frequency_tile_function *const frequency_tiles[FREQUENCY_ROWS][FREQUENCY_VECTORS] = {
    REEL_FREQUENCY_TILES_OF(1), REEL_FREQUENCY_TILES_OF(2), REEL_FREQUENCY_TILES_OF(3),
#if FREQUENCY_ROWS == 4
    REEL_FREQUENCY_TILES_OF(4),
#endif
};

static void multiply_frequencies(size_t inputs, size_t m, size_t channels, size_t vectors,
                                 const float *w, const float *x, float *y, size_t ld) {
  const size_t matrix = m * channels, x_part = channels * ld, y_part = m * ld;
  for (size_t number = 0; number < 2; ++number) {
    const reel_plane_tap tap = {x + number * x_part, ld, w + number * matrix, channels};
    convolve_planes(m, vectors * WIDTH, channels, 1, &tap, NULL, false, y + number * y_part, ld);
  }
  // Outputs are shared out evenly: 25 are 4, 4, 4, 4, 3, 3 and 3.
  const size_t tiles = (m + FREQUENCY_ROWS - 1) / FREQUENCY_ROWS;
  const size_t rows = m ? m / tiles : 0, taller = m ? m % tiles : 0;
  for (size_t f = 1; f < inputs / 2; ++f) {
    const float *weights = w + (3 * f - 1) * matrix;
    const float *from = x + 2 * f * x_part;
    float *to = y + 2 * f * y_part;
    for (size_t v = 0; v < vectors; v += FREQUENCY_VECTORS) {
      const size_t wide = vectors - v < FREQUENCY_VECTORS ? vectors - v : FREQUENCY_VECTORS;
      size_t row = 0;
      for (size_t i = 0; i < tiles; ++i) {
        const size_t tall = rows + (i < taller);
        frequency_tiles[tall - 1][wide - 1](channels, weights + row * channels, matrix,
                                            from + v * WIDTH, x_part, ld,
                                            to + row * ld + v * WIDTH, y_part);
        row += tall;
      }
    }
  }
}

static void add_frequency_products(size_t inputs, size_t m, size_t p, size_t vectors,
                                   const float *a, const float *b, size_t ld, float *sums) {
  const size_t matrix = m * p, a_part = m * ld, b_part = p * ld, n = vectors * WIDTH;
  for (size_t number = 0; number < 2; ++number) {
    multiply_rows(m, p, n, a + number * a_part, ld, b + number * b_part, ld,
                  sums + number * matrix, p);
  }
  for (size_t f = 1; f < inputs / 2; ++f) {
    const float *r = a + 2 * f * a_part, *s = r + a_part;
    const float *real = b + 2 * f * b_part, *imaginary = real + b_part;
    float *to = sums + (3 * f - 1) * matrix;
    multiply_row_sums(m, p, n, r, a_part, ld, real, b_part, ld, to, p);
    multiply_rows(m, p, n, r, ld, imaginary, ld, to + matrix, p);
    multiply_rows(m, p, n, s, ld, real, ld, to + 2 * matrix, p);
  }
}
