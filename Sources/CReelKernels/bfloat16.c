// What processors with AVX512-BF16 and no matrix unit have for products at medium precision: those of
// Kernels/bfloat16_products.inc.h.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "Kernels/builds.h"

#define PARTS 1
#define REEL_TILE_ROWS 8
#define REEL_TILE_VECTORS 3

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), \
                             apply_to = function)
#include "Kernels/split_parts.inc.h"
#include "Kernels/bfloat16_products.inc.h"
#pragma clang attribute pop

static const reel_split_products medium_products = {
    .parts = PARTS,
    .on_tiles = false,
    .row_length = row_length,
    .columns_length = columns_length,
    .split_rows = split_rows,
    .split_columns = split_columns,
    .split_tap_columns = split_tap_columns,
    .multiply = multiply_split,
    .add_product = add_split_product,
    .tap_scratch = tap_scratch,
    .multiply_taps = multiply_split_taps,
};

// Of more parts, products of floats are the faster way: three products of half the time each.
static const reel_split_products *const split_products[REEL_PRECISIONS] = {
    [REEL_MEDIUM_PRECISION] = &medium_products,
};

bool reel_add_bfloat16(reel_kernel_table *table) {
  if (!__builtin_cpu_supports("avx512bf16")) return false;
  table->name = "avx512bf16";
  table->split = split_products;
  return true;
}
#endif
