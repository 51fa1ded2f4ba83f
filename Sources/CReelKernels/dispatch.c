// Which build of the kernels this processor runs.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels/builds.h"

#if defined(__x86_64__)
// What processors with AVX-512 add to the kernels for it, each to what the ones before have: the table
// of REEL_AVX512_VNNI comes first. The system is asked once, and only where somebody wants to know.
enum { FIRST_EXTENSION = REEL_AVX512_VNNI };

static void extend_with_vnni(void);
static void extend_with_bfloat16(void);
static void extend_with_amx(void);

/// One for each set from FIRST_EXTENSION on.
static struct {
  bool (*add)(reel_kernel_table *);
  void (*extend)(void);  // pthread_once takes a function without arguments
  pthread_once_t once;
  reel_kernel_table table;
  bool is_there;
} extensions[] = {
    {.add = reel_add_vnni, .extend = extend_with_vnni, .once = PTHREAD_ONCE_INIT},
    {.add = reel_add_bfloat16, .extend = extend_with_bfloat16, .once = PTHREAD_ONCE_INIT},
    {.add = reel_add_amx, .extend = extend_with_amx, .once = PTHREAD_ONCE_INIT},
};

_Static_assert(sizeof extensions / sizeof *extensions == REEL_INSTRUCTION_SETS - FIRST_EXTENSION,
               "every set has its extension");

static void extend(int set) {
  const reel_kernel_table *base = &reel_table_avx512;
  for (int before = FIRST_EXTENSION; before < set; ++before) {
    const reel_kernel_table *table = reel_kernels_for(before);
    if (table) base = table;
  }
  extensions[set - FIRST_EXTENSION].table = *base;
  extensions[set - FIRST_EXTENSION].is_there =
      extensions[set - FIRST_EXTENSION].add(&extensions[set - FIRST_EXTENSION].table);
}

static void extend_with_vnni(void) { extend(REEL_AVX512_VNNI); }
static void extend_with_bfloat16(void) { extend(REEL_AVX512_BF16); }
static void extend_with_amx(void) { extend(REEL_AMX); }

static const reel_kernel_table *extended(int set) {
  const int number = set - FIRST_EXTENSION;
  pthread_once(&extensions[number].once, extensions[number].extend);
  return extensions[number].is_there ? &extensions[number].table : NULL;
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
    case REEL_AVX512_BF16:
    case REEL_AMX:
      return reel_kernels_for(REEL_AVX512) ? extended(instruction_set) : NULL;
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
