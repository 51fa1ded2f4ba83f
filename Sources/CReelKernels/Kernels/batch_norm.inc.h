// Normalization of columns (Ioffe and Szegedy 2015): sums over the rows of each column, and maps
// that are the same for a whole column. Matrices of rows×columns values without gaps.

// Vectors of columns that stay in registers while the rows go by.
#define REEL_COLUMN_VECTORS 4

/// Runs BODY for blocks of columns from `j` on, of `vectors` vectors with `count` lanes each.
#define REEL_FOR_EACH_COLUMN_BLOCK(columns, BODY)                          \
  size_t j = 0;                                                            \
  for (; j + REEL_COLUMN_VECTORS * WIDTH <= (columns); j += REEL_COLUMN_VECTORS * WIDTH) { \
    const int vectors = REEL_COLUMN_VECTORS;                               \
    const size_t count = WIDTH;                                            \
    BODY                                                                   \
  }                                                                        \
  for (; j < (columns); j += WIDTH) {                                      \
    const int vectors = 1;                                                 \
    const size_t count = (columns) - j < WIDTH ? (columns) - j : WIDTH;    \
    BODY                                                                   \
  }

#define REEL_EACH_VECTOR(STEP)                      \
  UNROLL for (int v = 0; v < vectors; ++v) {        \
    const size_t at = j + (size_t)v * WIDTH;        \
    STEP                                            \
  }

static void column_moments(size_t rows, size_t columns, const float *x, const float *center,
                           float *sums, float *squares) {
  REEL_FOR_EACH_COLUMN_BLOCK(columns, {
    vector middle[REEL_COLUMN_VECTORS];
    vector plain[REEL_COLUMN_VECTORS];
    vector squared[REEL_COLUMN_VECTORS];
    REEL_EACH_VECTOR({
      middle[v] = load_some(center + at, count);
      plain[v] = load_some(sums + at, count);
      squared[v] = load_some(squares + at, count);
    })
    for (size_t row = 0; row < rows; ++row) {
      const float *from = x + row * columns;
      REEL_EACH_VECTOR({
        vector difference = load_some(from + at, count) - middle[v];
        plain[v] += difference;
        squared[v] = multiply_add(difference, difference, squared[v]);
      })
    }
    REEL_EACH_VECTOR({
      store_some(sums + at, plain[v], count);
      store_some(squares + at, squared[v], count);
    })
  })
}

static void column_products(size_t rows, size_t columns, const float *x, const float *center,
                            const float *dy, float *sums, float *products) {
  REEL_FOR_EACH_COLUMN_BLOCK(columns, {
    vector middle[REEL_COLUMN_VECTORS];
    vector plain[REEL_COLUMN_VECTORS];
    vector product[REEL_COLUMN_VECTORS];
    REEL_EACH_VECTOR({
      middle[v] = load_some(center + at, count);
      plain[v] = load_some(sums + at, count);
      product[v] = load_some(products + at, count);
    })
    for (size_t row = 0; row < rows; ++row) {
      const float *from = x + row * columns;
      const float *arriving = dy + row * columns;
      REEL_EACH_VECTOR({
        vector g = load_some(arriving + at, count);
        plain[v] += g;
        product[v] = multiply_add(g, load_some(from + at, count) - middle[v], product[v]);
      })
    }
    REEL_EACH_VECTOR({
      store_some(sums + at, plain[v], count);
      store_some(products + at, product[v], count);
    })
  })
}

static void scale_columns(size_t rows, size_t columns, const float *x, const float *center,
                          const float *scale, const float *offset, const float *other,
                          const float *factor, float *y) {
  for (size_t row = 0; row < rows; ++row) {
    const float *from = x + row * columns;
    const float *term = other ? other + row * columns : 0;
    float *to = y + row * columns;
    if (term) {
      REEL_FOR_EACH_VECTOR(columns, {
        vector value = load_some(from + i, count) - load_some(center + i, count);
        value = multiply_add(load_some(scale + i, count), value, load_some(offset + i, count));
        value = multiply_add(load_some(factor + i, count), load_some(term + i, count), value);
        store_some(to + i, value, count);
      })
    } else {
      REEL_FOR_EACH_VECTOR(columns, {
        vector value = load_some(from + i, count) - load_some(center + i, count);
        value = multiply_add(load_some(scale + i, count), value, load_some(offset + i, count));
        store_some(to + i, value, count);
      })
    }
  }
}
