// What products of narrow numbers on vectors share: C in register tiles of up to TILE_ROWS rows ×
// TILE_VECTORS vectors of SIDE columns.

#include "tile_tables.inc.h"

#define UNROLL _Pragma("clang loop unroll(full)")

enum {
  TILE_ROWS = REEL_TILE_ROWS,
  TILE_VECTORS = REEL_TILE_VECTORS,
  ROW_STRETCH = 64,
};

/// Columns of B: vector v over line i of k is at start + v·stride + i·LINE, in floats.
typedef struct {
  const float *start;
  size_t stride;
} right_columns;

/// m rows as so few tiles as they need, evenly divided: the first `taller` ones have one row more.
typedef struct {
  size_t count, rows, taller;
} row_tiles;

INLINE row_tiles tiles_of(size_t m) {
  const size_t count = (m + TILE_ROWS - 1) / TILE_ROWS;
  return (row_tiles){count, count ? m / count : 0, count ? m % count : 0};
}

/// Rows that pass all columns together: about ROW_STRETCH, whole tiles, evenly divided.
INLINE size_t row_stretch(size_t m) {
  const size_t stretches = (m + ROW_STRETCH - 1) / ROW_STRETCH;
  return stretches ? (tiles_of(m).count + stretches - 1) / stretches * TILE_ROWS : 0;
}

/// The vectors that the next tile takes of `n` columns: four are two and two.
INLINE size_t next_vectors(size_t n) {
  const size_t left = (n + SIDE - 1) / SIDE;
  return left == 4 ? 2 : least(left, TILE_VECTORS);
}
