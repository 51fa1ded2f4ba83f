// The kernels for x86-64 processors with AVX2 and FMA.
#if defined(__x86_64__)
#include <immintrin.h>
#include <time.h>

#include "Kernels/builds.h"

#define REEL_WIDTH 8
#define REEL_TABLE reel_table_avx2
#define REEL_MEASURE reel_measure_avx2
#define REEL_NAME "avx2"
#define REEL_FMA 1
// 16 registers: 12 sums, 2 vectors of the panel, 1 broadcast value, and one to spare, without which
// the compiler moves the sums about (4 rows × 3 vectors fill all 16).
#define REEL_TILE_ROWS 6
#define REEL_TILE_VECTORS 2

#define REEL_FIRST_LANES(count) \
  ((__m256i)(lane_numbers() < (ivector)((int32_t)(count))))
#define REEL_LOAD_PARTIAL(p, count) ((vector)_mm256_maskload_ps((p), REEL_FIRST_LANES(count)))
#define REEL_STORE_PARTIAL(p, v, count) \
  _mm256_maskstore_ps((p), REEL_FIRST_LANES(count), (__m256)(v))
#define REEL_MULTIPLY_PAIRS(a, b) ((ivector)_mm256_madd_epi16((__m256i)(a), (__m256i)(b)))

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "Kernels/all.inc.h"
#pragma clang attribute pop
#endif
