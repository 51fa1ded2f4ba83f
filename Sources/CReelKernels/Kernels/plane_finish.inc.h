// What becomes of the values of planes, see reel_plane_finish: part by part, each a branch that goes one
// way for a whole call, so that one kernel serves the forward pass and the way back.

typedef int8_t bvector __attribute__((ext_vector_type(REEL_WIDTH)));

INLINE void store_signs(uint8_t *p, ivector signs, size_t count) {
  bvector bytes = __builtin_convertvector(signs, bvector);
  __builtin_memcpy(p, &bytes, count);
}

/// All ones where all `bits` are set.
INLINE ivector open_lanes(const uint8_t *p, int bits, size_t count) {
  bvector bytes = (bvector)(0), wanted = (bvector)((int8_t)bits);
  if (count == WIDTH) {
    __builtin_memcpy(&bytes, p, WIDTH);
  } else {
    __builtin_memcpy(&bytes, p, count);
  }
  return __builtin_convertvector((bytes & wanted) == wanted, ivector);
}

/// What is the same for all columns of a channel that have one place in the period of the mask.
typedef struct {
  vector bias, floor, factor;
} plane_factors;

INLINE vector gate_factor(const reel_plane_gate *gate, size_t channel, size_t in_mask) {
  return gate->mask ? load(gate->mask + channel * gate->ldmask + in_mask) : splat(1.0f);
}

INLINE plane_factors factors_of(const reel_plane_finish *finish, size_t channel, size_t in_mask) {
  return (plane_factors){
      .bias = splat(finish->bias ? finish->bias[channel] : 0.0f),
      .floor = splat(finish->rectified ? 0.0f : -__builtin_inff()),
      .factor = gate_factor(&finish->gate, channel, in_mask),
  };
}

/// `offset` floats from the beginning of all planes.
INLINE vector gated(const reel_plane_gate *gate, size_t offset, vector factor, vector v,
                    size_t count) {
  if (gate->signs) v = open_lanes(gate->signs + offset, gate->bits, count) ? v : splat(0.0f);
  return v * factor;
}

INLINE void finish_plane(const reel_plane_finish *finish, const plane_factors *factors,
                         size_t offset, vector v, float *y, size_t count) {
  const vector zero = splat(0.0f);
  v += factors->bias;
  v = v < factors->floor ? factors->floor : v;
  if (finish->added) v += load_some(finish->added + offset, count);
  v = gated(&finish->gate, offset, factors->factor, v, count);
  ivector before = v > zero;
  if (finish->residual) {
    v += load_some(finish->residual + offset, count);
    v = v < zero ? zero : v;
  }
  if (finish->signs) store_signs(finish->signs + offset, (before & 1) | ((v > zero) & 2), count);
  if (finish->passed) {
    vector passed = load_some(finish->passed + offset, count);
    v += open_lanes(finish->passed_signs + offset, 2, count) ? passed : zero;
  }
  store_some(y + offset, v, count);
}

static void finish_planes(size_t channels, size_t n, size_t first, size_t column,
                          const reel_plane_finish *all, const float *x, size_t ldx, float *y,
                          size_t ldy) {
  // A copy that no store can reach.
  const reel_plane_finish own = *all, *const finish = &own;
  for (size_t channel = 0; channel < channels; ++channel) {
    const size_t period = finish->gate.mask ? finish->gate.period : 0;
    size_t in_mask = period ? column % period : 0;
    REEL_FOR_EACH_VECTOR(n, {
      const plane_factors factors = factors_of(finish, channel, in_mask);
      finish_plane(finish, &factors, channel * ldy + first + i,
                   load_some(x + channel * ldx + i, count), y, count);
      if (period) {
        in_mask += WIDTH;
        while (in_mask >= period) in_mask -= period;
      }
    })
  }
}
