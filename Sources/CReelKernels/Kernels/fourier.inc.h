// Convolutions over time on planes by the discrete Fourier transform of short tiles: N = 16 or 32 inputs
// of a channel, `dilation` steps apart, go to the N real numbers of their transform, frequencies are
// multiplied (fourier_products.inc.h), and they go back to as many results as no tap reads past the tile
// (overlap-save).
//
// Numbers: 0 and 1 are the real X₀ and X_{N/2}; 2f and 2f + 1 are the real and the imaginary part of X_f.

#define FOURIER_INPUTS 32

typedef struct {
  vector r, i;
} cvector;

INLINE cvector complex_of(vector r, vector i) { return (cvector){r, i}; }

/// conj(a).
INLINE cvector conjugate(cvector a) { return (cvector){a.r, -a.i}; }
INLINE cvector complex_sum(cvector a, cvector b) { return (cvector){a.r + b.r, a.i + b.i}; }
INLINE cvector complex_difference(cvector a, cvector b) { return (cvector){a.r - b.r, a.i - b.i}; }

/// a·(c − is): turned back by the angle of cosine c and sine s.
INLINE cvector turned_back(cvector a, float c, float s) {
  return (cvector){multiply_add(a.i, splat(s), a.r * splat(c)),
                   multiply_add(a.r, splat(-s), a.i * splat(c))};
}

/// a·(c + is).
INLINE cvector turned(cvector a, float c, float s) { return turned_back(a, c, -s); }

#define COS_1_16 0.92387953251128674f
#define SIN_1_16 0.38268343236508977f
#define COS_2_16 0.70710678118654752f

/// cos(2πf/32), which is sin(2π(8 − f)/32).
static const float cos_32[8] = {
    1.0f,     0.98078528040323044f, COS_1_16, 0.83146961230254524f,
    COS_2_16, 0.55557023301960223f, SIN_1_16, 0.19509032201612827f};

/// The real X₀, the complex X₁ and the real X₂ of 4 vectors of real values, `step` floats apart.
INLINE void fourier_4(const float *x, size_t step, vector *first, cvector *one, vector *last) {
  const vector x0 = load(x), x1 = load(x + step), x2 = load(x + 2 * step), x3 = load(x + 3 * step);
  const vector even = x0 + x2, odd = x1 + x3;
  *first = even + odd;
  *last = even - odd;
  *one = complex_of(x0 - x2, x3 - x1);
}

/// X₀…X₄ of 8: X[0] holds the real X₀ and X₄.
INLINE void fourier_8(const float *x, size_t step, cvector *out) {
  vector e0, e2, o0, o2;
  cvector e1, o1;
  fourier_4(x, 2 * step, &e0, &e1, &e2);
  fourier_4(x + step, 2 * step, &o0, &o1, &o2);
  out[0] = complex_of(e0 + o0, e0 - o0);
  out[2] = complex_of(e2, -o2);
  // ω₈·o₁ with ω₈ = (1 − i)/√2.
  cvector t = complex_of((o1.r + o1.i) * splat(COS_2_16), (o1.i - o1.r) * splat(COS_2_16));
  out[1] = complex_sum(e1, t);
  out[3] = conjugate(complex_difference(e1, t));
}

/// X₀…X₈ of 16: X[0] holds the real X₀ and X₈.
INLINE void fourier_16(const float *x, size_t step, cvector *out) {
  cvector e[4], o[4];
  fourier_8(x, 2 * step, e);
  fourier_8(x + step, 2 * step, o);
  out[0] = complex_of(e[0].r + o[0].r, e[0].r - o[0].r);
  out[4] = complex_of(e[0].i, -o[0].i);
  cvector t1 = turned_back(o[1], COS_1_16, SIN_1_16);
  cvector t2 = complex_of((o[2].r + o[2].i) * splat(COS_2_16), (o[2].i - o[2].r) * splat(COS_2_16));
  cvector t3 = turned_back(o[3], SIN_1_16, COS_1_16);
  out[1] = complex_sum(e[1], t1);
  out[7] = conjugate(complex_difference(e[1], t1));
  out[2] = complex_sum(e[2], t2);
  out[6] = conjugate(complex_difference(e[2], t2));
  out[3] = complex_sum(e[3], t3);
  out[5] = conjugate(complex_difference(e[3], t3));
}

/// X₀…X₁₆ of 32: X[0] holds the real X₀ and X₁₆.
INLINE void fourier_32(const float *x, size_t step, cvector *out) {
  cvector e[8], o[8];
  fourier_16(x, 2 * step, e);
  fourier_16(x + step, 2 * step, o);
  out[0] = complex_of(e[0].r + o[0].r, e[0].r - o[0].r);
  out[8] = complex_of(e[0].i, -o[0].i);
  UNROLL for (size_t f = 1; f < 8; ++f) {
    cvector t = turned_back(o[f], cos_32[f], cos_32[8 - f]);
    out[f] = complex_sum(e[f], t);
    out[16 - f] = conjugate(complex_difference(e[f], t));
  }
}

/// 4 values times 4, from X₀, X₁ and X₂.
INLINE void inverse_fourier_4(vector first, cvector one, vector last, vector *x,
                              const size_t step) {
  vector even = first + last, odd = first - last;
  vector r = one.r + one.r, i = one.i + one.i;
  x[0] = even + r;
  x[2 * step] = even - r;
  x[step] = odd - i;
  x[3 * step] = odd + i;
}

/// 8 values times 8, from X₀…X₄ as fourier_8 leaves them.
INLINE void inverse_fourier_8(const cvector *in, vector *x, const size_t step) {
  cvector other = conjugate(in[3]);
  cvector t = complex_difference(in[1], other);
  inverse_fourier_4(in[0].r + in[0].i, complex_sum(in[1], other), in[2].r + in[2].r, x, 2 * step);
  inverse_fourier_4(
      in[0].r - in[0].i,
      complex_of((t.r - t.i) * splat(COS_2_16), (t.r + t.i) * splat(COS_2_16)),
      -(in[2].i + in[2].i), x + step, 2 * step);
}

/// 16 values times 16, from X₀…X₈ as fourier_16 leaves them.
INLINE void inverse_fourier_16(const cvector *in, vector *x, const size_t step) {
  cvector e[4], o[4];
  e[0] = complex_of(in[0].r + in[0].i, in[4].r + in[4].r);
  o[0] = complex_of(in[0].r - in[0].i, -(in[4].i + in[4].i));
  UNROLL for (size_t f = 1; f < 4; ++f) {
    cvector other = conjugate(in[8 - f]);
    e[f] = complex_sum(in[f], other);
    o[f] = complex_difference(in[f], other);
  }
  o[1] = turned(o[1], COS_1_16, SIN_1_16);
  o[2] = complex_of((o[2].r - o[2].i) * splat(COS_2_16), (o[2].r + o[2].i) * splat(COS_2_16));
  o[3] = turned(o[3], SIN_1_16, COS_1_16);
  inverse_fourier_8(e, x, 2 * step);
  inverse_fourier_8(o, x + step, 2 * step);
}

/// 32 values times 32, from X₀…X₁₆ as fourier_32 leaves them.
INLINE void inverse_fourier_32(const cvector *in, vector *x) {
  cvector e[8], o[8];
  e[0] = complex_of(in[0].r + in[0].i, in[8].r + in[8].r);
  o[0] = complex_of(in[0].r - in[0].i, -(in[8].i + in[8].i));
  UNROLL for (size_t f = 1; f < 8; ++f) {
    cvector other = conjugate(in[16 - f]);
    e[f] = complex_sum(in[f], other);
    o[f] = turned(complex_difference(in[f], other), cos_32[f], cos_32[8 - f]);
  }
  inverse_fourier_16(e, x, 2);
  inverse_fourier_16(o, x + 1, 2);
}

/// Where one vector of tiles reads or writes: place j is column `first` + j·run of a plane.
typedef struct {
  ptrdiff_t first;
  size_t count;       // lanes
  size_t begin, end;  // the places that lie in the plane, if only in part
  bool is_whole;      // all lanes of these do
  size_t in_run;      // the column within the run
} fourier_place;

/// The lanes of a vector at `column` that lie in the plane.
INLINE size_t fourier_lanes(const reel_fourier_tiles *tiles, ptrdiff_t column, size_t count) {
  if (column < 0 || column >= (ptrdiff_t)tiles->columns) return 0;
  const size_t rest = tiles->columns - (size_t)column;
  return rest < count ? rest : count;
}

/// Vector number `index`, from place `shift` of its tiles on.
static fourier_place fourier_place_of(const reel_fourier_tiles *tiles, size_t index,
                                      ptrdiff_t shift, size_t places) {
  const size_t vectors = (tiles->run + WIDTH - 1) / WIDTH;
  const size_t tile = index / vectors, at = index % vectors * WIDTH;
  const ptrdiff_t run = (ptrdiff_t)tiles->run;
  fourier_place place;
  place.first =
      (ptrdiff_t)(tiles->start + tile * tiles->results * tiles->run + at) + shift * run;
  place.count = tiles->run - at < WIDTH ? tiles->run - at : WIDTH;
  place.in_run = at;
  place.begin = 0;
  place.end = places;
  while (place.begin < place.end && place.first + (ptrdiff_t)place.begin * run < 0) ++place.begin;
  size_t lanes = 0;
  while (place.begin < place.end) {
    lanes = fourier_lanes(tiles, place.first + (ptrdiff_t)(place.end - 1) * run, place.count);
    if (lanes > 0) break;
    --place.end;
  }
  place.is_whole = lanes == WIDTH;
  return place;
}

/// The run is a multiple of the period, so all places of a tile have the same factors.
INLINE size_t fourier_in_mask(const fourier_place *place, const reel_plane_gate *gate) {
  return gate && gate->mask ? place->in_run % gate->period : 0;
}

/// Vectors whose places are looked up together.
#define FOURIER_VECTORS 16

/// One channel of one vector of tiles, place by place: what the gate lets pass, and zeros outside the
/// planes.
INLINE void fourier_read(const size_t inputs, const fourier_place *place, size_t run,
                         size_t columns, const reel_plane_gate *gate, vector factor,
                         const float *x, size_t ldx, size_t offset, vector *in) {
  const size_t begin = place->begin, end = place->end;
  for (size_t j = 0; j < begin; ++j) in[j] = splat(0.0f);
  if (place->is_whole) {
    for (size_t j = begin, at = offset + begin * run; j < end; ++j, at += run) {
      // The next channel: its lines are far from these.
      __builtin_prefetch(x + at + ldx);
      in[j] = load(x + at);
      if (gate) in[j] = gated(gate, at, factor, in[j], WIDTH);
    }
  } else {
    for (size_t j = begin, at = offset + begin * run; j < end; ++j, at += run) {
      const size_t rest = columns - (size_t)(place->first + (ptrdiff_t)(j * run));
      const size_t lanes = rest < place->count ? rest : place->count;
      in[j] = load_some(x + at, lanes);
      if (gate) in[j] = gated(gate, at, factor, in[j], lanes);
    }
  }
  for (size_t j = end; j < inputs; ++j) in[j] = splat(0.0f);
}

/// The transform of a vector of tiles whose places are `run` floats apart.
INLINE void fourier_numbers(const size_t inputs, const float *x, size_t run, float *to,
                            size_t step) {
  cvector out[FOURIER_INPUTS / 2];
  if (inputs == 32) {
    fourier_32(x, run, out);
  } else {
    fourier_16(x, run, out);
  }
  UNROLL for (size_t f = 0; f < inputs / 2; ++f) {
    store(to + 2 * f * step, out[f].r);
    store(to + (2 * f + 1) * step, out[f].i);
  }
}

/// One channel of one vector of tiles. Into `sums`, if that is asked for, goes the sum of the places
/// that are the results' own.
INLINE void fourier_vector(const size_t inputs, const fourier_place *place,
                           const reel_fourier_tiles *tiles, bool padded,
                           const reel_plane_gate *gate, size_t in_mask, size_t channel,
                           const float *x, size_t ldx, float *sums, float *to, size_t step) {
  const size_t offset = channel * ldx + (size_t)place->first, run = tiles->run;
  vector in[FOURIER_INPUTS];
  const float *from = (const float *)in;
  size_t distance = WIDTH;
  if (!gate && !padded && place->is_whole && place->begin == 0 && place->end == inputs) {
    from = x + offset;
    distance = run;
    UNROLL for (size_t j = 0; j < inputs; ++j) __builtin_prefetch(from + ldx + j * run);
  } else {
    fourier_read(inputs, place, run, tiles->columns, gate,
                 gate ? gate_factor(gate, channel, in_mask) : splat(1.0f), x, ldx, offset, in);
  }
  if (sums) {
    const size_t own = (size_t)-tiles->first, end = own + tiles->results;
    vector sum = load(sums + channel * WIDTH);
    for (size_t j = own; j < end; ++j) sum += load(from + j * distance);
    store(sums + channel * WIDTH, sum);
  }
  fourier_numbers(inputs, from, distance, to, step);
}

INLINE void tiles_to_numbers_of(const size_t inputs, const reel_fourier_tiles *tiles, size_t first,
                               size_t vectors, bool padded, size_t channels,
                               const reel_plane_gate *gate, const float *x, size_t ldx, float *sums,
                               float *numbers, size_t ldn, size_t step) {
  const size_t places = padded ? tiles->results : inputs;
  for (size_t start = 0; start < vectors; start += FOURIER_VECTORS) {
    const size_t end = vectors - start < FOURIER_VECTORS ? vectors : start + FOURIER_VECTORS;
    fourier_place list[FOURIER_VECTORS];
    size_t in_mask[FOURIER_VECTORS];
    for (size_t v = start; v < end; ++v) {
      list[v - start] = fourier_place_of(tiles, first + v, padded ? 0 : tiles->first, places);
      in_mask[v - start] = fourier_in_mask(list + v - start, gate);
    }
    // All vectors of a channel, then the next: places of neighbouring tiles share cache lines.
    for (size_t channel = 0; channel < channels; ++channel) {
      for (size_t v = start; v < end; ++v) {
        float *to = numbers + channel * ldn + v * WIDTH;
        const fourier_place *place = list + v - start;
        if (gate) {
          fourier_vector(inputs, place, tiles, padded, gate, in_mask[v - start], channel, x, ldx,
                         sums, to, step);
        } else {
          fourier_vector(inputs, place, tiles, padded, NULL, 0, channel, x, ldx, sums, to, step);
        }
      }
    }
  }
}

static void tiles_to_fourier(const reel_fourier_tiles *tiles, size_t first, size_t vectors,
                             bool padded, size_t channels, const reel_plane_gate *gate,
                             const float *x, size_t ldx, float *sums, float *numbers, size_t ldn,
                             size_t step) {
  if (tiles->inputs == 32) {
    tiles_to_numbers_of(32, tiles, first, vectors, padded, channels, gate, x, ldx, sums, numbers, ldn,
                       step);
  } else {
    tiles_to_numbers_of(16, tiles, first, vectors, padded, channels, gate, x, ldx, sums, numbers, ldn,
                       step);
  }
}

/// Asks for what finish_plane will read and write.
INLINE void ahead_of_finish(const reel_plane_finish *finish, size_t offset, const float *y) {
  __builtin_prefetch(y + offset, 1);
  if (finish->residual) __builtin_prefetch(finish->residual + offset);
  if (finish->passed) __builtin_prefetch(finish->passed + offset);
}

INLINE void numbers_to_tiles_of(const size_t inputs, const reel_fourier_tiles *tiles, size_t first,
                               size_t vectors, size_t channels, const float *numbers, size_t ldn,
                               size_t step, const reel_plane_finish *all, float *y, size_t ldy) {
  const size_t run = tiles->run;
  // A copy that no store can reach.
  const reel_plane_finish own = *all, *const finish = &own;
  for (size_t start = 0; start < vectors; start += FOURIER_VECTORS) {
    const size_t end = vectors - start < FOURIER_VECTORS ? vectors : start + FOURIER_VECTORS;
    fourier_place list[FOURIER_VECTORS];
    size_t in_mask[FOURIER_VECTORS];
    for (size_t v = start; v < end; ++v) {
      list[v - start] = fourier_place_of(tiles, first + v, 0, tiles->results);
      in_mask[v - start] = fourier_in_mask(list + v - start, &finish->gate);
    }
    for (size_t channel = 0; channel < channels; ++channel) {
      for (size_t v = start; v < end; ++v) {
        const fourier_place *place = list + v - start;
        const float *from = numbers + channel * ldn + v * WIDTH;
        for (size_t j = 0; j < place->end; ++j) {
          ahead_of_finish(finish, (channel + 1) * ldy + (size_t)place->first + j * run, y);
        }
        cvector in[FOURIER_INPUTS / 2];
        UNROLL for (size_t f = 0; f < inputs / 2; ++f) {
          in[f] = complex_of(load(from + 2 * f * step), load(from + (2 * f + 1) * step));
        }
        vector out[FOURIER_INPUTS];
        if (inputs == 32) {
          inverse_fourier_32(in, out);
        } else {
          inverse_fourier_16(in, out, 1);
        }
        const plane_factors factors = factors_of(finish, channel, in_mask[v - start]);
        size_t offset = channel * ldy + (size_t)place->first;
        if (place->is_whole) {
          for (size_t j = 0; j < place->end; ++j, offset += run) {
            finish_plane(finish, &factors, offset, out[j], y, WIDTH);
          }
        } else {
          for (size_t j = 0; j < place->end; ++j, offset += run) {
            const size_t rest = tiles->columns - ((size_t)place->first + j * run);
            finish_plane(finish, &factors, offset, out[j], y,
                         rest < place->count ? rest : place->count);
          }
        }
      }
    }
  }
}

static void fourier_to_tiles(const reel_fourier_tiles *tiles, size_t first, size_t vectors,
                             size_t channels, const float *numbers, size_t ldn, size_t step,
                             const reel_plane_finish *finish, float *y, size_t ldy) {
  if (tiles->inputs == 32) {
    numbers_to_tiles_of(32, tiles, first, vectors, channels, numbers, ldn, step, finish, y, ldy);
  } else {
    numbers_to_tiles_of(16, tiles, first, vectors, channels, numbers, ldn, step, finish, y, ldy);
  }
}
