// What processors with AVX-512 and VNNI have for weights of 8 bits and several rows: the products of
// Kernels/byte_products.inc.h.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "Kernels/builds.h"
#include "Kernels/narrow_lines.inc.h"

#define REEL_TILE_ROWS 8
#define REEL_TILE_VECTORS 3

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), \
                             apply_to = function)
#include "Kernels/byte_products.inc.h"
#pragma clang attribute pop

const reel_byte_products reel_byte_products_vnni = {
    .row_length = row_length,
    .columns_length = columns_length,
    .quantize_rows = quantize_rows,
    .arrange_columns = arrange_columns,
    .multiply = multiply_bytes,
};
#endif
