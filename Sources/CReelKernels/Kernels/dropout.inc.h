// Dropout masks from Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as
// easy as 1, 2, 3"): WIDTH blocks of four words side by side.

typedef uint64_t wide __attribute__((ext_vector_type(REEL_WIDTH / 2)));

/// The upper halves of the 64-bit products of each lane with `factor`, and the lower ones in `low`:
/// even and odd lanes multiplied apart, where they stand (little-endian).
INLINE uvector multiply_high(uvector v, uint32_t factor, uvector *low) {
  const wide lower = (wide)(0xffffffffull);
  wide even = ((wide)v & lower) * (wide)((uint64_t)factor);
  wide odd = ((wide)v >> 32) * (wide)((uint64_t)factor);
  *low = (uvector)((even & lower) | (odd << 32));
  return (uvector)((even >> 32) | (odd & ~lower));
}

/// Ten rounds over the counters in `c`; the keys are those of the whole batch.
INLINE void philox(uvector c[4], uint32_t key0, uint32_t key1) {
  UNROLL for (int round = 0; round < 10; ++round) {
    uvector low0, low1;
    uvector high0 = multiply_high(c[0], 0xD2511F53u, &low0);
    uvector high1 = multiply_high(c[2], 0xCD9E8D57u, &low1);
    c[0] = high1 ^ c[1] ^ (uvector)(key0);
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ (uvector)(key1);
    c[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

// The lanes of two vectors alternately: the first half of the result, and the second.
#if REEL_WIDTH == 16
#define ZIP_FIRST(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_SECOND(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif REEL_WIDTH == 8
#define ZIP_FIRST(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_SECOND(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_FIRST(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_SECOND(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

static void dropout_mask(size_t n, float probability, uint64_t seed, uint64_t stream,
                         uint64_t first_block, float *mask) {
  // A word is kept where it is at or above the threshold, rounded up to a whole number. At a
  // probability of 1 the threshold is 2³², which no word reaches.
  double exact = (double)probability * 4294967296.0;
  uint64_t threshold = exact > 0 ? (uint64_t)exact : 0;
  if ((double)threshold < exact) threshold += 1;
  if (threshold > 0xffffffffu) {
    for (size_t i = 0; i < n; ++i) mask[i] = 0;
    return;
  }
  const float factor = 1.0f / (1.0f - probability);

  for (size_t i = 0; i < n; i += 4 * WIDTH) {
    uvector c[4];
    uint64_t block = first_block + i / 4;
    c[0] = (uvector)((uint32_t)block) + (uvector)lane_numbers();
    // A lane that has passed 2³² carries.
    uvector carry = (uvector)(c[0] < (uvector)((uint32_t)block)) & 1;
    c[1] = (uvector)((uint32_t)(block >> 32)) + carry;
    c[2] = (uvector)((uint32_t)stream);
    c[3] = (uvector)((uint32_t)(stream >> 32));
    philox(c, (uint32_t)seed, (uint32_t)(seed >> 32));

    vector factors[4];
    UNROLL for (int word = 0; word < 4; ++word) {
      factors[word] = c[word] >= (uvector)((uint32_t)threshold) ? splat(factor) : splat(0.0f);
    }
    // Word by word from the blocks side by side.
    vector even_first = ZIP_FIRST(factors[0], factors[2]);
    vector even_second = ZIP_SECOND(factors[0], factors[2]);
    vector odd_first = ZIP_FIRST(factors[1], factors[3]);
    vector odd_second = ZIP_SECOND(factors[1], factors[3]);
    vector words[4] = {ZIP_FIRST(even_first, odd_first), ZIP_SECOND(even_first, odd_first),
                       ZIP_FIRST(even_second, odd_second), ZIP_SECOND(even_second, odd_second)};
    UNROLL for (size_t v = 0; v < 4; ++v) {
      size_t at = i + v * WIDTH;
      if (at + WIDTH <= n) {
        store(mask + at, words[v]);
      } else if (at < n) {
        store_partial(mask + at, words[v], n - at);
      }
    }
  }
}
