// Products of floats on the matrix unit of x86-64 processors with AMX, which multiplies bfloat16; for
// operands of PARTS parts, as SPLIT_PRODUCTS.
//
// A float is the sum of three bfloat16 numbers, x = h + m + l, each the rounded rest of the ones
// before: 3·8 bits hold the 24 of a float. Of the nine products of parts, the six that reach a float's
// precision are added up in float: h·l, h·m, m·m, m·h, h·h, l·h (Henry, Tang and Heinecke 2019,
// "Leveraging the bfloat16 artificial intelligence datatype for higher-precision computations"). What
// is left out is below 2⁻²⁴ of the product: the result is as exact as a chain of multiply-adds. With two
// parts, h·m, h·h and m·h keep 16 bits of each operand, and with one h·h keeps 8.
//
// Every element of C is one chain in ascending k, whatever the tiles around it, and is interrupted
// only by storing to C: a row depends neither on the other rows nor on their number. Parts below 2⁻¹²⁶
// count as 0, so numbers below 2⁻¹⁰³ lose their last bits. What rounds to an infinite part, from
// 2¹²⁸ − 2¹¹⁹ on, gives NaN or infinity.
#include "builds.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(                                                                   \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), \
    apply_to = function)

#include "split_parts.inc.h"
#include "amx_tiles.inc.h"
#include "amx_products.inc.h"
#include "amx_taps.inc.h"

#pragma clang attribute pop

const reel_split_products SPLIT_PRODUCTS = {
    .parts = PARTS,
    .on_tiles = true,
    .row_length = row_length,
    .columns_length = columns_length,
    .split_rows = split_rows,
    .split_columns = split_columns,
    .split_tap_columns = split_tap_columns,
    .multiply = multiply_split,
    .tap_scratch = tap_scratch,
    .multiply_taps = multiply_split_taps,
};
#endif
