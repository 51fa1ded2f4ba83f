// Denormal numbers: a mode of the processor, for the calling thread. A new thread inherits it from the one that
// makes it.
#include "CReelKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// MXCSR: results (bit 15) and operands (bit 6) that are denormal become 0.
enum { FLUSHES = 0x8040u };

static uint64_t mode_of_processor(void) { return _mm_getcsr(); }
static void set_mode_of_processor(uint64_t mode) { _mm_setcsr((unsigned)mode); }

#elif defined(__aarch64__)

// FPCR: bit 24, flush to zero.
enum { FLUSHES = 1u << 24 };

static uint64_t mode_of_processor(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}

static void set_mode_of_processor(uint64_t mode) {
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

#else

enum { FLUSHES = 0 };

static uint64_t mode_of_processor(void) { return 0; }
static void set_mode_of_processor(uint64_t mode) { (void)mode; }

#endif

bool reel_flushes_denormals(void) { return (mode_of_processor() & FLUSHES) != 0; }

uint64_t reel_set_flushing_denormals(bool flushes) {
  uint64_t mode = mode_of_processor(), cleared = mode & ~(uint64_t)FLUSHES;
  uint64_t wanted = flushes ? cleared | FLUSHES : cleared;
  if (wanted != mode) set_mode_of_processor(wanted);
  return mode;
}

void reel_restore_denormals(uint64_t mode) {
  if (((mode_of_processor() ^ mode) & FLUSHES) != 0) set_mode_of_processor(mode);
}
