// The products of parts, on blocks of one to four tiles of C.

enum { ASKS = PARTS };  // how often a block asks for what comes later

/// All eight tiles have 16 rows of 64 bytes: 0–3 are sums, the others parts of the operands.
static const struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes __attribute__((aligned(64))) = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE},
};

/// 16 rows of a left operand: those of the line at `lines`, `stride` bytes from row to row.
typedef struct {
  const float *lines;
  size_t stride;
} left_rows;

#define LOAD_ROWS(TILE, A, PART) _tile_loadd(TILE, (A).lines + i * BLOCK + (PART) * LINE, (A).stride)
#define LOAD_COLUMNS(TILE_NUMBER, B, PART) \
  _tile_loadd(TILE_NUMBER, (B) + i * PARTS * TILE + (PART) * TILE, 64)

// Two rows of tiles × two columns. Each step loads what the one before did not have: 14 loads for 24
// products of three parts, which take longer.
#define LEFT(PART) LOAD_ROWS(4, top, PART), LOAD_ROWS(5, bottom, PART)
#define RIGHT(PART) LOAD_COLUMNS(6, b, PART), LOAD_COLUMNS(7, b + width, PART)
#define PRODUCTS                                            \
  _tile_dpbf16ps(0, 4, 6), _tile_dpbf16ps(1, 4, 7), _tile_dpbf16ps(2, 5, 6), \
      _tile_dpbf16ps(3, 5, 7)

/// Asks for the next lines of what comes later.
#define ASK                                     \
  for (size_t line = 0; line < lines; ++line) { \
    _mm_prefetch(ahead, _MM_HINT_T1);           \
    ahead += LINE;                              \
  }

/// ASKS times in each block, `lines` lines from `ahead` on are asked for.
INLINE void sum_2x2(size_t blocks, left_rows top, left_rows bottom, const float *b, size_t width,
                    const float *ahead, size_t lines) {
  for (size_t i = 0; i < blocks; ++i) {
#if PARTS == 3
    LEFT(0), RIGHT(2), PRODUCTS;
    ASK;
    RIGHT(1), PRODUCTS;
    LEFT(1), PRODUCTS;
    ASK;
    RIGHT(0), PRODUCTS;
    LEFT(0), PRODUCTS;
    ASK;
    LEFT(2), PRODUCTS;
#elif PARTS == 2
    LEFT(0), RIGHT(1), PRODUCTS;
    ASK;
    RIGHT(0), PRODUCTS;
    ASK;
    LEFT(1), PRODUCTS;
#else
    LEFT(0), RIGHT(0), PRODUCTS;
    ASK;
#endif
  }
}

#define RIGHT_1(PART) LOAD_COLUMNS(6, b, PART)
#define PRODUCTS_2 _tile_dpbf16ps(0, 4, 6), _tile_dpbf16ps(2, 5, 6)

INLINE void sum_2x1(size_t blocks, left_rows top, left_rows bottom, const float *b) {
  for (size_t i = 0; i < blocks; ++i) {
#if PARTS == 3
    LEFT(0), RIGHT_1(2), PRODUCTS_2;
    RIGHT_1(1), PRODUCTS_2;
    LEFT(1), PRODUCTS_2;
    RIGHT_1(0), PRODUCTS_2;
    LEFT(0), PRODUCTS_2;
    LEFT(2), PRODUCTS_2;
#elif PARTS == 2
    LEFT(0), RIGHT_1(1), PRODUCTS_2;
    RIGHT_1(0), PRODUCTS_2;
    LEFT(1), PRODUCTS_2;
#else
    LEFT(0), RIGHT_1(0), PRODUCTS_2;
#endif
  }
}

// One row of tiles, whose parts stay, × one column after the other; the products are in the same order.
#if PARTS == 3
#define ALL_PARTS LOAD_ROWS(4, top, 0), LOAD_ROWS(5, top, 1), LOAD_ROWS(6, top, 2)
#define COLUMN(SUM, B)                                                                   \
  LOAD_COLUMNS(7, B, 2), _tile_dpbf16ps(SUM, 4, 7), LOAD_COLUMNS(7, B, 1),               \
      _tile_dpbf16ps(SUM, 4, 7), _tile_dpbf16ps(SUM, 5, 7), LOAD_COLUMNS(7, B, 0),       \
      _tile_dpbf16ps(SUM, 5, 7), _tile_dpbf16ps(SUM, 4, 7), _tile_dpbf16ps(SUM, 6, 7)
#elif PARTS == 2
#define ALL_PARTS LOAD_ROWS(4, top, 0), LOAD_ROWS(5, top, 1)
#define COLUMN(SUM, B)                                                                   \
  LOAD_COLUMNS(7, B, 1), _tile_dpbf16ps(SUM, 4, 7), LOAD_COLUMNS(7, B, 0),               \
      _tile_dpbf16ps(SUM, 4, 7), _tile_dpbf16ps(SUM, 5, 7)
#else
#define ALL_PARTS LOAD_ROWS(4, top, 0)
#define COLUMN(SUM, B) LOAD_COLUMNS(7, B, 0), _tile_dpbf16ps(SUM, 4, 7)
#endif

INLINE void sum_1x1(size_t blocks, left_rows top, const float *b) {
  for (size_t i = 0; i < blocks; ++i) {
    ALL_PARTS;
    COLUMN(0, b);
  }
}

INLINE void sum_1x2(size_t blocks, left_rows top, const float *b, size_t width) {
  for (size_t i = 0; i < blocks; ++i) {
    ALL_PARTS;
    COLUMN(0, b), COLUMN(1, b + width);
  }
}

INLINE void sum_1x4(size_t blocks, left_rows top, const float *b, size_t width) {
  for (size_t i = 0; i < blocks; ++i) {
    ALL_PARTS;
    COLUMN(0, b), COLUMN(1, b + width), COLUMN(2, b + 2 * width), COLUMN(3, b + 3 * width);
  }
}
