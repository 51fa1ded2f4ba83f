// exp, tanh, the logistic function and log on one vector, to within 2 units in the last place,
// subnormal results, infinities and NaN included; and, coarser and faster, tanh and the logistic function.
//
// exp: x = n·ln 2 + r with |r| ≤ ln 2 / 2, then exp(x) = 2ⁿ·(1 + expm1(r)). ln 2 is taken off in
// two pieces; the first has 15 bits, so that n times it is exact. expm1(r) = r + r²·q(r): the five
// coefficients of q are the minimax ones of (expm1(r) − r)/r² over ±1.005·ln 2 / 2 with weight |r|
// (Remez exchange in 50 digits, rounded to float; relative error of expm1 below 2⁻²⁶).
//
// log: x = 2ᵉ·(1 + f) with 1 + f in [√½, √2), log1p(f) = f − f²/2 + f³·p(f), p minimax of degree 8
// with weight f² (error below 2⁻³⁰).

/// Adding 1.5·2²³ to a number below 2²² rounds it to an integer, which then stands in the last bits.
#define REEL_ROUNDER 12582912.0f
#define REEL_LN2_HIGH 0.693359375f
#define REEL_LN2_LOW -2.12194440e-4f

/// x = n·ln 2 + r, |x| < 2²¹. Returns r; `shifted` is n + REEL_ROUNDER, and r = `high` − n·LN2_LOW,
/// where `high` is exact.
INLINE vector reduce(vector x, vector *shifted, vector *n, vector *high) {
  *shifted = multiply_add(x, splat(1.44269504f), splat(REEL_ROUNDER));
  *n = *shifted - splat(REEL_ROUNDER);
  *high = negative_multiply_add(*n, splat(REEL_LN2_HIGH), x);
  return negative_multiply_add(*n, splat(REEL_LN2_LOW), *high);
}

/// q(r) = (expm1(r) − r)/r².
INLINE vector expm1_tail(vector r) {
  vector q = multiply_add(splat(0.0013947014231234789f), r, splat(0.008366910740733147f));
  q = multiply_add(q, r, splat(0.04166627302765846f));
  q = multiply_add(q, r, splat(0.16666540503501892f));
  return multiply_add(q, r, splat(0.5f));
}

/// 2ⁿ for −127 < n < 128, from the bits of n + REEL_ROUNDER or of n itself.
INLINE vector power_of_two(ivector n) {
  return (vector)(((uvector)n << 23) + (uvector)(0x3f800000u));
}

/// v·2ⁿ for |n| < 250, rounded once; `shifted` is n + REEL_ROUNDER.
INLINE vector scaled_by_power(vector v, vector shifted) {
#ifdef REEL_SCALE
  return REEL_SCALE(v, shifted - splat(REEL_ROUNDER));
#else
  // Two factors, because 2ⁿ itself may be too great or too small for a float. The first product
  // is exact.
  ivector n = bits_of(shifted) - bits_of(splat(REEL_ROUNDER));
  ivector half = n >> 1;
  return v * power_of_two(half) * power_of_two(n - half);
#endif
}

INLINE vector exp_within_range(vector x) {
  vector shifted, n, high;
  vector r = reduce(x, &shifted, &n, &high);
  vector p = splat(1.0f) + multiply_add(r * r, expm1_tail(r), r);
  return scaled_by_power(p, shifted);
}

INLINE vector vector_exp(vector x) {
  // Below −104 the result is 0 and above 89 infinite; a NaN passes both comparisons.
  x = x < splat(-105.0f) ? splat(-105.0f) : x;
  return exp_within_range(x > splat(90.0f) ? splat(90.0f) : x);
}

/// exp of values that are 0 at most.
INLINE vector vector_exp_negative(vector x) {
  return exp_within_range(x < splat(-105.0f) ? splat(-105.0f) : x);
}

/// 1/(1 + exp(−x)), as e/(1 + e) with e = exp(x) for a negative x: neither form cancels.
INLINE vector vector_sigmoid(vector x) {
  ivector magnitude = bits_of(x) & 0x7fffffff;
  vector e = vector_exp_negative(-float_of(magnitude));
  vector top = x < splat(0.0f) ? e : splat(1.0f);
  vector sum = splat(1.0f) + e;
  vector quotient = top / sum;
  // The sum lost `lost`, a whole unit of the result when e is small: top/(sum + lost) is close to
  // quotient·(1 − lost).
  vector lost = (splat(1.0f) - sum) + e;
  return negative_multiply_add(quotient, lost, quotient);
}

/// tanh |x| = |m/(m + 2)| with m = expm1(±2|x|), which keeps every bit of a small x. The positive
/// sign, because an error of m shrinks by 2/(m + 2) on its way into the result; but the negative one
/// for a small x, where m + 2 just above 2 would be rounded twice as coarsely as just below.
INLINE vector vector_tanh(vector x) {
  ivector sign = bits_of(x) & (int32_t)0x80000000;
  vector y = float_of(bits_of(x) ^ sign) * splat(2.0f);
  y = y > splat(30.0f) ? splat(30.0f) : y;
  y = y < splat(0.3465f) ? -y : y;
  vector shifted, n, high;
  vector r = reduce(y, &shifted, &n, &high);
  // m = 2ⁿ·(1 + expm1(r)) − 1, the parts that are exact for small n summed first.
  vector power = power_of_two(bits_of(shifted));
  vector exact = multiply_add(power, high, power - splat(1.0f));
  vector rest = negative_multiply_add(n, splat(REEL_LN2_LOW), (r * r) * expm1_tail(r));
  vector m = multiply_add(power, rest, exact);
  vector result = m / (m + splat(2.0f));
  return float_of((bits_of(result) & 0x7fffffff) | sign);
}

INLINE vector vector_log(vector x) {
  // Subnormal arguments are scaled into the normal range first.
  ivector small = x < splat(0x1p-126f);
  vector scaled = small ? x * splat(0x1p25f) : x;
  ivector offset = bits_of(scaled) - 0x3f3504f3;  // the bits of √½
  ivector exponent = (offset >> 23) - (small & 25);
  vector f = float_of((offset & 0x007fffff) + 0x3f3504f3) - splat(1.0f);
  vector e = __builtin_convertvector(exponent, vector);

  vector p = multiply_add(splat(0.06915491819381714f), f, splat(-0.11789833754301071f));
  p = multiply_add(p, f, splat(0.11872931569814682f));
  p = multiply_add(p, f, splat(-0.12384340912103653f));
  p = multiply_add(p, f, splat(0.14218664169311523f));
  p = multiply_add(p, f, splat(-0.16669251024723053f));
  p = multiply_add(p, f, splat(0.20002226531505585f));
  p = multiply_add(p, f, splat(-0.24999986588954926f));
  p = multiply_add(p, f, splat(0.3333331048488617f));
  vector square = f * f;
  vector rest = (square * f) * p;
  rest = multiply_add(splat(-0.5f), square, rest);
  rest = multiply_add(e, splat(REEL_LN2_LOW), rest);
  vector result = multiply_add(e, splat(REEL_LN2_HIGH), f + rest);

  result = x == splat(__builtin_inff()) ? x : result;
  result = x < splat(0.0f) ? splat(__builtin_nanf("")) : result;
  result = x == splat(0.0f) ? splat(-__builtin_inff()) : result;
  return x != x ? x : result;
}

/// log of one value, by the same operations.
INLINE float scalar_log(float x) { return vector_log(splat(x))[0]; }

// MARK: Coarse

/// over/under.
typedef struct {
  vector over, under;
} fraction;

// tanh(part·x), `part` a power of 2, is x·over/under = x·P(y²)/Q(y²) for y = part·x. What is beyond `most` counts as that;
// NaN stays NaN.

/// x², where x is cut off at ±most first.
INLINE vector cut_and_square(float most, vector *x) {
  *x = *x > splat(most) ? splat(most) : *x;
  *x = *x < splat(-most) ? splat(-most) : *x;
  return *x * *x;
}

/// To within 4.2·10⁻⁴: degrees 1 and 2, the minimax ones over |y| ≤ 4 among those that err no more beyond, where the
/// value at 4 stands. Magnitudes stay below 1 − 4·10⁻⁴.
INLINE fraction coarse_tanh_parts(const float part, vector *x) {
  const float part2 = part * part, part4 = part2 * part2;  // exact, as the coefficients times them
  vector square = cut_and_square(4.0f / part, x);
  vector p = multiply_add(splat(0.0794097036f * part2 * part), square, splat(0.998291135f * part));
  vector q = multiply_add(splat(0.00602489803f * part4), square, splat(0.40855065f * part2));
  return (fraction){p, multiply_add(q, square, splat(1.0f))};
}

/// To within 2⁻¹⁵: degrees 2 and 3, the minimax ones over |y| ≤ 6 (error below 2⁻¹⁷), to whose value 1 is closer than
/// 2⁻¹⁵.
INLINE fraction finer_tanh_parts(const float part, vector *x) {
  const float part2 = part * part, part4 = part2 * part2;
  vector square = cut_and_square(6.0f / part, x);
  vector p = multiply_add(splat(0.00149555597f * part4 * part), square, splat(0.114472762f * part2 * part));
  p = multiply_add(p, square, splat(0.999971151f * part));
  vector q = multiply_add(splat(5.51861849e-05f * part4 * part2), square, splat(0.0174874198f * part4));
  q = multiply_add(q, square, splat(0.44771412f * part2));
  return (fraction){p, multiply_add(q, square, splat(1.0f))};
}

/// (1 + tanh(x/2))/2 of the parts of tanh(x/2).
INLINE fraction sigmoid_fraction(vector x, fraction t) {
  return (fraction){multiply_add(x, t.over, t.under), t.under + t.under};
}

/// a/b of normal numbers, to within 2⁻¹⁴ of it where the processor has such a guess.
INLINE vector coarse_quotient(vector a, vector b) {
#ifdef REEL_RECIPROCAL
  return a * REEL_RECIPROCAL(b);
#else
  return a / b;
#endif
}

/// The same to within 3 units in the last place.
INLINE vector finer_quotient(vector a, vector b) {
#ifdef REEL_RECIPROCAL
  vector guess = REEL_RECIPROCAL(b);
  return a * (guess * negative_multiply_add(b, guess, splat(2.0f)));
#else
  return a / b;
#endif
}

/// To within 2⁻¹¹.
INLINE vector coarse_tanh(vector x) {
  const fraction t = coarse_tanh_parts(1.0f, &x);
  return coarse_quotient(x * t.over, t.under);
}

// What gates of a state lose adds up over the steps, however coarse their products are: one that is open loses so much of
// the state at every step, one that is closed lets so much in. So they are finer.

/// The logistic function to within 2⁻¹⁵.
INLINE vector finer_sigmoid(vector x) {
  const fraction half = finer_tanh_parts(0.5f, &x), s = sigmoid_fraction(x, half);
  return finer_quotient(s.over, s.under);
}

/// σ(a)·tanh(b) to within 7·10⁻⁴, one division for two functions. If it goes into a state σ(a) is finer.
INLINE vector coarse_gated_tanh(const bool goes_on, vector a, vector b) {
  const fraction half = goes_on ? finer_tanh_parts(0.5f, &a) : coarse_tanh_parts(0.5f, &a);
  const fraction s = sigmoid_fraction(a, half), t = coarse_tanh_parts(1.0f, &b);
  return coarse_quotient(s.over * (b * t.over), s.under * t.under);
}
