// Optimizer updates, in place, one pass over the memory. The equations stand in CReelKernels.h.

INLINE vector scaled_gradient(const reel_optimizer_step *step, const float *gradient, size_t i,
                              size_t count) {
  return load_some(gradient + i, count) * splat(step->gradient_scale);
}

/// g + decay·w.
INLINE vector with_decay(const reel_optimizer_step *step, vector g, vector w) {
  return step->weight_decay != 0 ? multiply_add(splat(step->weight_decay), w, g) : g;
}

/// rho·mean + (1 − rho)·value.
INLINE vector running_mean(float rho, vector mean, vector value) {
  return multiply_add(splat(rho), mean, splat(1.0f - rho) * value);
}

static void sgd(size_t n, const reel_optimizer_step *step, const float *gradient, float *velocity,
                float *w) {
  const vector rate = splat(step->learning_rate), momentum = splat(step->momentum);
  const bool has_momentum = step->momentum != 0 && velocity;
  REEL_FOR_EACH_VECTOR(n, {
    vector weight = load_some(w + i, count);
    vector g = with_decay(step, scaled_gradient(step, gradient, i, count), weight);
    if (has_momentum) {
      vector v = multiply_add(momentum, load_some(velocity + i, count), g);
      store_some(velocity + i, v, count);
      g = step->nesterov ? multiply_add(momentum, v, g) : v;
    }
    store_some(w + i, negative_multiply_add(rate, g, weight), count);
  })
}

static void rmsprop(size_t n, const reel_optimizer_step *step, const float *gradient,
                    float *squares, float *velocity, float *w) {
  const vector rate = splat(step->learning_rate), epsilon = splat(step->epsilon);
  const bool has_momentum = step->momentum != 0 && velocity;
  REEL_FOR_EACH_VECTOR(n, {
    vector weight = load_some(w + i, count);
    vector g = with_decay(step, scaled_gradient(step, gradient, i, count), weight);
    vector s = running_mean(step->rho, load_some(squares + i, count), g * g);
    store_some(squares + i, s, count);
    vector u = g / (square_root(s) + epsilon);
    if (has_momentum) {
      u = multiply_add(splat(step->momentum), load_some(velocity + i, count), u);
      store_some(velocity + i, u, count);
    }
    store_some(w + i, negative_multiply_add(rate, u, weight), count);
  })
}

static void adagrad(size_t n, const reel_optimizer_step *step, const float *gradient,
                    float *squares, float *w) {
  const vector rate = splat(step->learning_rate), epsilon = splat(step->epsilon);
  REEL_FOR_EACH_VECTOR(n, {
    vector weight = load_some(w + i, count);
    vector g = with_decay(step, scaled_gradient(step, gradient, i, count), weight);
    vector s = multiply_add(g, g, load_some(squares + i, count));
    store_some(squares + i, s, count);
    vector u = g / (square_root(s) + epsilon);
    store_some(w + i, negative_multiply_add(rate, u, weight), count);
  })
}

static void adadelta(size_t n, const reel_optimizer_step *step, const float *gradient,
                     float *squares, float *deltas, float *w) {
  const vector rate = splat(step->learning_rate), epsilon = splat(step->epsilon);
  REEL_FOR_EACH_VECTOR(n, {
    vector weight = load_some(w + i, count);
    vector g = with_decay(step, scaled_gradient(step, gradient, i, count), weight);
    vector s = running_mean(step->rho, load_some(squares + i, count), g * g);
    store_some(squares + i, s, count);
    vector d = load_some(deltas + i, count);
    vector u = g * (square_root(d + epsilon) / square_root(s + epsilon));
    store_some(deltas + i, running_mean(step->rho, d, u * u), count);
    store_some(w + i, negative_multiply_add(rate, u, weight), count);
  })
}

static void adam(size_t n, const reel_optimizer_step *step, bool decoupled, const float *gradient,
                 float *mean, float *squares, float *w) {
  const vector rate = splat(step->learning_rate / step->correction1);
  const vector inverse2 = splat(1.0f / step->correction2), epsilon = splat(step->epsilon);
  const vector decay = splat(step->learning_rate * step->weight_decay);
  REEL_FOR_EACH_VECTOR(n, {
    vector weight = load_some(w + i, count);
    vector g = scaled_gradient(step, gradient, i, count);
    if (decoupled) {
      weight = negative_multiply_add(decay, weight, weight);
    } else {
      g = with_decay(step, g, weight);
    }
    vector m = running_mean(step->beta1, load_some(mean + i, count), g);
    vector v = running_mean(step->beta2, load_some(squares + i, count), g * g);
    store_some(mean + i, m, count);
    store_some(squares + i, v, count);
    vector u = m / (square_root(v * inverse2) + epsilon);
    store_some(w + i, negative_multiply_add(rate, u, weight), count);
  })
}
