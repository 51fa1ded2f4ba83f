// The kernels for x86-64 processors with AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>
#include <time.h>

#include "Kernels/builds.h"

#define REEL_WIDTH 16
#define REEL_TABLE reel_table_avx512
#define REEL_MEASURE reel_measure_avx512
#define REEL_NAME "avx512"
#define REEL_FMA 1
// 32 registers: 24 sums, 3 vectors of the panel, the rest for broadcast values.
#define REEL_TILE_ROWS 8
#define REEL_TILE_VECTORS 3

#define REEL_FIRST_LANES(count) ((__mmask16)((1u << (count)) - 1))
// Up to eight floats take half a register: a whole one would nearly always touch two cache lines.
#define REEL_LOAD_PARTIAL(p, count)                                                             \
  ((count) <= 8 ? (vector)_mm512_zextps256_ps512(                                               \
                      _mm256_maskz_loadu_ps((__mmask8)REEL_FIRST_LANES(count), (p)))            \
                : (vector)_mm512_maskz_loadu_ps(REEL_FIRST_LANES(count), (p)))
#define REEL_STORE_PARTIAL(p, v, count)                                                         \
  ((count) <= 8 ? _mm256_mask_storeu_ps((p), (__mmask8)REEL_FIRST_LANES(count),                 \
                                        _mm512_castps512_ps256((__m512)(v)))                    \
                : _mm512_mask_storeu_ps((p), REEL_FIRST_LANES(count), (__m512)(v)))
#define REEL_RECIPROCAL(v) ((vector)_mm512_rcp14_ps((__m512)(v)))
#define REEL_SCALE(v, n) ((vector)_mm512_scalef_ps((__m512)(v), (__m512)(n)))
#define REEL_MULTIPLY_PAIRS(a, b) ((ivector)_mm512_madd_epi16((__m512i)(a), (__m512i)(b)))

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "Kernels/all.inc.h"
#pragma clang attribute pop

// What a processor with VNNI does otherwise.
#pragma clang attribute push(                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma"))), \
    apply_to = function)
#include "Kernels/multiply_int8_vnni.inc.h"
#pragma clang attribute pop

bool reel_add_vnni(reel_kernel_table *table) {
  if (!__builtin_cpu_supports("avx512vnni")) return false;
  table->name = "avx512vnni";
  table->multiply_vector_int8 = multiply_vector_int8_vnni;
  table->bytes = &reel_byte_products_vnni;
  return true;
}
#endif
