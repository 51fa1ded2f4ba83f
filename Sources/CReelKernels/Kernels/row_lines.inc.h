// Pooling, resampling and cropping: rows of the result that are weighted sums, or maxima, of rows
// of the input; see reel_row_line. The channels of a row lie side by side, so every step is a
// vector.

/// Runs STEP for each input row `source` of position `p`, with the outer tap `outer`, the inner one
/// `inner`, and its row number `number`.
#define REEL_FOR_EACH_SOURCE(STEP)                                                   \
  for (size_t outer = 0; outer < line->outer_count; ++outer) {                       \
    for (int32_t inner = line->offsets[p]; inner < line->offsets[p + 1]; ++inner) {  \
      const int32_t number = line->outer_rows[outer] + line->rows[inner];            \
      const float *source = x + (size_t)number * ldx;                                \
      STEP                                                                           \
    }                                                                                \
  }

/// Every vector of a block starts with VALUE.
#define REEL_START_VECTORS(NAME, VALUE) \
  UNROLL for (int v = 0; v < vectors; ++v) NAME[v] = (VALUE);

// Windows of two by two that do not overlap, and each position twice, are most of what networks
// pool and up-sample: no list is looked at there, which counts where channels are few. The sums are
// those of the general way, in its order.

static void combine_pairs(size_t positions, size_t columns, const reel_row_line *line,
                          const float *x, size_t ldx, float *y, size_t ldy) {
  const float *first = x + (size_t)line->outer_rows[0] * ldx;
  const float *second = x + (size_t)line->outer_rows[1] * ldx;
  const vector w = splat(line->outer_weights[0] * line->weights[0]);
  const vector z = splat(line->outer_weights[1] * line->weights[0]);
  for (size_t p = 0; p < positions; ++p) {
    const float *a = first + 2 * p * ldx, *b = second + 2 * p * ldx;
    REEL_FOR_EACH_VECTOR(columns, {
      vector total = multiply_add(w, load_some(a + i, count), splat(0.0f));
      total = multiply_add(w, load_some(a + ldx + i, count), total);
      total = multiply_add(z, load_some(b + i, count), total);
      total = multiply_add(z, load_some(b + ldx + i, count), total);
      store_some(y + p * ldy + i, total, count);
    })
  }
}

INLINE void clear_row(size_t columns, float *y) {
  for (size_t j = 0; j < columns; ++j) y[j] = 0.0f;
}

static void combine_doubled(size_t positions, size_t columns, const reel_row_line *line,
                            const float *x, size_t ldx, float *y, size_t ldy) {
  const float *source = x + (size_t)line->outer_rows[0] * ldx;
  const vector w = splat(line->outer_weights[0] * line->weights[0]);
  for (size_t p = 0; p < positions / 2; ++p) {
    float *to = y + 2 * p * ldy;
    REEL_FOR_EACH_VECTOR(columns, {
      vector value = multiply_add(w, load_some(source + p * ldx + i, count), splat(0.0f));
      store_some(to + i, value, count);
      store_some(to + ldy + i, value, count);
    })
  }
  if (positions % 2) clear_row(columns, y + (positions - 1) * ldy);
}

/// `number_of_best`, where not NULL, follows the row number of the best value.
INLINE vector better(vector value, int32_t number, vector best, ivector *number_of_best) {
  ivector takes = (value > best) | (value != value);
  if (number_of_best) *number_of_best = takes ? (ivector)(number) : *number_of_best;
  return takes ? value : best;
}

static void maximum_of_pairs(size_t positions, size_t columns, const reel_row_line *line,
                             const float *x, size_t ldx, float *y, int32_t *chosen, size_t ldy) {
  const int32_t first = line->outer_rows[0], second = line->outer_rows[1];
  for (size_t p = 0; p < positions; ++p) {
    const int32_t n = first + 2 * (int32_t)p, m = second + 2 * (int32_t)p;
    const float *a = x + (size_t)n * ldx, *b = x + (size_t)m * ldx;
    float *to = y + p * ldy;
    if (chosen) {
      float *numbers = (float *)(chosen + p * ldy);
      REEL_FOR_EACH_VECTOR(columns, {
        ivector number = (ivector)(n);
        vector best = load_some(a + i, count);
        best = better(load_some(a + ldx + i, count), n + 1, best, &number);
        best = better(load_some(b + i, count), m, best, &number);
        best = better(load_some(b + ldx + i, count), m + 1, best, &number);
        store_some(to + i, best, count);
        store_some(numbers + i, float_of(number), count);
      })
    } else {
      REEL_FOR_EACH_VECTOR(columns, {
        vector best = load_some(a + i, count);
        best = better(load_some(a + ldx + i, count), 0, best, 0);
        best = better(load_some(b + i, count), 0, best, 0);
        best = better(load_some(b + ldx + i, count), 0, best, 0);
        store_some(to + i, best, count);
      })
    }
  }
}

static void spread_to_doubled(size_t positions, size_t columns, int32_t first,
                              const reel_row_line *line, const float *x, const int32_t *chosen,
                              size_t ldx, float *y, size_t ldy) {
  const size_t start = (size_t)line->outer_rows[0] * ldx;
  const float *source = x + start, *from = (const float *)(chosen + start);
  for (size_t p = 0; p < positions / 2; ++p) {
    const int32_t own = first + 2 * (int32_t)p;
    float *to = y + 2 * p * ldy;
    REEL_FOR_EACH_VECTOR(columns, {
      vector value = load_some(source + p * ldx + i, count);
      ivector number = bits_of(load_some(from + p * ldx + i, count));
      store_some(to + i, number == (ivector)(own) ? value : splat(0.0f), count);
      store_some(to + ldy + i, number == (ivector)(own + 1) ? value : splat(0.0f), count);
    })
  }
  if (positions % 2) clear_row(columns, y + (positions - 1) * ldy);
}

static void combine_rows(size_t positions, size_t columns, const reel_row_line *line,
                         const float *x, size_t ldx, float *y, size_t ldy) {
  if (line->pattern == REEL_LINE_PAIRS && line->outer_count == 2) {
    combine_pairs(positions, columns, line, x, ldx, y, ldy);
    return;
  }
  if (line->pattern == REEL_LINE_DOUBLED && line->outer_count == 1) {
    combine_doubled(positions, columns, line, x, ldx, y, ldy);
    return;
  }
  for (size_t p = 0; p < positions; ++p) {
    float *to = y + p * ldy;
    REEL_FOR_EACH_COLUMN_BLOCK(columns, {
      vector total[REEL_COLUMN_VECTORS];
      REEL_START_VECTORS(total, splat(0.0f))
      REEL_FOR_EACH_SOURCE({
        vector weight = splat(line->outer_weights[outer] * line->weights[inner]);
        REEL_EACH_VECTOR({
          total[v] = multiply_add(weight, load_some(source + at, count), total[v]);
        })
      })
      REEL_EACH_VECTOR({ store_some(to + at, total[v], count); })
    })
  }
}

static void maximum_of_rows(size_t positions, size_t columns, const reel_row_line *line,
                            const float *x, size_t ldx, float *y, int32_t *chosen, size_t ldy) {
  if (line->pattern == REEL_LINE_PAIRS && line->outer_count == 2) {
    maximum_of_pairs(positions, columns, line, x, ldx, y, chosen, ldy);
    return;
  }
  for (size_t p = 0; p < positions; ++p) {
    float *to = y + p * ldy;
    // A bit pattern is moved as it is by a float vector.
    float *numbers = chosen ? (float *)(chosen + p * ldy) : 0;
    const bool empty = line->outer_count == 0 || line->offsets[p] == line->offsets[p + 1];
    const int32_t first =
        empty ? -1 : line->outer_rows[0] + line->rows[line->offsets[p]];
    if (!chosen) {
      REEL_FOR_EACH_COLUMN_BLOCK(columns, {
        vector best[REEL_COLUMN_VECTORS];
        REEL_START_VECTORS(best, splat(-__builtin_inff()))
        REEL_FOR_EACH_SOURCE({
          REEL_EACH_VECTOR({
            vector value = load_some(source + at, count);
            best[v] = ((value > best[v]) | (value != value)) ? value : best[v];
          })
        })
        REEL_EACH_VECTOR({ store_some(to + at, best[v], count); })
      })
      continue;
    }
    REEL_FOR_EACH_COLUMN_BLOCK(columns, {
      vector best[REEL_COLUMN_VECTORS];
      ivector number_of_best[REEL_COLUMN_VECTORS];
      REEL_START_VECTORS(best, splat(-__builtin_inff()))
      REEL_START_VECTORS(number_of_best, (ivector)(first))
      REEL_FOR_EACH_SOURCE({
        REEL_EACH_VECTOR({
          vector value = load_some(source + at, count);
          ivector takes = (value > best[v]) | (value != value);
          best[v] = takes ? value : best[v];
          number_of_best[v] = takes ? (ivector)(number) : number_of_best[v];
        })
      })
      REEL_EACH_VECTOR({
        store_some(to + at, best[v], count);
        store_some(numbers + at, float_of(number_of_best[v]), count);
      })
    })
  }
}

static void spread_to_chosen(size_t positions, size_t columns, int32_t first,
                             const reel_row_line *line, const float *x, const int32_t *chosen,
                             size_t ldx, float *y, size_t ldy) {
  if (line->pattern == REEL_LINE_DOUBLED && line->outer_count == 1) {
    spread_to_doubled(positions, columns, first, line, x, chosen, ldx, y, ldy);
    return;
  }
  for (size_t p = 0; p < positions; ++p) {
    float *to = y + p * ldy;
    const ivector own = (ivector)(first + (int32_t)p);
    REEL_FOR_EACH_COLUMN_BLOCK(columns, {
      vector total[REEL_COLUMN_VECTORS];
      REEL_START_VECTORS(total, splat(0.0f))
      REEL_FOR_EACH_SOURCE({
        const float *numbers = (const float *)(chosen + (size_t)number * ldx);
        REEL_EACH_VECTOR({
          vector value = load_some(source + at, count);
          ivector takes = bits_of(load_some(numbers + at, count)) == own;
          total[v] += takes ? value : splat(0.0f);
        })
      })
      REEL_EACH_VECTOR({ store_some(to + at, total[v], count); })
    })
  }
}

static void gather_chosen(size_t rows, size_t columns, const float *x, size_t ldx,
                          const int32_t *chosen, float *y, size_t ldy) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t j = 0; j < columns; ++j) {
      const int32_t number = chosen[row * ldy + j];
      y[row * ldy + j] = number < 0 ? 0.0f : x[(size_t)number * ldx + j];
    }
  }
}

static void copy_rows(size_t rows, size_t columns, const float *x, size_t ldx, float *y,
                      size_t ldy) {
  for (size_t row = 0; row < rows; ++row) {
    // Lines that a store waits for: those of the row after the next.
    const float *ahead = y + (row + 2) * ldy;
    REEL_FOR_EACH_VECTOR(columns, {
      __builtin_prefetch(ahead + i, 1);
      store_some(y + row * ldy + i, load_some(x + row * ldx + i, count), count);
    })
  }
}
