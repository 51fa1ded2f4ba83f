// Products of floats on the matrix unit of x86-64 processors with AMX, which multiplies bfloat16.
//
// A float is the sum of three bfloat16 numbers, x = h + m + l, each the rounded rest of the ones
// before: 3·8 bits hold the 24 of a float. Of the nine products of parts, the six that reach a float's
// precision are added up in float: h·l, h·m, m·m, m·h, h·h, l·h (Henry, Tang and Heinecke 2019,
// "Leveraging the bfloat16 artificial intelligence datatype for higher-precision computations"). What
// is left out is below 2⁻²⁴ of the product: the result is as exact as a chain of multiply-adds.
//
// Every element of C is one chain in ascending k, whatever the tiles around it, and is interrupted
// only by storing to C: a row depends neither on the other rows nor on their number. Numbers below
// 2⁻¹²⁶ count as 0; an infinite operand gives NaN.
#include "Kernels/builds.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma clang attribute push(                                                                   \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), \
    apply_to = function)

#define INLINE static inline __attribute__((always_inline))

enum {
  SIDE = 16,             // rows and columns of a tile of C
  DEPTH = 32,            // values of k that one tile product sums over
  PARTS = 3,
  LINE = 16,             // floats of room in 32 bfloat16
  BLOCK = PARTS * LINE,  // one row of a left operand over DEPTH values: its three parts, side by side
  TILE = SIDE * LINE,    // one part of a right operand, DEPTH values deep: pairs of k × columns
  ASKS = 3,              // how often a block asks for what comes later
};

INLINE size_t blocks_of(size_t k) { return (k + DEPTH - 1) / DEPTH; }

static size_t row_length(size_t k) { return blocks_of(k) * BLOCK; }

static size_t columns_length(size_t k, size_t n) {
  return (n + SIDE - 1) / SIDE * blocks_of(k) * PARTS * TILE;
}

#include "Kernels/amx_split.inc.h"
#include "Kernels/amx_tiles.inc.h"
#include "Kernels/amx_products.inc.h"
#include "Kernels/amx_taps.inc.h"

#pragma clang attribute pop

#include <cpuid.h>

static const reel_split_products split_products = {
    .row_length = row_length,
    .columns_length = columns_length,
    .split_rows = split_rows,
    .split_columns = split_columns,
    .split_tap_columns = split_tap_columns,
    .multiply = multiply_split,
    .tap_scratch = tap_scratch,
    .multiply_taps = multiply_split_taps,
};

static bool processor_has_tiles(void) {
  unsigned a, b, c, d, features;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  features = d;
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d)) return false;
  return (features >> 24 & 1) && (features >> 22 & 1)  // AMX-TILE, AMX-BF16
         && (a >> 5 & 1);                              // AVX512-BF16
}

/// Linux gives a process the tiles only when it asks (ARCH_REQ_XCOMP_PERM for XTILEDATA); it says no
/// where a thread's signal stack is too small for them.
static bool system_allows_tiles(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

bool reel_make_amx(reel_kernel_table *table) {
  if (!processor_has_tiles() || !system_allows_tiles()) return false;
  *table = reel_table_avx512;
  table->name = "amx";
  table->split = &split_products;
  return true;
}
#elif defined(__x86_64__)
bool reel_make_amx(reel_kernel_table *table) { return (void)table, false; }
#endif
