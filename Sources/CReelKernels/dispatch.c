// Which build of the kernels this processor runs.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels/builds.h"

#if defined(__x86_64__)
// What a processor with AVX-512 adds to the kernels for it. The system is asked once, and only where
// somebody wants to know.
static reel_kernel_table vnni_table, amx_table;
static bool has_vnni, has_amx;

static void make_vnni(void) {
  vnni_table = reel_table_avx512;
  has_vnni = reel_add_vnni(&vnni_table);
}

static const reel_kernel_table *vnni_kernels(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_vnni);
  return has_vnni ? &vnni_table : NULL;
}

static void make_amx(void) {
  const reel_kernel_table *vnni = vnni_kernels();
  amx_table = vnni ? *vnni : reel_table_avx512;
  has_amx = reel_add_amx(&amx_table);
}

static const reel_kernel_table *amx_kernels(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_amx);
  return has_amx ? &amx_table : NULL;
}
#endif

const reel_kernel_table *reel_kernels_for(int instruction_set) {
  switch (instruction_set) {
    case REEL_PORTABLE:
      return &reel_table_portable;
#if defined(__x86_64__)
    // __builtin_cpu_supports also asks whether the operating system saves the wide registers.
    case REEL_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &reel_table_avx2
                                                                             : NULL;
    case REEL_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("fma")
                 ? &reel_table_avx512
                 : NULL;
    case REEL_AVX512_VNNI:
      return reel_kernels_for(REEL_AVX512) ? vnni_kernels() : NULL;
    case REEL_AMX:
      return reel_kernels_for(REEL_AVX512) ? amx_kernels() : NULL;
#endif
    default:
      return NULL;
  }
}

static const reel_kernel_table *choose(void) {
  const char *wanted = getenv("REEL_INSTRUCTION_SET");
  const reel_kernel_table *best = &reel_table_portable;
  for (int set = 0; set < REEL_INSTRUCTION_SETS; ++set) {
    const reel_kernel_table *table = reel_kernels_for(set);
    if (!table) continue;
    if (wanted && strcmp(wanted, table->name) == 0) return table;
    best = table;
  }
  return best;
}

const reel_kernel_table *reel_kernels(void) {
  // Threads that come here together choose the same table.
  static _Atomic(const reel_kernel_table *) chosen;
  const reel_kernel_table *table = atomic_load_explicit(&chosen, memory_order_acquire);
  if (!table) {
    table = choose();
    atomic_store_explicit(&chosen, table, memory_order_release);
  }
  return table;
}

double reel_measure_multiply_adds(double seconds) {
#if defined(__x86_64__)
  const reel_kernel_table *table = reel_kernels();
  if (table == &reel_table_avx2) return reel_measure_avx2(seconds);
  if (table != &reel_table_portable) return reel_measure_avx512(seconds);
#endif
  return reel_measure_portable(seconds);
}
