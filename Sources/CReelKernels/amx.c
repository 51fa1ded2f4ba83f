// The kernels for processors with a matrix unit (AMX): those for AVX-512 and VNNI, and the products of
// Kernels/amx.inc.h.
#include "Kernels/builds.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

static const reel_split_products *const split_products[REEL_PRECISIONS] = {
    [REEL_HIGHEST_PRECISION] = &reel_split_products_3,
    [REEL_HIGH_PRECISION] = &reel_split_products_2,
    [REEL_MEDIUM_PRECISION] = &reel_split_products_1,
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

bool reel_add_amx(reel_kernel_table *table) {
  if (!processor_has_tiles() || !system_allows_tiles()) return false;
  table->name = "amx";
  table->split = split_products;
  // Not measured: by the rates of the instructions its tiles of bfloat16 are the faster way.
  table->bytes = NULL;
  return true;
}
#elif defined(__x86_64__)
bool reel_add_amx(reel_kernel_table *table) { return (void)table, false; }
#endif
