// The transpose of a matrix, in squares of 8×8 that are turned round in registers.

typedef float octet __attribute__((ext_vector_type(8)));

/// 8×8: exchanges the halves of pairs of rows, then quarters, then single values.
INLINE void transpose_square(const float *source, size_t lds, float *target, size_t ldt) {
  octet r[8], s[8];
  UNROLL for (int i = 0; i < 8; ++i) {
    __builtin_memcpy(&r[i], source + (size_t)i * lds, sizeof r[i]);
  }
  UNROLL for (int i = 0; i < 4; ++i) {
    s[i] = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    s[i + 4] = __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    UNROLL for (int j = i; j < i + 2; ++j) {
      r[j] = __builtin_shufflevector(s[j], s[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[j + 2] = __builtin_shufflevector(s[j], s[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  UNROLL for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; ++i) {
    __builtin_memcpy(target + (size_t)i * ldt, &s[i], sizeof s[i]);
  }
}

/// Value by value, of few columns in groups of eight rows.
static void transpose_values(size_t rows, size_t columns, const float *source, size_t lds, float *target,
                             size_t ldt) {
  size_t row = 0;
  for (; row + 8 <= rows; row += 8) {
    for (size_t column = 0; column < columns; ++column) {
      UNROLL for (size_t i = row; i < row + 8; ++i) target[column * ldt + i] = source[i * lds + column];
    }
  }
  for (; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      target[column * ldt + row] = source[row * lds + column];
    }
  }
}

/// `rows` rows, which are 8 or 16 (a constant once inlined): two squares make whole lines of the target. Where
/// more than two columns are left, the last square begins before them, and repeats what is there. (One loop that
/// finds the place of each square takes up to 1.2 times as long.)
INLINE void transpose_squares(const size_t rows, size_t columns, const float *source, size_t lds,
                              float *target, size_t ldt) {
  const size_t left = columns % 8;
  for (size_t column = 0; column < columns - left; column += 8) {
    UNROLL for (size_t row = 0; row < rows; row += 8) {
      transpose_square(source + row * lds + column, lds, target + column * ldt + row, ldt);
    }
  }
  if (left > 2) {
    const size_t column = columns - 8;
    UNROLL for (size_t row = 0; row < rows; row += 8) {
      transpose_square(source + row * lds + column, lds, target + column * ldt + row, ldt);
    }
  } else {
    transpose_values(rows, left, source + columns - left, lds, target + (columns - left) * ldt, ldt);
  }
}

/// target[column][row] = source[row][column], `lds` and `ldt` floats from row to row; they do not overlap. What is
/// left of the rows goes as what is left of the columns does.
static void transpose(size_t rows, size_t columns, const float *source, size_t lds, float *target,
                      size_t ldt) {
  if (rows < 8 || columns < 8) {
    transpose_values(rows, columns, source, lds, target, ldt);
    return;
  }
  size_t row = 0;
  for (; row + 16 <= rows; row += 16) {
    transpose_squares(16, columns, source + row * lds, lds, target + row, ldt);
  }
  for (; row + 2 < rows; row += 8) {
    const size_t first = row + 8 <= rows ? row : rows - 8;
    transpose_squares(8, columns, source + first * lds, lds, target + first, ldt);
  }
  if (row < rows) transpose_values(rows - row, columns, source + row * lds, lds, target + row, ldt);
}
