// Dropout masks from Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as
// easy as 1, 2, 3"): WIDTH blocks of four words side by side.

/// Ten rounds over the counters in `c`; the keys are those of the whole batch.
INLINE void philox(uvector c[4], uint32_t key0, uint32_t key1) {
  typedef uint64_t wide __attribute__((ext_vector_type(REEL_WIDTH)));
  UNROLL for (int round = 0; round < 10; ++round) {
    wide product0 = __builtin_convertvector(c[0], wide) * (wide)(0xD2511F53u);
    wide product1 = __builtin_convertvector(c[2], wide) * (wide)(0xCD9E8D57u);
    uvector high0 = __builtin_convertvector(product0 >> 32, uvector);
    uvector high1 = __builtin_convertvector(product1 >> 32, uvector);
    uvector low0 = __builtin_convertvector(product0, uvector);
    uvector low1 = __builtin_convertvector(product1, uvector);
    c[0] = high1 ^ c[1] ^ (uvector)(key0);
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ (uvector)(key1);
    c[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

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
    UNROLL for (int b = 0; b < WIDTH; ++b) {
      uint64_t block = first_block + i / 4 + (uint64_t)b;
      c[0][b] = (uint32_t)block;
      c[1][b] = (uint32_t)(block >> 32);
    }
    c[2] = (uvector)((uint32_t)stream);
    c[3] = (uvector)((uint32_t)(stream >> 32));
    philox(c, (uint32_t)seed, (uint32_t)(seed >> 32));

    float factors[4][WIDTH];
    UNROLL for (int word = 0; word < 4; ++word) {
      store(factors[word],
            c[word] >= (uvector)((uint32_t)threshold) ? splat(factor) : splat(0.0f));
    }
    size_t count = n - i < 4 * WIDTH ? n - i : 4 * WIDTH;
    if (count == 4 * WIDTH) {
      UNROLL for (size_t j = 0; j < 4 * WIDTH; ++j) mask[i + j] = factors[j % 4][j / 4];
    } else {
      for (size_t j = 0; j < count; ++j) mask[i + j] = factors[j % 4][j / 4];
    }
  }
}
