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

static void combine_rows(size_t positions, size_t columns, const reel_row_line *line,
                         const float *x, size_t ldx, float *y, size_t ldy) {
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
