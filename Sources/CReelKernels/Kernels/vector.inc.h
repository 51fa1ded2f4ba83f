// The vector that every kernel of one build works on: WIDTH floats.
//
// The file that includes the kernels defines
//   REEL_WIDTH       floats in a vector
//   REEL_TABLE       name of the table that the build fills in
//   REEL_NAME        the same as users write it
//   REEL_FMA         1 when the processor multiplies and adds with one rounding
//   REEL_TILE_ROWS, REEL_TILE_VECTORS   the register tile of the matrix product
//   REEL_LOAD_PARTIAL, REEL_STORE_PARTIAL (optional)   masked accesses of `count` < WIDTH floats
//   REEL_RECIPROCAL (optional)   1/v to 14 bits
// and opens the `#pragma clang attribute` region of the instruction set. Everything here is
// `static` and inlined, so that no vector ever crosses a function boundary.
//
// Contraction is off: where a multiply and an add are to be fused, the code says so, and the same
// value always comes from the same operations, whatever its position in a buffer.
#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define WIDTH REEL_WIDTH

typedef float vector __attribute__((ext_vector_type(REEL_WIDTH)));
typedef int32_t ivector __attribute__((ext_vector_type(REEL_WIDTH)));
typedef uint32_t uvector __attribute__((ext_vector_type(REEL_WIDTH)));

INLINE vector splat(float value) { return (vector)(value); }

INLINE vector load(const float *p) {
  vector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store(float *p, vector v) { __builtin_memcpy(p, &v, sizeof v); }

INLINE ivector bits_of(vector v) { return (ivector)v; }
INLINE vector float_of(ivector v) { return (vector)v; }

INLINE ivector lane_numbers(void) {
  ivector v;
  UNROLL for (int i = 0; i < WIDTH; ++i) v[i] = i;
  return v;
}

/// The first `count` lanes of `v`, and `other` in the rest.
INLINE vector keep_first(size_t count, vector v, vector other) {
  return lane_numbers() < (ivector)((int32_t)count) ? v : other;
}

#ifndef REEL_LOAD_PARTIAL
INLINE vector load_partial(const float *p, size_t count) {
  vector v = splat(0);
  float *lanes = (float *)&v;
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return v;
}

INLINE void store_partial(float *p, vector v, size_t count) {
  const float *lanes = (const float *)&v;
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
}
#else
INLINE vector load_partial(const float *p, size_t count) { return REEL_LOAD_PARTIAL(p, count); }
INLINE void store_partial(float *p, vector v, size_t count) { REEL_STORE_PARTIAL(p, v, count); }
#endif

/// Loads `count` ≤ WIDTH floats; the other lanes are 0. With a constant `count` of WIDTH this is a
/// plain load: a step written once serves both the body of a loop and its tail.
INLINE vector load_some(const float *p, size_t count) {
  return count == WIDTH ? load(p) : load_partial(p, count);
}

INLINE void store_some(float *p, vector v, size_t count) {
  if (count == WIDTH) {
    store(p, v);
  } else {
    store_partial(p, v, count);
  }
}

/// a·b + c, with one rounding where the processor can.
INLINE vector multiply_add(vector a, vector b, vector c) {
#if REEL_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// c − a·b.
INLINE vector negative_multiply_add(vector a, vector b, vector c) {
  return multiply_add(-a, b, c);
}

INLINE vector square_root(vector v) { return __builtin_elementwise_sqrt(v); }

// MARK: Sums over lanes

// Reductions keep 16 partial sums, value i in partial sum i mod 16, whatever the width.
#define REEL_PARTS (16 / REEL_WIDTH)

typedef struct {
  vector part[REEL_PARTS];
} lanes;

INLINE lanes lanes_of(float value) {
  lanes l;
  UNROLL for (int p = 0; p < REEL_PARTS; ++p) l.part[p] = splat(value);
  return l;
}

/// How many of `count` ≤ 16 values fall into part `p`.
INLINE size_t part_count(size_t count, int p) {
  size_t before = (size_t)p * WIDTH;
  if (count <= before) return 0;
  return count - before < WIDTH ? count - before : WIDTH;
}

// The pairwise end of a reduction: lane i joins lane i + 8, then i + 4, i + 2, i + 1.

/// Declares the vector NAME, in which the parts of `l` are joined.
#define REEL_REDUCE_PARTS_TO(NAME, JOIN)                                    \
  vector NAME = l.part[0];                                                  \
  if (REEL_PARTS == 2) NAME = JOIN(l.part[0], l.part[1 % REEL_PARTS]);      \
  if (REEL_PARTS == 4) {                                                    \
    vector low = JOIN(l.part[0], l.part[2 % REEL_PARTS]);                   \
    vector high = JOIN(l.part[1 % REEL_PARTS], l.part[3 % REEL_PARTS]);     \
    NAME = JOIN(low, high);                                                 \
  }

/// Returns the lanes of the vector V joined.
#define REEL_REDUCE_VECTOR(V, JOIN)                                         \
  float x[WIDTH];                                                           \
  store(x, V);                                                              \
  UNROLL for (int step = WIDTH / 2; step > 0; step /= 2) {                  \
    UNROLL for (int i = 0; i < step; ++i) x[i] = JOIN(x[i], x[i + step]);   \
  }                                                                         \
  return x[0];

#define REEL_PLUS(a, b) ((a) + (b))
#define REEL_GREATER(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))
#define REEL_GREATER_VECTOR(a, b) ((((a) > (b)) | ((a) != (a))) ? (a) : (b))

/// The same sum as of REEL_REDUCE_VECTOR, with halves of the vector as wholes: from single values the compiler makes
/// twice as many instructions.
INLINE float vector_sum(vector v) {
#if REEL_WIDTH == 16
  __auto_type eight = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif REEL_WIDTH == 8
  vector eight = v;
#endif
#if REEL_WIDTH >= 8
  __auto_type four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                     __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  __auto_type two = four + __builtin_shufflevector(four, four, 2, 3, 0, 1);
  return two[0] + two[1];
#else
  REEL_REDUCE_VECTOR(v, REEL_PLUS)
#endif
}

INLINE float lanes_sum(lanes l) {
  REEL_REDUCE_PARTS_TO(joined, REEL_PLUS)
  return vector_sum(joined);
}
