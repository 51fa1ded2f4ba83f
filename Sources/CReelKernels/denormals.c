// Denormal numbers: a mode of the processor, for the calling thread.
#include "CReelKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// MXCSR: results (bit 15) and operands (bit 6) that are denormal become 0.
uint64_t reel_flush_denormals(void) {
  unsigned mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040u);
  return mode;
}

void reel_restore_denormals(uint64_t mode) { _mm_setcsr((unsigned)mode); }

#elif defined(__aarch64__)

// FPCR: bit 24, flush to zero.
uint64_t reel_flush_denormals(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (1ull << 24)));
  return mode;
}

void reel_restore_denormals(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }

#else

uint64_t reel_flush_denormals(void) { return 0; }
void reel_restore_denormals(uint64_t mode) { (void)mode; }

#endif
