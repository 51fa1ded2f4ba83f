// Winograd's minimal filtering with six points along one axis or two (Lavin and Gray 2016): F(4, 3),
// four neighbouring results of a kernel of three taps from six inputs, with six products where the sum
// as written has twelve, and F(2, 5), two results of five taps, six products in place of ten; on two
// axes 36 in place of 144 and of 100. Each of the six stands for the value of a polynomial at one
// point, 0, 1, −1, 2, −2 or ∞.
//
// Maps along each axis of a tile:
//   Bᵀ: 6 → 6        inputs to points            A: 4 or 2 → 6    gradients of results to points
//   G:  3 or 5 → 6   weights to points           Gᵀ: 6 → 3 or 5   points to gradients of weights
//   Aᵀ: 6 → 4 or 2   points to results
// A tile lies as rows of channels in a matrix, each found by its number; its points lie in 6 or 36
// matrices, one row each.

#define WINOGRAD_POINTS 6

typedef vector winograd_line[WINOGRAD_POINTS];

INLINE void winograd_input(const vector *x, vector *y) {
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

// MARK: Results, and their gradients

INLINE void winograd_4_results(const vector *x, vector *y) {
  vector s1 = x[1] + x[2], d1 = x[1] - x[2];
  vector s2 = x[3] + x[4], d2 = x[3] - x[4];
  y[0] = x[0] + s1 + s2;
  y[1] = multiply_add(splat(2.0f), d2, d1);
  y[2] = multiply_add(splat(4.0f), s2, s1);
  y[3] = multiply_add(splat(8.0f), d2, d1) + x[5];
}

INLINE void winograd_4_results_backward(const vector *x, vector *y) {
  vector s1 = x[0] + x[2], d1 = x[1] + x[3];
  vector s2 = multiply_add(splat(4.0f), x[2], x[0]);
  vector d2 = multiply_add(splat(8.0f), x[3], splat(2.0f) * x[1]);
  y[0] = x[0];
  y[1] = s1 + d1;
  y[2] = s1 - d1;
  y[3] = s2 + d2;
  y[4] = s2 - d2;
  y[5] = x[3];
}

INLINE void winograd_2_results(const vector *x, vector *y) {
  y[0] = x[0] + (x[1] + x[2]) + (x[3] + x[4]);
  y[1] = multiply_add(splat(2.0f), x[3] - x[4], x[1] - x[2]) + x[5];
}

INLINE void winograd_2_results_backward(const vector *x, vector *y) {
  vector d2 = splat(2.0f) * x[1];
  y[0] = x[0];
  y[1] = x[0] + x[1];
  y[2] = x[0] - x[1];
  y[3] = x[0] + d2;
  y[4] = x[0] - d2;
  y[5] = x[1];
}

// MARK: Weights, and their gradients

INLINE void winograd_3_weights(const vector *x, vector *y) {
  vector s = splat(-1.0f / 6) * (x[0] + x[2]);
  vector d = splat(-1.0f / 6) * x[1];
  vector s2 = multiply_add(splat(1.0f / 24), x[0], splat(1.0f / 6) * x[2]);
  vector d2 = splat(1.0f / 12) * x[1];
  y[0] = splat(0.25f) * x[0];
  y[1] = s + d;
  y[2] = s - d;
  y[3] = s2 + d2;
  y[4] = s2 - d2;
  y[5] = x[2];
}

INLINE void winograd_3_weights_backward(const vector *x, vector *y) {
  vector s = splat(-1.0f / 6) * (x[1] + x[2]);
  vector s2 = x[3] + x[4];
  y[0] = multiply_add(splat(0.25f), x[0], multiply_add(splat(1.0f / 24), s2, s));
  y[1] = multiply_add(splat(1.0f / 12), x[3] - x[4], splat(1.0f / 6) * (x[2] - x[1]));
  y[2] = multiply_add(splat(1.0f / 6), s2, s) + x[5];
}

INLINE void winograd_5_weights(const vector *x, vector *y) {
  vector s = splat(-1.0f / 6) * (x[0] + x[2] + x[4]);
  vector d = splat(-1.0f / 6) * (x[1] + x[3]);
  vector s2 = multiply_add(
      splat(1.0f / 24), x[0], multiply_add(splat(1.0f / 6), x[2], splat(2.0f / 3) * x[4]));
  vector d2 = multiply_add(splat(1.0f / 12), x[1], splat(1.0f / 3) * x[3]);
  y[0] = splat(0.25f) * x[0];
  y[1] = s + d;
  y[2] = s - d;
  y[3] = s2 + d2;
  y[4] = s2 - d2;
  y[5] = x[4];
}

INLINE void winograd_5_weights_backward(const vector *x, vector *y) {
  vector s = splat(-1.0f / 6) * (x[1] + x[2]), d = splat(1.0f / 6) * (x[2] - x[1]);
  vector s2 = x[3] + x[4], d2 = x[3] - x[4];
  y[0] = multiply_add(splat(0.25f), x[0], multiply_add(splat(1.0f / 24), s2, s));
  y[1] = multiply_add(splat(1.0f / 12), d2, d);
  y[2] = multiply_add(splat(1.0f / 6), s2, s);
  y[3] = multiply_add(splat(1.0f / 3), d2, d);
  y[4] = multiply_add(splat(2.0f / 3), s2, s) + x[5];
}

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
  winograd_line half[WINOGRAD_POINTS];
  UNROLL for (size_t column = 0; column < from; ++column) {
    winograd_line a, b;
    UNROLL for (size_t row = 0; row < from; ++row) a[row] = x[row * from + column];
    map(a, b);
    UNROLL for (size_t row = 0; row < to; ++row) half[row][column] = b[row];
  }
  UNROLL for (size_t row = 0; row < to; ++row) map(half[row], y + row * to);
}

#define WINOGRAD_MOST (WINOGRAD_POINTS * WINOGRAD_POINTS)

INLINE void winograd_tiles(winograd_map *map, const size_t from, const size_t axes, size_t tiles,
                           size_t n, const float *source, size_t lds, const int32_t *sources,
                           float *points, size_t step, size_t ldp) {
  const size_t places = axes == 1 ? from : from * from;
  const size_t results = axes == 1 ? WINOGRAD_POINTS : WINOGRAD_MOST;
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
      winograd_tile(map, from, WINOGRAD_POINTS, axes, x, y);
      // Rows of whole vectors are filled up with zeros, as packed operands are.
      if (count == WIDTH || ldp % WIDTH == 0) {
        UNROLL for (size_t i = 0; i < results; ++i) store(target + i * step + j, y[i]);
      } else {
        for (size_t i = 0; i < results; ++i) store_partial(target + i * step + j, y[i], count);
      }
    }
  }
}

INLINE void winograd_points(winograd_map *map, const size_t to, const size_t axes, size_t tiles,
                            size_t n, const float *points, size_t step, size_t ldp,
                            const int32_t *targets, const float *bias,
                            const reel_row_finish *finish, size_t first, float *y, size_t ldy) {
  const size_t values = axes == 1 ? WINOGRAD_POINTS : WINOGRAD_MOST;
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
      winograd_tile(map, WINOGRAD_POINTS, to, axes, x, result);
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

static void tiles_to_points(size_t length, size_t axes, size_t tiles, size_t n,
                            const float *source, size_t lds, const int32_t *sources, float *points,
                            size_t step, size_t ldp) {
#define REEL_TO_POINTS(LENGTH, MAP)                                                                \
  case LENGTH:                                                                                     \
    if (axes == 1) {                                                                               \
      winograd_tiles(MAP, LENGTH, 1, tiles, n, source, lds, sources, points, step, ldp);           \
    } else {                                                                                       \
      winograd_tiles(MAP, LENGTH, 2, tiles, n, source, lds, sources, points, step, ldp);           \
    }                                                                                              \
    break;
  switch (length) {
    REEL_TO_POINTS(2, winograd_2_results_backward)
    REEL_TO_POINTS(3, winograd_3_weights)
    REEL_TO_POINTS(4, winograd_4_results_backward)
    REEL_TO_POINTS(5, winograd_5_weights)
    REEL_TO_POINTS(6, winograd_input)
  }
#undef REEL_TO_POINTS
}

static void points_to_tiles(size_t length, size_t axes, size_t tiles, size_t n, const float *points,
                            size_t step, size_t ldp, const int32_t *targets, const float *bias,
                            const reel_row_finish *finish, size_t first, float *y, size_t ldy) {
#define REEL_FROM_POINTS(LENGTH, MAP)                                                              \
  case LENGTH:                                                                                     \
    if (axes == 1) {                                                                               \
      winograd_points(MAP, LENGTH, 1, tiles, n, points, step, ldp, targets, bias, finish, first,   \
                      y, ldy);                                                                     \
    } else {                                                                                       \
      winograd_points(MAP, LENGTH, 2, tiles, n, points, step, ldp, targets, bias, finish, first,   \
                      y, ldy);                                                                     \
    }                                                                                              \
    break;
  switch (length) {
    REEL_FROM_POINTS(2, winograd_2_results)
    REEL_FROM_POINTS(3, winograd_3_weights_backward)
    REEL_FROM_POINTS(4, winograd_4_results)
    REEL_FROM_POINTS(5, winograd_5_weights_backward)
  }
#undef REEL_FROM_POINTS
}
