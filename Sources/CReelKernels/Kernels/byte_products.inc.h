// C = A·B with weights of 8 bits and rows of A in integers of 8 or 16, by the instruction that adds four
// products of bytes to each integer of a vector (VNNI): four times the products of floats, or twice.
//
// A row of A is a scale times its integers, of 127 or 32,767 steps to the largest magnitude; a column of B
// is a scale times its bytes. Of that instruction's operands one has a sign and the other has none, so the
// row's upper digit is taken 128 higher, and each sum begins from −128 times the sum of its weights:
//
//     Σ w·x = 256·(Σ w·(h + 128) − 128·Σ w) + Σ w·l   of 16 bits x = 256·h + l,
//     Σ w·x = Σ w·(x + 128) − 128·Σ w                 of 8 bits.
//
// Sums of up to 4·STRETCH products are integers, exactly; they meet the scales once, and are added to each
// other as floats. A row depends neither on the other rows nor on their number, and with 16 bits it is what
// multiply_vector_int8 makes of it, bit for bit up to that length.

#include "register_tiles.inc.h"

enum {
  // Of four values of k: 512·128·32,767 < 2³¹, and three vectors of columns are 24 KB, which stay in the
  // first-level cache.
  STRETCH = 128,
  ROWS_AHEAD = 3,     // that a row is asked for before it is read
  ROWS_TOGETHER = 8,  // that are quantized
};

INLINE size_t quads_of(size_t k) { return (k + 3) / 4; }

/// Floats of one digit of a row.
INLINE size_t digit_length(size_t k) { return (quads_of(k) + LINE - 1) / LINE * LINE; }

/// The scale, then the upper digits, then the lower ones.
static size_t row_length(size_t k, size_t digits) { return LINE + digits * digit_length(k); }

/// For 16 columns the scales, and for each stretch of k where the sums begin and the quads.
static size_t columns_length(size_t k, size_t n) {
  const size_t quads = quads_of(k), stretches = (quads + STRETCH - 1) / STRETCH;
  return (n + SIDE - 1) / SIDE * (1 + stretches + quads) * LINE;
}

INLINE __mmask16 lanes_of(size_t count) {
  return count >= SIDE ? (__mmask16)0xFFFF : (__mmask16)((1u << count) - 1);
}

/// The magnitudes of a line of floats as integers, which are in the same order, or the larger ones.
INLINE __m512i larger_magnitudes(__m512i largest, __m512 line) {
  const __m512i bits = _mm512_and_si512((__m512i)line, _mm512_set1_epi32(0x7fffffff));
  return _mm512_max_epi32(largest, bits);
}

/// The steps in one unit of a row, and its scale: see `quantize` of the table. A row that comes later is asked
/// for at `ahead`.
INLINE float steps_of(size_t k, const float *x, const float *ahead, float most, float *scale) {
  __m512i largest = _mm512_setzero_si512();
  size_t i = 0;
  for (; i + LINE <= k; i += LINE) {
    __builtin_prefetch(ahead + i);
    largest = larger_magnitudes(largest, _mm512_loadu_ps(x + i));
  }
  if (i < k) {
    __builtin_prefetch(ahead + i);
    largest = larger_magnitudes(largest, _mm512_maskz_loadu_ps(lanes_of(k - i), x + i));
  }
  // Above those of any number are the bits of infinity, then of what is no number.
  const int32_t bits = _mm512_reduce_max_epi32(largest);
  float range;
  memcpy(&range, &bits, sizeof range);
  const float steps = most / range;
  if (bits >= 0x7f800000) {
    *scale = __builtin_nanf("");
    return 0.0f;
  }
  const bool is_there = steps < __builtin_inff();  // not next to nothing
  *scale = is_there ? range / most : 0.0f;
  return is_there ? steps : 0.0f;
}

/// A line of a row in steps: its upper digits or, of one, all of it, 128 higher, and its lower ones.
INLINE void quantize_line(__m512 line, __m512 steps, size_t digits, uint8_t *upper, uint8_t *lower) {
  const __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(line, steps));
  const __m512i high = digits == 1 ? q : _mm512_srai_epi32(q, 8);
  const __m512i raised = _mm512_add_epi32(high, _mm512_set1_epi32(128));
  _mm_storeu_si128((__m128i *)upper, _mm512_cvtepi32_epi8(raised));
  if (digits == 2) _mm_storeu_si128((__m128i *)lower, _mm512_cvtepi32_epi8(q));
}

/// Four lines of a row of one digit, which together take half the time.
INLINE void quantize_four_lines(const float *x, __m512 steps, uint8_t *to) {
  __m512i q[4];
  UNROLL for (size_t i = 0; i < 4; ++i) {
    q[i] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + i * LINE), steps));
  }
  // Quads of the four lines in turns.
  const __m512i bytes =
      _mm512_packs_epi16(_mm512_packs_epi32(q[0], q[1]), _mm512_packs_epi32(q[2], q[3]));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  _mm512_storeu_si512(
      to, _mm512_xor_si512(_mm512_permutexvar_epi32(order, bytes), _mm512_set1_epi8(-128)));
}

INLINE void quantize_row(size_t k, size_t digits, const float *x, __m512 steps, float *row) {
  uint8_t *const upper = (uint8_t *)(row + LINE);
  uint8_t *const lower = upper + digit_length(k) * sizeof(float);
  size_t i = 0;
  for (; digits == 1 && i + 4 * LINE <= k; i += 4 * LINE) quantize_four_lines(x + i, steps, upper + i);
  for (; i + LINE <= k; i += LINE) {
    quantize_line(_mm512_loadu_ps(x + i), steps, digits, upper + i, lower + i);
  }
  if (i < k) {
    const __m512 last = _mm512_maskz_loadu_ps(lanes_of(k - i), x + i);
    quantize_line(last, steps, digits, upper + i, lower + i);
  }
}

static void quantize_rows(size_t m, size_t k, size_t digits, const float *a, size_t lda, float *rows) {
  const size_t length = row_length(k, digits);
  for (size_t first = 0; first < m; first += ROWS_TOGETHER) {
    // What a row's steps wait for, its largest magnitude, is looked for in several rows first.
    const size_t count = least(ROWS_TOGETHER, m - first);
    float steps[ROWS_TOGETHER];
    for (size_t r = 0; r < count; ++r) {
      const float *const x = a + (first + r) * lda;
      steps[r] = steps_of(k, x, x + ROWS_AHEAD * lda, digits == 1 ? 127.0f : 32767.0f,
                          rows + (first + r) * length);
    }
    for (size_t r = 0; r < count; ++r) {
      quantize_row(k, digits, a + (first + r) * lda, _mm512_set1_ps(steps[r]),
                   rows + (first + r) * length);
    }
  }
}

static void arrange_columns(size_t k, size_t n, const int8_t *w, size_t ldw, const float *scales,
                            float *to) {
  const __m512i raised = _mm512_set1_epi8(-128);  // 128 without a sign
  for (size_t column = 0; column < n; column += SIDE, w += SIDE * ldw) {
    const size_t count = least(SIDE, n - column);
    _mm512_storeu_ps(to, _mm512_maskz_loadu_ps(lanes_of(count), scales + column));
    to += LINE;
    for (size_t start = 0; start < k; start += 4 * STRETCH) {
      __m512i sums = _mm512_setzero_si512();
      float *const begin = to;
      to += LINE;
      for (size_t i = start, end = least(k, start + 4 * STRETCH); i < end; i += 4, to += LINE) {
        int8_t quads[4 * SIDE] = {0};
        for (size_t c = 0; c < count; ++c) memcpy(quads + 4 * c, w + c * ldw + i, least(4, end - i));
        memcpy(to, quads, sizeof quads);
        sums = _mm512_dpbusd_epi32(sums, raised, _mm512_loadu_si512(to));
      }
      _mm512_storeu_si512(begin, _mm512_sub_epi32(_mm512_setzero_si512(), sums));
    }
  }
}

/// Adds the products of one digit: row r is at base[r], vector v of the columns at columns[v], `quads` quads
/// of k each. With each quad a line of every vector, `stride` floats apart, is asked for at `ahead`, which
/// moves by `step` floats.
INLINE void add_quads(const size_t rows, const size_t vectors, size_t quads, const float *const *base,
                      const float *const *columns, __m512i total[TILE_ROWS][TILE_VECTORS],
                      const float *ahead, size_t stride, size_t step) {
  for (size_t i = 0; i < quads; ++i, ahead += step) {
    __m512i right[TILE_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; ++v) {
      right[v] = _mm512_loadu_si512(columns[v] + i * LINE);
      __builtin_prefetch(ahead + v * stride);
    }
    UNROLL for (size_t r = 0; r < rows; ++r) {
      const __m512i value = (__m512i)_mm512_set1_ps(base[r][i]);
      UNROLL for (size_t v = 0; v < vectors; ++v) {
        total[r][v] = _mm512_dpbusd_epi32(total[r][v], value, right[v]);
      }
    }
  }
}

/// What a tile multiplies, where it goes, and what is asked for meanwhile.
typedef struct {
  /// Rows in integers, over `quads` quads of k from `start` on; a second digit lies `second` floats behind the first,
  /// or there is none (0). (From one pointer and a stride compilers make more than registers hold.)
  const float *const *left;
  size_t start, quads, second;
  /// The stretch of B, and the scales of its columns.
  right_columns b;
  const float *scales;
  /// The place in C, where `last` columns of the last vector are there.
  float *c;
  size_t ldc, last;
  /// Row r begins from what is at from[r] + column; at later[r] + later_column is what that row of the next tile
  /// begins from, or, if all begin from the same, its place.
  const float *const *from, *const *later;
  size_t column, later_column;
  /// The next lines of B: with each quad one of every vector is asked for, and `ahead` moves by `step` floats.
  const float *ahead;
  size_t step;
} byte_work;

/// `rows` × `vectors` (constants once inlined).
INLINE void byte_tile(const size_t rows, const size_t vectors, const byte_work *w) {
  __m512i total[TILE_ROWS][TILE_VECTORS];
  const float *base[TILE_ROWS], *columns[TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; ++v) {
    columns[v] = w->b.start + v * w->b.stride + LINE;
    UNROLL for (size_t r = 0; r < rows; ++r) {
      total[r][v] = _mm512_loadu_si512(columns[v] - LINE);
      // Rows of a table may be far away, further than one tile lasts.
      __builtin_prefetch(w->later[r] + w->later_column + v * SIDE);
    }
  }
  UNROLL for (size_t r = 0; r < rows; ++r) base[r] = w->left[r] + LINE + w->start;
  add_quads(rows, vectors, w->quads, base, columns, total, w->ahead, w->b.stride, w->step);
  if (w->second) {
    UNROLL for (size_t r = 0; r < rows; ++r) {
      base[r] += w->second;
      UNROLL for (size_t v = 0; v < vectors; ++v) total[r][v] = _mm512_slli_epi32(total[r][v], 8);
    }
    add_quads(rows, vectors, w->quads, base, columns, total, columns[0], 0, 0);
  }
  // Of one's own before anything is written: for all a compiler knows, C is where the others are read from, and it
  // would read all of them again behind each vector (335 instructions for 24 of them in place of 185).
  const byte_work own = *w;
  const float *before[TILE_ROWS];
  float row_scales[TILE_ROWS];
  UNROLL for (size_t r = 0; r < rows; ++r) {
    before[r] = own.from[r] + own.column;
    row_scales[r] = own.left[r][0];
  }
  UNROLL for (size_t v = 0; v < vectors; ++v) {
    const __mmask16 here = v + 1 < vectors ? (__mmask16)0xFFFF : lanes_of(own.last);
    const __m512 scale = _mm512_loadu_ps(own.scales + v * own.b.stride);
    UNROLL for (size_t r = 0; r < rows; ++r) {
      const __m512 value = _mm512_mul_ps(_mm512_cvtepi32_ps(total[r][v]),
                                         _mm512_mul_ps(scale, _mm512_set1_ps(row_scales[r])));
      const __m512 begin = _mm512_maskz_loadu_ps(here, before[r] + v * SIDE);
      _mm512_mask_storeu_ps(own.c + r * own.ldc + v * SIDE, here, _mm512_add_ps(begin, value));
    }
  }
}

typedef void byte_tile_function(const byte_work *work);

#define REEL_BYTE_TILE(ROWS, VECTORS)                               \
  static void byte_tile_##ROWS##x##VECTORS(const byte_work *work) { \
    byte_tile(ROWS, VECTORS, work);                                 \
  }

REEL_FOR_EACH_TILE(REEL_BYTE_TILE)

static byte_tile_function *const byte_tiles[TILE_ROWS][TILE_VECTORS] = REEL_TABLE_OF_TILES(byte_tile);

/// Where rows of A are, where those of C begin from, and where they are written. In the latter two the last one comes
/// again behind itself, for a tile that has fewer rows than the one before.
typedef struct {
  const float *left[ROW_STRETCH], *starts[ROW_STRETCH + TILE_ROWS], *places[ROW_STRETCH + TILE_ROWS];
} row_places;

/// Up to ROW_STRETCH rows past all columns.
static void multiply_byte_rows(size_t m, size_t n, size_t k, size_t digits, const float *left,
                               const float *right, const float *const *begin, float *c, size_t ldc) {
  static const float zeros[TILE_VECTORS * SIDE];
  const size_t length = row_length(k, digits), width = columns_length(k, 1), all = quads_of(k);
  const row_tiles t = tiles_of(m);
  row_places at;
  for (size_t row = 0; row < m; ++row) at.left[row] = left + row * length;
  for (size_t row = 0; row < m + TILE_ROWS; ++row) {
    const size_t there = least(row, m - 1);
    at.starts[row] = begin ? begin[there] : zeros;
    at.places[row] = c + there * ldc;
  }
  // As far as three rows tell, a bias or nothing: then what comes is asked for where it is written.
  const bool is_shared = !begin || (begin[0] == begin[m - 1] && begin[0] == begin[m / 2]);
  byte_work work = {.second = digits == 2 ? digit_length(k) : 0,
                    .ldc = ldc,
                    .step = LINE / t.count};
  for (size_t column = 0, vectors; column < n; column += vectors * SIDE) {
    vectors = next_vectors(n - column);
    const size_t next_column = column + vectors * SIDE;
    work.scales = right + column / SIDE * width;
    work.b = (right_columns){work.scales + LINE, width};
    work.last = least(SIDE, n - column - (vectors - 1) * SIDE);
    for (work.start = 0; work.start < all; work.start += work.quads) {
      const bool begins = work.start == 0;
      work.quads = least(STRETCH, all - work.start);
      // What comes after this stretch: further down, or the next columns.
      const bool ends = work.start + work.quads == all;
      const float *const next_b = work.b.start + (1 + work.quads) * LINE;
      work.ahead = ends ? work.scales + vectors * width : next_b;
      work.column = begins && !begin ? 0 : column;
      const float *const *const from = begins ? at.starts : at.places;
      const float *const *const later = begins && !is_shared ? at.starts : at.places;
      for (size_t i = 0, row = 0, rows; i < t.count; ++i, row += rows) {
        rows = t.rows + (i < t.taller);
        work.left = at.left + row;
        work.c = c + row * ldc + column;
        work.from = from + row;
        const bool is_last = i + 1 == t.count;
        work.later = is_last ? (ends && !is_shared ? at.starts : at.places) : later + row + rows;
        // After the last columns nothing comes: the first ones will do.
        work.later_column = !is_last || !ends ? column : next_column < n ? next_column : 0;
        byte_tiles[rows - 1][vectors - 1](&work);
        work.ahead += work.quads * work.step;
      }
      work.b.start = next_b;
    }
  }
}

static void multiply_bytes(size_t m, size_t n, size_t k, size_t digits, const float *left,
                           const float *right, const float *const *begin, float *c, size_t ldc) {
  const size_t stretch = row_stretch(m);
  for (size_t row = 0; row < m; row += stretch) {
    multiply_byte_rows(least(stretch, m - row), n, k, digits, left + row * row_length(k, digits), right,
                       begin ? begin + row : NULL, c + row * ldc, ldc);
  }
}
