// Winograd's minimal filtering (Lavin and Gray 2016). With m results of a kernel of r taps from m + r − 1
// inputs, F(m, r) takes one product for each input where the sum as written has m·r:
//
//   6 points   F(4, 3): 6 for 12     F(2, 5): 6 for 10     on two axes 36 for 144 and for 100
//   8 points   F(6, 3): 8 for 18     F(4, 5): 8 for 20     on one axis
//
// Each product stands for the value of a polynomial at one point: 0, 1, −1, 2, −2 and ∞, of eight points
// also ½ and −½. Maps along each axis of a tile of n inputs:
//
//   Bᵀ: n → n   inputs to points              A: m → n    gradients of results to points
//   G:  r → n   weights to points             Gᵀ: n → r   points to gradients of weights
//   Aᵀ: n → m   points to results
//
// A takes coefficients to the polynomial's values at the points; G does so as well, and divides each by
// the product of the point's distances from the others (of eight points that of 0 is −1: the sign stands in
// Bᵀ).
// A tile lies as rows of channels in a matrix, each found by its number; its points lie in n or n²
// matrices, one row each.

/// The most points of an axis.
#define WINOGRAD_MOST_POINTS 8

typedef vector winograd_line[WINOGRAD_MOST_POINTS];

/// The points that come as p and −p; and one divided by what G divides by, at the point 0 and at those.
static const float winograd_pairs[] = {1, 2, 0.5f};
static const float winograd_6_factors[] = {1.0f / 4, -1.0f / 6, 1.0f / 24};
static const float winograd_8_factors[] = {1, -2.0f / 9, 1.0f / 90, 32.0f / 45};

INLINE void winograd_6_inputs(const vector *x, vector *y) {
  vector a = multiply_add(splat(-4.0f), x[2], x[4]);
  vector b = multiply_add(splat(-4.0f), x[1], x[3]);
  vector c = x[4] - x[2];
  vector d = splat(2.0f) * (x[3] - x[1]);
  y[0] = multiply_add(splat(4.0f), x[0], multiply_add(splat(-5.0f), x[2], x[4]));
  y[1] = a + b;
  y[2] = a - b;
  y[3] = c + d;
  y[4] = c - d;
  y[5] = multiply_add(splat(4.0f), x[1], multiply_add(splat(-5.0f), x[3], x[5]));
}

INLINE void winograd_8_inputs(const vector *x, vector *y) {
  vector a = multiply_add(splat(-4.25f), x[4], x[2] + x[6]);
  vector b = multiply_add(splat(-4.25f), x[3], x[1] + x[5]);
  vector c = multiply_add(splat(0.25f), x[2], multiply_add(splat(-1.25f), x[4], x[6]));
  vector d = multiply_add(splat(0.5f), x[1], multiply_add(splat(-2.5f), x[3], splat(2.0f) * x[5]));
  vector e = multiply_add(splat(4.0f), x[2], multiply_add(splat(-5.0f), x[4], x[6]));
  vector f = multiply_add(splat(2.0f), x[1], multiply_add(splat(-2.5f), x[3], splat(0.5f) * x[5]));
  y[0] = multiply_add(splat(5.25f), x[4] - x[2], x[0] - x[6]);
  y[1] = a + b;
  y[2] = a - b;
  y[3] = c + d;
  y[4] = c - d;
  y[5] = e + f;
  y[6] = e - f;
  y[7] = multiply_add(splat(5.25f), x[3] - x[5], x[7] - x[1]);
}

/// A: the values at n points of the polynomial whose m coefficients are x.
INLINE void winograd_values(const size_t n, const size_t m, const vector *x, vector *y) {
  y[0] = x[0];
  UNROLL for (size_t pair = 0; pair < n / 2 - 1; ++pair) {
    const float p = winograd_pairs[pair];
    // p and −p share the even powers, and but for the sign the odd ones.
    vector even = x[0], odd = splat(p) * x[1];
    float power = p * p;
    UNROLL for (size_t k = 2; k < m; ++k, power *= p) {
      if (k % 2 == 0) {
        even = multiply_add(splat(power), x[k], even);
      } else {
        odd = multiply_add(splat(power), x[k], odd);
      }
    }
    y[2 * pair + 1] = even + odd;
    y[2 * pair + 2] = even - odd;
  }
  y[n - 1] = x[m - 1];
}

/// Aᵀ: what the values of n points give to m coefficients.
INLINE void winograd_coefficients(const size_t n, const size_t m, const vector *x, vector *y) {
  const size_t pairs = n / 2 - 1;
  vector sums[WINOGRAD_MOST_POINTS / 2], differences[WINOGRAD_MOST_POINTS / 2];
  float powers[WINOGRAD_MOST_POINTS / 2];
  UNROLL for (size_t pair = 0; pair < pairs; ++pair) {
    sums[pair] = x[2 * pair + 1] + x[2 * pair + 2];
    differences[pair] = x[2 * pair + 1] - x[2 * pair + 2];
    powers[pair] = 1;
  }
  UNROLL for (size_t k = 0; k < m; ++k) {
    const vector *terms = k % 2 == 0 ? sums : differences;
    // The first pair's powers are 1.
    y[k] = k == 0 ? x[0] + terms[0] : terms[0];
    UNROLL for (size_t pair = 1; pair < pairs; ++pair) {
      powers[pair] = k == 0 ? 1 : powers[pair] * winograd_pairs[pair];
      y[k] = multiply_add(splat(powers[pair]), terms[pair], y[k]);
    }
  }
  y[m - 1] += x[n - 1];
}

/// Each point's factor of G.
INLINE void winograd_scale(const size_t n, const float *factors, const vector *x, vector *y) {
  y[0] = splat(factors[0]) * x[0];
  UNROLL for (size_t i = 1; i + 1 < n; ++i) y[i] = splat(factors[(i + 1) / 2]) * x[i];
  y[n - 1] = x[n - 1];
}

/// The maps of n points and m results, and of n points and r taps.
#define WINOGRAD_RESULTS(N, M)                                                                     \
  INLINE void winograd_##N##_results_##M(const vector *x, vector *y) {                             \
    winograd_coefficients(N, M, x, y);                                                             \
  }                                                                                                \
  INLINE void winograd_##N##_results_##M##_backward(const vector *x, vector *y) {                  \
    winograd_values(N, M, x, y);                                                                   \
  }
#define WINOGRAD_WEIGHTS(N, R)                                                                     \
  INLINE void winograd_##N##_weights_##R(const vector *x, vector *y) {                             \
    winograd_values(N, R, x, y);                                                                   \
    winograd_scale(N, winograd_##N##_factors, y, y);                                               \
  }                                                                                                \
  INLINE void winograd_##N##_weights_##R##_backward(const vector *x, vector *y) {                  \
    winograd_line scaled;                                                                          \
    winograd_scale(N, winograd_##N##_factors, x, scaled);                                          \
    winograd_coefficients(N, R, scaled, y);                                                        \
  }

WINOGRAD_RESULTS(6, 4)
WINOGRAD_RESULTS(6, 2)
WINOGRAD_RESULTS(8, 6)
WINOGRAD_RESULTS(8, 4)
WINOGRAD_WEIGHTS(6, 3)
WINOGRAD_WEIGHTS(6, 5)
WINOGRAD_WEIGHTS(8, 3)
WINOGRAD_WEIGHTS(8, 5)

// MARK: Tiles

typedef void winograd_map(const vector *x, vector *y);

/// `map` along each axis of a tile: from axis to axis `from` values become `to`.
INLINE void winograd_tile(winograd_map *map, const size_t from, const size_t to, const size_t axes,
                          const vector *x, vector *y) {
  if (axes == 1) {
    map(x, y);
    return;
  }
  // Columns first, [from, from] to [to, from]; then rows.
  winograd_line half[WINOGRAD_MOST_POINTS];
  UNROLL for (size_t column = 0; column < from; ++column) {
    winograd_line a, b;
    UNROLL for (size_t row = 0; row < from; ++row) a[row] = x[row * from + column];
    map(a, b);
    UNROLL for (size_t row = 0; row < to; ++row) half[row][column] = b[row];
  }
  UNROLL for (size_t row = 0; row < to; ++row) map(half[row], y + row * to);
}

/// The most values of a tile: two axes have 6 points each.
#define WINOGRAD_MOST (6 * 6)

INLINE void winograd_tiles(winograd_map *map, const size_t from, const size_t to,
                           const size_t axes, size_t tiles, size_t n, const float *source, size_t lds,
                           const int32_t *sources, float *points, size_t step, size_t ldp) {
  const size_t places = axes == 1 ? from : from * from;
  const size_t results = axes == 1 ? to : to * to;
  for (size_t tile = 0; tile < tiles; ++tile) {
    const float *rows[WINOGRAD_MOST];
    for (size_t i = 0; i < places; ++i) {
      int32_t number = sources[tile * places + i];
      rows[i] = number < 0 ? NULL : source + (size_t)number * lds;
    }
    float *target = points + tile * ldp;
    for (size_t j = 0; j < n; j += WIDTH) {
      const size_t count = n - j < WIDTH ? n - j : WIDTH;
      vector x[WINOGRAD_MOST], y[WINOGRAD_MOST];
      if (count == WIDTH) {
        UNROLL for (size_t i = 0; i < places; ++i) x[i] = rows[i] ? load(rows[i] + j) : splat(0.0f);
      } else {
        for (size_t i = 0; i < places; ++i) {
          x[i] = rows[i] ? load_partial(rows[i] + j, count) : splat(0.0f);
        }
      }
      winograd_tile(map, from, to, axes, x, y);
      // Rows of whole vectors are filled up with zeros, as packed operands are.
      if (count == WIDTH || ldp % WIDTH == 0) {
        UNROLL for (size_t i = 0; i < results; ++i) store(target + i * step + j, y[i]);
      } else {
        for (size_t i = 0; i < results; ++i) store_partial(target + i * step + j, y[i], count);
      }
    }
  }
}

INLINE void winograd_points(winograd_map *map, const size_t from, const size_t to,
                            const size_t axes, size_t tiles, size_t n, const float *points,
                            size_t step, size_t ldp, const int32_t *targets, const float *bias,
                            const reel_row_finish *finish, size_t first, float *y, size_t ldy) {
  const size_t values = axes == 1 ? from : from * from;
  const size_t places = axes == 1 ? to : to * to;
  for (size_t tile = 0; tile < tiles; ++tile) {
    const float *source = points + tile * ldp;
    const int32_t *numbers = targets + tile * places;
    for (size_t j = 0; j < n; j += WIDTH) {
      const size_t count = n - j < WIDTH ? n - j : WIDTH;
      vector x[WINOGRAD_MOST], result[WINOGRAD_MOST];
      if (count == WIDTH) {
        UNROLL for (size_t i = 0; i < values; ++i) x[i] = load(source + i * step + j);
      } else {
        for (size_t i = 0; i < values; ++i) x[i] = load_partial(source + i * step + j, count);
      }
      winograd_tile(map, from, to, axes, x, result);
      vector start = bias ? load_some(bias + j, count) : splat(0.0f);
      for (size_t i = 0; i < places; ++i) {
        if (numbers[i] < 0) continue;
        const size_t row = (size_t)numbers[i];
        const size_t column = first + j;
        vector value = result[i] + start;
        if (finish) {
          value = finished(
              finish, finish->mask ? finish->mask + (size_t)finish->mask_rows[row] * ldy + column : NULL,
              finish->residual ? finish->residual + row * ldy + column : NULL,
              finish->positive ? finish->positive + row * positive_stride(ldy) + column : NULL, value,
              count);
        }
        if (count == WIDTH) {
          store(y + row * ldy + column, value);
        } else {
          store_partial(y + row * ldy + column, value, count);
        }
      }
    }
  }
}

static void tiles_to_points(size_t length, size_t side, size_t axes, size_t tiles, size_t n,
                            const float *source, size_t lds, const int32_t *sources, float *points,
                            size_t step, size_t ldp) {
#define REEL_TO_POINTS(LENGTH, SIDE, AXES, MAP)                                                    \
  case LENGTH:                                                                                     \
    winograd_tiles(MAP, LENGTH, SIDE, AXES, tiles, n, source, lds, sources, points, step, ldp);    \
    break;
#define REEL_TO_6_POINTS(AXES)                                                                     \
  switch (length) {                                                                                \
    REEL_TO_POINTS(2, 6, AXES, winograd_6_results_2_backward)                                      \
    REEL_TO_POINTS(3, 6, AXES, winograd_6_weights_3)                                               \
    REEL_TO_POINTS(4, 6, AXES, winograd_6_results_4_backward)                                      \
    REEL_TO_POINTS(5, 6, AXES, winograd_6_weights_5)                                               \
    REEL_TO_POINTS(6, 6, AXES, winograd_6_inputs)                                                  \
  }
  if (axes == 2) {
    REEL_TO_6_POINTS(2)
  } else if (side == 6) {
    REEL_TO_6_POINTS(1)
  } else {
    switch (length) {
      REEL_TO_POINTS(3, 8, 1, winograd_8_weights_3)
      REEL_TO_POINTS(4, 8, 1, winograd_8_results_4_backward)
      REEL_TO_POINTS(5, 8, 1, winograd_8_weights_5)
      REEL_TO_POINTS(6, 8, 1, winograd_8_results_6_backward)
      REEL_TO_POINTS(8, 8, 1, winograd_8_inputs)
    }
  }
#undef REEL_TO_6_POINTS
#undef REEL_TO_POINTS
}

static void points_to_tiles(size_t length, size_t side, size_t axes, size_t tiles, size_t n,
                            const float *points, size_t step, size_t ldp, const int32_t *targets,
                            const float *bias, const reel_row_finish *finish, size_t first,
                            float *y, size_t ldy) {
#define REEL_FROM_POINTS(LENGTH, SIDE, AXES, MAP)                                                  \
  case LENGTH:                                                                                     \
    winograd_points(MAP, SIDE, LENGTH, AXES, tiles, n, points, step, ldp, targets, bias, finish,   \
                    first, y, ldy);                                                                \
    break;
#define REEL_FROM_6_POINTS(AXES)                                                                   \
  switch (length) {                                                                                \
    REEL_FROM_POINTS(2, 6, AXES, winograd_6_results_2)                                             \
    REEL_FROM_POINTS(3, 6, AXES, winograd_6_weights_3_backward)                                    \
    REEL_FROM_POINTS(4, 6, AXES, winograd_6_results_4)                                             \
    REEL_FROM_POINTS(5, 6, AXES, winograd_6_weights_5_backward)                                    \
  }
  if (axes == 2) {
    REEL_FROM_6_POINTS(2)
  } else if (side == 6) {
    REEL_FROM_6_POINTS(1)
  } else {
    switch (length) {
      REEL_FROM_POINTS(3, 8, 1, winograd_8_weights_3_backward)
      REEL_FROM_POINTS(4, 8, 1, winograd_8_results_4)
      REEL_FROM_POINTS(5, 8, 1, winograd_8_weights_5_backward)
      REEL_FROM_POINTS(6, 8, 1, winograd_8_results_6)
    }
  }
#undef REEL_FROM_6_POINTS
#undef REEL_FROM_POINTS
}
