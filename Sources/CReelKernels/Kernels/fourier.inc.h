// Convolutions over time on planes by the discrete Fourier transform of short tiles: 16 inputs of a
// channel, `dilation` steps apart, go to 23 points, each point is a product of its own, and the points
// go back to as many results as no tap reads past the tile (overlap-save; 10 for 7 taps, which the sum
// takes 70 products for). A complex product takes three real ones (Gauss): with W = a + ib and
// X = r + is they are P₁ = a·(r + s), P₂ = (b − a)·r and P₃ = (a + b)·s, and
// W·X = (P₁ − P₃) + i·(P₁ + P₂).
//
// Points: 0 and 1 are the real X₀ and X₈; f = 1…7 has the three from 3f − 1 on.

#define FOURIER_INPUTS 16
#define FOURIER_POINTS 23

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

/// The real X₀, the complex X₁ and the real X₂ of 4 real values, `step` places apart.
INLINE void fourier_4(const vector *x, const size_t step, vector *first, cvector *one,
                      vector *last) {
  vector even = x[0] + x[2 * step], odd = x[step] + x[3 * step];
  *first = even + odd;
  *last = even - odd;
  *one = complex_of(x[0] - x[2 * step], x[3 * step] - x[step]);
}

/// X₀…X₄ of 8: X[0] holds the real X₀ and X₄.
INLINE void fourier_8(const vector *x, const size_t step, cvector *out) {
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
INLINE void fourier_16(const vector *x, cvector *out) {
  cvector e[4], o[4];
  fourier_8(x, 2, e);
  fourier_8(x + 1, 2, o);
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
INLINE void inverse_fourier_16(const cvector *in, vector *x) {
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
  inverse_fourier_8(e, x, 2);
  inverse_fourier_8(o, x + 1, 2);
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

/// One channel of one vector of tiles.
INLINE void fourier_vector(const fourier_place *place, const size_t places, ptrdiff_t run,
                           size_t columns, bool gradients, const reel_plane_gate *gate,
                           size_t in_mask, size_t channel, const float *x, size_t ldx, float *to,
                           size_t step) {
  const float *from = x + channel * ldx + place->first;
  const size_t offset = channel * ldx + (size_t)place->first;
  const vector factor = gate ? gate_factor(gate, channel, in_mask) : splat(1.0f);
  vector in[FOURIER_INPUTS];
  if (place->is_whole && place->begin == 0 && place->end == places) {
    // The next channel: its lines are far from these.
    UNROLL for (size_t j = 0; j < FOURIER_INPUTS; ++j) {
      if (j < places) __builtin_prefetch(from + ldx + (ptrdiff_t)j * run);
    }
    UNROLL for (size_t j = 0; j < FOURIER_INPUTS; ++j) {
      in[j] = splat(0.0f);
      if (j < places) {
        in[j] = load(from + (ptrdiff_t)j * run);
        if (gate) in[j] = gated(gate, offset + j * (size_t)run, factor, in[j], WIDTH);
      }
    }
  } else {
    UNROLL for (size_t j = 0; j < FOURIER_INPUTS; ++j) {
      in[j] = splat(0.0f);
      if (j >= place->begin && j < place->end) {
        const ptrdiff_t at = (ptrdiff_t)j * run;
        const size_t rest = columns - (size_t)(place->first + at);
        const size_t lanes = rest < place->count ? rest : place->count;
        in[j] = load_some(from + at, lanes);
        if (gate) in[j] = gated(gate, offset + j * (size_t)run, factor, in[j], lanes);
      }
    }
  }
  cvector out[8];
  fourier_16(in, out);
  store(to, out[0].r);
  store(to + step, out[0].i);
  UNROLL for (size_t f = 1; f < 8; ++f) {
    float *three = to + (3 * f - 1) * step;
    store(three, out[f].r + out[f].i);
    store(three + step, gradients ? out[f].i : out[f].r);
    store(three + 2 * step, gradients ? out[f].r : out[f].i);
  }
}

static void tiles_to_fourier(const reel_fourier_tiles *tiles, size_t first, size_t vectors,
                             bool gradients, size_t channels, const reel_plane_gate *gate,
                             const float *x, size_t ldx, float *points, size_t ldp, size_t step) {
  const ptrdiff_t run = (ptrdiff_t)tiles->run;
  const size_t places = gradients ? tiles->results : FOURIER_INPUTS;
  for (size_t start = 0; start < vectors; start += FOURIER_VECTORS) {
    const size_t end = vectors - start < FOURIER_VECTORS ? vectors : start + FOURIER_VECTORS;
    fourier_place list[FOURIER_VECTORS];
    size_t in_mask[FOURIER_VECTORS];
    for (size_t v = start; v < end; ++v) {
      list[v - start] =
          fourier_place_of(tiles, first + v, gradients ? 0 : tiles->first, places);
      in_mask[v - start] = fourier_in_mask(list + v - start, gate);
    }
    // All vectors of a channel, then the next: places of neighbouring tiles share cache lines.
    for (size_t channel = 0; channel < channels; ++channel) {
      for (size_t v = start; v < end; ++v) {
        float *to = points + channel * ldp + v * WIDTH;
        const fourier_place *place = list + v - start;
        if (places < FOURIER_INPUTS) {
          fourier_vector(place, places, run, tiles->columns, gradients, gate, in_mask[v - start],
                         channel, x, ldx, to, step);
        } else if (gate) {
          fourier_vector(place, FOURIER_INPUTS, run, tiles->columns, gradients, gate,
                         in_mask[v - start], channel, x, ldx, to, step);
        } else {
          fourier_vector(place, FOURIER_INPUTS, run, tiles->columns, gradients, NULL, 0, channel, x,
                         ldx, to, step);
        }
      }
    }
  }
}

/// Asks for what finish_plane will read and write.
INLINE void ahead_of_finish(const reel_plane_finish *finish, size_t offset, const float *y) {
  __builtin_prefetch(y + offset, 1);
  if (finish->residual) __builtin_prefetch(finish->residual + offset);
  if (finish->passed) __builtin_prefetch(finish->passed + offset);
}

static void fourier_to_tiles(const reel_fourier_tiles *tiles, size_t first, size_t vectors,
                             size_t channels, const float *points, size_t ldp, size_t step,
                             const reel_plane_finish *finish, float *y, size_t ldy) {
  const size_t run = tiles->run;
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
        const float *from = points + channel * ldp + v * WIDTH;
        for (size_t j = 0; j < place->end; ++j) {
          ahead_of_finish(finish, (channel + 1) * ldy + (size_t)place->first + j * run, y);
        }
        cvector in[8];
        in[0] = complex_of(load(from), load(from + step));
        UNROLL for (size_t f = 1; f < 8; ++f) {
          const float *three = from + (3 * f - 1) * step;
          vector both = load(three);
          in[f] = complex_of(both - load(three + 2 * step), both + load(three + step));
        }
        vector out[FOURIER_INPUTS];
        inverse_fourier_16(in, out);
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
