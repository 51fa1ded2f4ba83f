// Narrow numbers where floats have their room: the measures that all products of them share.

#define INLINE static inline __attribute__((always_inline))

enum {
  SIDE = 16,  // columns of a vector of C
  LINE = 16,  // floats of room in 32 bfloat16 numbers or 64 bytes
};

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }
