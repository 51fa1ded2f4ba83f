// The limit of the processor: multiply-adds on registers alone.

static double elapsed_since(const struct timespec *start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

/// As many independent chains as a tile of the matrix product, the fastest of many short rounds
/// (a slower one was interrupted).
double REEL_MEASURE(double seconds) {
  enum { chains = REEL_TILE_ROWS * REEL_TILE_VECTORS, steps = 20000 };
  volatile float from_outside = 0.75f;
  const vector factor = splat(from_outside), addend = splat(from_outside);
  vector total[chains];
  UNROLL for (int i = 0; i < chains; ++i) total[i] = splat((float)i);
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  double best = 0;
  do {
    struct timespec round;
    clock_gettime(CLOCK_MONOTONIC, &round);
    for (int step = 0; step < steps; ++step) {
      UNROLL for (int i = 0; i < chains; ++i) total[i] = multiply_add(total[i], factor, addend);
    }
    double time = elapsed_since(&round);
    double rate = time > 0 ? (double)steps * chains * WIDTH / time : 0;
    if (rate > best) best = rate;
  } while (elapsed_since(&start) < seconds);
  vector sum_of_all = total[0];
  UNROLL for (int i = 1; i < chains; ++i) sum_of_all += total[i];
  volatile float result = vector_sum(sum_of_all);
  (void)result;
  return best;
}
