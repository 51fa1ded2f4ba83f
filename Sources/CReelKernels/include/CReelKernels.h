// The kernels of Reel: one source, compiled once for each instruction set, chosen at run time.
//
// Letters: m rows of the left operand, k the length summed over, n columns of the result; H the
// number of hidden units; ld... the distance in floats between the starts of two rows. Matrices
// are row-major. Buffers of one call must not overlap unless the comment says "in place".
// Every function computes each row of its result alone, in one fixed order: how the rows are
// divided among threads can never change a result.
#ifndef CREELKERNELS_H
#define CREELKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ReelKernelArguments.h"
#include "ReelByteProducts.h"
#include "ReelSplitProducts.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets, in the order in which they are preferred: the last one available is used.
enum {
  REEL_PORTABLE = 0,
  REEL_AVX2 = 1,
  REEL_AVX512 = 2,
  REEL_AVX512_VNNI = 3,
  REEL_AVX512_BF16 = 4,
  REEL_AMX = 5,
  REEL_INSTRUCTION_SETS = 6
};

/// Limits of the products of a convolution.
enum { REEL_MOST_TAP_CHANNELS = 512, REEL_MOST_TURNED_ROWS = 128, REEL_MOST_SPLIT_TAPS = 64 };

/// One instruction set's build of every kernel.
typedef struct {
  const char *name;  // "portable", "avx2", "avx512", "avx512vnni", "avx512bf16" or "amx"

  // MARK: Matrix products

  /// target[j][i] = source[i][j] for rows×columns values of `source`.
  void (*transpose)(size_t rows, size_t columns, const float *source, size_t lds, float *target,
                    size_t ldt);
  /// Up to so many columns `pack` writes as one panel: k rows of them, one after the other, filled up
  /// to whole vectors.
  size_t panel_columns;
  /// Floats of a vector.
  size_t vector_width;
  /// Columns of the first panel of n, filled up to whole vectors: the panel's k rows follow each other,
  /// then come those of the n minus so many columns that are left.
  size_t (*panel_width)(size_t n);
  /// Floats that `pack` writes for a k×n right operand.
  size_t (*packed_count)(size_t k, size_t n);
  /// Packs a right operand B of k×n into column panels. `transposed`: the source holds n rows of
  /// k (a weight matrix W with B = Wᵀ); otherwise k rows of n.
  void (*pack)(size_t k, size_t n, const float *source, size_t ld, bool transposed, float *packed);
  /// C = A·B, or C += A·B with `accumulate`; A is m×k, B was packed, C is m×n.
  void (*multiply_packed)(size_t m, size_t n, size_t k, const float *a, size_t lda,
                          const float *packed, float *c, size_t ldc, bool accumulate);
  /// C = A·B where row r is added to the n values at begin[r].
  void (*add_packed_product)(size_t m, size_t n, size_t k, const float *a, size_t lda,
                             const float *packed, const float *const *begin, float *c, size_t ldc);
  /// y = W·x + bias, or y += W·x + bias with `accumulate`; W is n×k, bias has n values or is NULL.
  void (*multiply_vector)(size_t n, size_t k, const float *w, size_t ldw, const float *x,
                          const float *bias, float *y, bool accumulate);
  /// y = Wᵀ·x, or y += Wᵀ·x with `accumulate`; W is k×n. As in `multiply_packed`, every y is one chain of
  /// multiply-adds in ascending k, begun from itself or from 0.
  void (*multiply_vector_transposed)(size_t k, size_t n, const float *w, size_t ldw, const float *x,
                                     float *y, bool accumulate);
  /// `multiply_vector` with weights of bfloat16, the upper halves of floats: the same bits as with these floats.
  void (*multiply_vector_bfloat16)(size_t n, size_t k, const uint16_t *w, size_t ldw, const float *x,
                                   const float *bias, float *y, bool accumulate);
  /// The same where row r of W is scales[r]·w[r] and the vector is x_scale·x, as `quantize` makes it.
  void (*multiply_vector_int8)(size_t n, size_t k, const int8_t *w, size_t ldw, const float *scales,
                               const int16_t *x, float x_scale, const float *bias, float *y,
                               bool accumulate);
  /// n integers of 16 bits, of which the returned scale makes x again up to 1/65,534 of its largest
  /// magnitude; 0 where that is below 10⁻³⁴. Not a number, with integers of 0, where x holds infinity or
  /// no number.
  float (*quantize)(size_t n, const float *x, int16_t *q);
  /// Products of bfloat16 parts, for each REEL_…_PRECISION or NULL where other products are the faster
  /// way; NULL where the processor has none.
  const reel_split_products *const *split;
  /// Products with weights of 8 bits; NULL where the processor has no instruction that sums products of
  /// bytes, or a matrix unit, and floats are the faster way.
  const reel_byte_products *bytes;

  // MARK: Convolutions

  /// Packs B of (taps·channels)×n as `pack` does, its value for tap t, channel c and column j from
  /// source[numbers[t]·tap_step + c·channel_step + j].
  void (*pack_taps)(size_t taps, size_t channels, size_t n, const float *source,
                    const int32_t *numbers, size_t tap_step, size_t channel_step, float *packed);
  /// C (m×n) = A·B, or C += A·B with `accumulate`, where row r of A has the rows
  /// source[sources[r][tap]] of `channels` ≤ REEL_MOST_TAP_CHANNELS values side by side (zeros where
  /// the source is negative); `ldsources` from row to row of `sources`. B of (taps·channels)×n was
  /// packed. Without `accumulate`, each row begins with `bias` (n values) unless it is NULL.
  void (*multiply_taps)(size_t m, size_t n, size_t taps, size_t channels, const float *source,
                        size_t lds, const int32_t *sources, size_t ldsources, const float *packed,
                        const float *bias, float *c, size_t ldc, bool accumulate);
  /// C (taps·channels × n) = Aᵀ·B, or C += Aᵀ·B, with the same A of `rows` ≤ REEL_MOST_TURNED_ROWS
  /// rows; B of rows×n was packed.
  void (*multiply_turned_taps)(size_t rows, size_t n, size_t taps, size_t channels,
                               const float *source, size_t lds, const int32_t *sources,
                               size_t ldsources, const float *packed, float *c, size_t ldc,
                               bool accumulate);
  /// The same where each channel has weights of its own, `weights` taps×channels, and no other
  /// channel is read: c[r][j] = bias[j] + Σ_tap weights[tap][j]·source[sources[r][tap]][j].
  void (*depthwise_taps)(size_t rows, size_t taps, size_t channels, const float *source, size_t lds,
                         const int32_t *sources, size_t ldsources, const float *weights,
                         const float *bias, float *c, size_t ldc);
  /// c[tap][j] += Σ_r source[sources[r][tap]][j]·dy[r][j].
  void (*depthwise_turned_taps)(size_t rows, size_t taps, size_t channels, const float *source,
                                size_t lds, const int32_t *sources, size_t ldsources,
                                const float *dy, size_t lddy, float *c);
  /// y[targets[r][tap]…] += x[r][tap], runs of `count` values that begin at a row of y and may reach
  /// over the next ones; a negative target is left out. Row after row, so that runs may overlap.
  void (*add_runs)(size_t rows, size_t taps, size_t count, const float *x, const int32_t *targets,
                   float *y, size_t ldy);
  /// rows[j][i] = planes[i][j] for m ≤ 8 planes of n columns; rows lie without gaps. There must be
  /// eight planes, of which the last ones may hold anything.
  void (*planes_to_rows)(size_t m, size_t n, const float *planes, size_t ldp, float *rows);
  /// The way back; what the planes from m on hold is lost.
  void (*rows_to_planes)(size_t m, size_t n, const float *rows, float *planes, size_t ldp);
  /// What becomes of rows×n values of a product, in place; see reel_row_finish.
  void (*finish_rows)(size_t rows, size_t n, const reel_row_finish *finish, float *c, size_t ldc);
  /// The way back: from `dy` to the gradient of the product, `dc`, and, where they are not NULL, that
  /// of the residual, and `dbias` (n values), to which the sums over the rows are added. `y` is what
  /// finish_rows left. All of rows×n lie row after row; `dc` may be `dy`.
  void (*finish_rows_backward)(size_t rows, size_t n, const reel_row_finish *finish, const float *y,
                               const float *dy, float *dc, float *dresidual, float *dbias);

  /// Winograd's minimal filtering along 1 or 2 axes, tiles of rows of n values to their points: `side`
  /// points on each axis, 6 for F(4, 3) and F(2, 5), or, on one axis, 8 for F(6, 3) and F(4, 5).
  /// `length` says what a tile holds along an axis: as many inputs, the gradients of 2, 4 or 6 results,
  /// 3 or 5 weights. Place i of a tile, row-major, is row sources[i] of `source`, zeros where that is
  /// negative; point i of tile t is row t of the matrix at points + i·step, `ldp` from row to row. Where
  /// `ldp` is of whole vectors, rows are filled up to one with zeros.
  void (*tiles_to_points)(size_t length, size_t side, size_t axes, size_t tiles, size_t n,
                          const float *source, size_t lds, const int32_t *sources, float *points,
                          size_t step, size_t ldp);
  /// The way to 2, 4 or 6 results and to the gradients of 3 or 5 weights, plus `bias` (n values or NULL),
  /// into columns first…first+n of the rows that `targets` names (nowhere where negative), which are
  /// finished at once unless `finish` is NULL: its matrices have rows of `ldy` values, and `y` may be
  /// its residual.
  void (*points_to_tiles)(size_t length, size_t side, size_t axes, size_t tiles, size_t n,
                          const float *points, size_t step, size_t ldp, const int32_t *targets,
                          const float *bias, const reel_row_finish *finish, size_t first, float *y,
                          size_t ldy);

  // MARK: Convolutions over time on planes

  /// y[o][t] = bias[o] + Σ_tap Σ_c w_tap[o][c]·x_tap[c][t] for m outputs o and n columns t, at least 0
  /// where `rectified`; bias may be NULL. Up to 15 floats behind the columns of x are read (and not
  /// used): they must be there.
  void (*convolve_planes)(size_t m, size_t n, size_t inputs, size_t taps,
                          const reel_plane_tap *sources, const float *bias, bool rectified,
                          float *y, size_t ldy);
  /// Copies the same columns of every plane; runs of x and y must not overlap.
  void (*copy_plane_runs)(size_t channels, size_t runs, const reel_plane_run *list, const float *x,
                          size_t ldx, float *y, size_t ldy);
  /// C += A·Bᵀ; A is m×n, B is p×n, C is m×p.
  void (*multiply_rows)(size_t m, size_t p, size_t n, const float *a, size_t lda, const float *b,
                        size_t ldb, float *c, size_t ldc);
  /// The discrete Fourier transform of tiles of planes, `vectors` vectors of tiles from number `first`
  /// on: number q of vector v of a channel is at numbers + q·step + channel·ldn + v·WIDTH, for the real
  /// parts of frequencies 0 and inputs/2 and both parts of each other one. `padded` tiles are those of the
  /// results, with zeros behind them, whose products with the inputs' make the gradient in the weights.
  /// Planes of x are ldx floats apart, and what `gate` (or NULL) lets pass of them is read; its period
  /// divides the run, with whose first column it begins. To `sums` (or NULL), WIDTH floats of each channel,
  /// are added, for inputs, those of the places that the results stand at; all of these must be among them.
  void (*tiles_to_fourier)(const reel_fourier_tiles *tiles, size_t first, size_t vectors, bool padded,
                           size_t channels, const reel_plane_gate *gate, const float *x, size_t ldx,
                           float *sums, float *numbers, size_t ldn, size_t step);
  /// The way back: the results of tiles from their transform, times the number of inputs, and what
  /// becomes of them.
  void (*fourier_to_tiles)(const reel_fourier_tiles *tiles, size_t first, size_t vectors,
                           size_t channels, const float *numbers, size_t ldn, size_t step,
                           const reel_plane_finish *finish, float *y, size_t ldy);
  /// The transform of m outputs from that of `channels` inputs and the products' weights [3·inputs/2 - 1,
  /// m, channels]: W at frequencies 0 and inputs/2, then a, b - a and a + b of each other W = a + ib.
  /// Numbers are ordered [number, channel], ld floats apart.
  void (*multiply_frequencies)(size_t inputs, size_t m, size_t channels, size_t vectors,
                               const float *w, const float *x, float *y, size_t ld);
  /// Adds what the gradient in those weights is made of, [3·inputs/2 - 1, m, p]: products of a (m
  /// channels of the inputs, r + is) and b (p padded channels, R + iI), summed over the tiles: r·R at the
  /// real frequencies, then (r + s)·(R + I), r·I and s·R of each other one.
  void (*add_frequency_products)(size_t inputs, size_t m, size_t p, size_t vectors, const float *a,
                                 const float *b, size_t ld, float *sums);
  /// What becomes of n columns of x, whose result and everything else that `finish` names begin at
  /// column `first` of their planes; for the mask it is column number `column`. x may be y there.
  void (*finish_planes)(size_t channels, size_t n, size_t first, size_t column,
                        const reel_plane_finish *finish, const float *x, size_t ldx, float *y,
                        size_t ldy);

  // MARK: Elementwise, n values; y may be x

  void (*exponential)(size_t n, const float *x, float *y);
  void (*hyperbolic_tangent)(size_t n, const float *x, float *y);
  void (*sigmoid)(size_t n, const float *x, float *y);
  void (*logarithm)(size_t n, const float *x, float *y);
  void (*square_root)(size_t n, const float *x, float *y);
  void (*rectify)(size_t n, const float *x, float *y);                          // max(x, 0); NaN stays
  void (*add)(size_t n, const float *a, const float *b, float *y);              // y may be a or b
  void (*subtract)(size_t n, const float *a, const float *b, float *y);
  void (*multiply)(size_t n, const float *a, const float *b, float *y);
  void (*divide)(size_t n, const float *a, const float *b, float *y);
  void (*scale_add)(size_t n, float scale, float offset, const float *x, float *y);  // scale·x + offset
  void (*add_scaled)(size_t n, float scale, const float *x, float *y);          // y += scale·x
  void (*multiply_add)(size_t n, const float *a, const float *b, float *y);     // y += a·b
  // Gradients from the value y of the function: dx = dy·f'(x). dx may be dy or y.
  void (*hyperbolic_tangent_backward)(size_t n, const float *y, const float *dy, float *dx);  // dy(1−y²)
  void (*sigmoid_backward)(size_t n, const float *y, const float *dy, float *dx);             // dy·y(1−y)
  void (*rectify_backward)(size_t n, const float *y, const float *dy, float *dx);             // y>0 ? dy : 0
  /// Keeps value i, scaled by 1/(1−probability), where word i of the Philox4x32-10 stream is at
  /// or above probability·2³²; otherwise 0. `mask` receives the factor (0 or 1/(1−p)).
  /// Word i is word (i mod 4) of the block with counter (first_block + i/4, stream), key `seed`.
  void (*dropout_mask)(size_t n, float probability, uint64_t seed, uint64_t stream,
                       uint64_t first_block, float *mask);

  // MARK: Reductions

  /// Sum in 16 interleaved partial sums (lane i mod 16), then pairwise: the same order, and up to
  /// fused multiply-adds the same result, on every instruction set.
  float (*sum)(size_t n, const float *x);
  double (*sum_of_squares)(size_t n, const float *x);   // accumulated in double
  float (*maximum)(size_t n, const float *x);           // NaN if any is NaN; −∞ when n = 0
  float (*dot)(size_t n, const float *a, const float *b);
  /// y[j] (+)= Σ_i x[i][j], rows taken in order.
  void (*sum_columns)(size_t rows, size_t columns, const float *x, size_t ld, float *y, bool accumulate);
  /// x[i][j] += bias[j], in place.
  void (*add_to_rows)(size_t rows, size_t columns, const float *bias, float *x, size_t ld);

  // MARK: Softmax, over each row; y may be x

  void (*softmax)(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy);
  void (*log_softmax)(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy);
  /// dx = y ⊙ (dy − Σ_j dy·y); dx may be dy.
  void (*softmax_backward)(size_t rows, size_t columns, const float *y, const float *dy, float *dx);
  /// dx = dy − exp(y)·Σ_j dy, y the log-softmax; dx may be dy.
  void (*log_softmax_backward)(size_t rows, size_t columns, const float *y, const float *dy, float *dx);
  /// Cross-entropy of each row with a target class, label smoothing ε:
  /// loss = (1−ε)·(−log p[target]) + ε·mean_j(−log p[j]). A negative target: loss 0, gradient 0.
  /// `losses` (rows) receives the losses; `gradient` (rows×columns, or NULL; may be x) d loss / d x.
  void (*cross_entropy)(size_t rows, size_t columns, const float *x, const int32_t *targets,
                        float smoothing, float *losses, float *gradient);

  // MARK: Layer normalization, over each row

  /// y = (x − μ)/√(σ²+ε) ⊙ gain + bias; gain and bias may be NULL. `mean` and `inverse_deviation`
  /// (rows each) are kept for the backward pass.
  void (*layer_norm)(size_t rows, size_t columns, const float *x, size_t ldx, const float *gain,
                     const float *bias, float epsilon, float *y, size_t ldy, float *mean,
                     float *inverse_deviation);
  /// dx of the same (dx may be dy or x); adds to dgain and dbias (columns each) where they are not NULL.
  void (*layer_norm_backward)(size_t rows, size_t columns, const float *x, size_t ldx,
                              const float *gain, const float *mean, const float *inverse_deviation,
                              const float *dy, size_t lddy, float *dx, size_t lddx, float *dgain,
                              float *dbias);

  // MARK: Normalization of columns; matrices without gaps between the rows

  /// sums[j] += Σ_i (x[i][j] − center[j]), squares[j] += Σ_i (x[i][j] − center[j])².
  void (*column_moments)(size_t rows, size_t columns, const float *x, const float *center,
                         float *sums, float *squares);
  /// sums[j] += Σ_i dy[i][j], products[j] += Σ_i dy[i][j]·(x[i][j] − center[j]).
  void (*column_products)(size_t rows, size_t columns, const float *x, const float *center,
                          const float *dy, float *sums, float *products);
  /// y[i][j] = scale[j]·(x[i][j] − center[j]) + offset[j], plus factor[j]·other[i][j] unless `other`
  /// is NULL. y may be x or `other`.
  void (*scale_columns)(size_t rows, size_t columns, const float *x, const float *center,
                        const float *scale, const float *offset, const float *other,
                        const float *factor, float *y);

  // MARK: Gate steps, `rows` sequences at one time step

  // Forward, `gates` and what else a step makes for its way back are as `reel_gate_use` says. A step of U units of
  // a layer with H: every pointer leads to the first of these, and the same unit of the next gate, or of the next
  // peephole, lies H floats on.

  /// RNN: h = tanh(a) or max(a, 0); `gates` (rows×U) holds a and receives h, also copied to `hidden`, which
  /// may be `gates`.
  void (*rnn_forward)(size_t rows, size_t units, bool rectified, reel_gate_use use, float *gates,
                      size_t ldg, float *hidden, size_t ldh);
  /// `gates` holds h and receives d loss/d a, from `dhidden`.
  void (*rnn_backward)(size_t rows, size_t units, bool rectified, float *gates, size_t ldg,
                       const float *dhidden, size_t lddh);

  /// LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000 for the forget gate), gates in the
  /// order i|f|g|o: c = σ(f)·c_previous + σ(i)·tanh(g), h = σ(o)·tanh(c).
  /// `gates` holds pre-activations and receives the activated gates. `cell` may be `cell_previous`.
  /// `peephole` (3·H: weights i|f|o, Gers and Schmidhuber 2000) or NULL: adds w_i·c_previous,
  /// w_f·c_previous and w_o·c to the pre-activations.
  void (*lstm_forward)(size_t rows, size_t units, size_t hidden_size, const float *peephole,
                       reel_gate_use use, float *gates, size_t ldg, const float *cell_previous,
                       size_t ldcp, float *cell, size_t ldc, float *hidden, size_t ldh);
  /// `gates` holds the activated gates and receives the gradients of the pre-activations. `dcell`
  /// holds d loss/d c and receives d loss/d c_previous (in place); c is computed again from the
  /// gates and `cell_previous`. `dpeephole` (3·H) is added to unless `peephole` is NULL.
  void (*lstm_backward)(size_t rows, size_t units, size_t hidden_size, const float *peephole,
                        float *gates, size_t ldg, const float *cell_previous, size_t ldcp,
                        const float *dhidden, size_t lddh, float *dcell, size_t lddc,
                        float *dpeephole);

  /// GRU (Cho et al. 2014), gates r|z|n, the reset gate applied after the recurrent product (cuDNN,
  /// PyTorch): r = σ(a_r), z = σ(a_z), n = tanh(a_n + r ⊙ u), h = (1−z) ⊙ n + z ⊙ h_previous.
  /// `gates` (rows×3H) holds a_r, a_z (both projections summed) and a_n (input projection alone) and
  /// receives r, z, n; `candidate` (rows×U) is u = W_hn·h + b_hn. `hidden` may be `hidden_previous`.
  void (*gru_forward)(size_t rows, size_t units, size_t hidden_size, reel_gate_use use,
                      float *gates, size_t ldg, const float *candidate, size_t ldu,
                      const float *hidden_previous, size_t ldhp, float *hidden, size_t ldh);
  /// `gates` holds r, z, n and receives d a_r, d a_z, d a_n; `candidate` holds u and receives d u;
  /// `dhidden` holds d h and receives the direct part of d h_previous, dh ⊙ z (in place).
  void (*gru_backward)(size_t rows, size_t units, size_t hidden_size, float *gates, size_t ldg,
                       float *candidate, size_t ldu, const float *hidden_previous, size_t ldhp,
                       float *dhidden, size_t lddh);

  // MARK: Optimizers, n parameters updated in place (g = gradient_scale · gradient)

  /// SGD: g += decay·w; v = momentum·v + g; step = nesterov ? g + momentum·v : v; w −= rate·step.
  /// `velocity` may be NULL when momentum is 0.
  void (*sgd)(size_t n, const reel_optimizer_step *step, const float *gradient, float *velocity, float *w);
  /// RMSprop: s = rho·s + (1−rho)·g²; u = g/(√s + ε); momentum as v = momentum·v + u (velocity may be
  /// NULL when it is 0); w −= rate·v.
  void (*rmsprop)(size_t n, const reel_optimizer_step *step, const float *gradient, float *squares,
                  float *velocity, float *w);
  /// Adagrad: s += g²; w −= rate·g/(√s + ε).
  void (*adagrad)(size_t n, const reel_optimizer_step *step, const float *gradient, float *squares, float *w);
  /// Adadelta: s = rho·s + (1−rho)·g²; u = g·√(d+ε)/√(s+ε); d = rho·d + (1−rho)·u²; w −= rate·u.
  void (*adadelta)(size_t n, const reel_optimizer_step *step, const float *gradient, float *squares,
                   float *deltas, float *w);
  /// Adam (`decoupled` false: decay is added to the gradient) and AdamW (`decoupled` true: w −=
  /// rate·decay·w first): m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²;
  /// w −= rate·(m/correction1)/(√(v/correction2) + ε).
  void (*adam)(size_t n, const reel_optimizer_step *step, bool decoupled, const float *gradient,
               float *mean, float *squares, float *w);

  // MARK: Rows of feature maps: pooling, resampling, cropping. Rows of x and y stand ldx and ldy
  // floats apart, and `chosen` as the side it belongs to

  /// y[p] = Σ outer_weights[o]·weights[i]·x[outer_rows[o] + rows[i]], for a line of positions.
  void (*combine_rows)(size_t positions, size_t columns, const reel_row_line *line, const float *x,
                       size_t ldx, float *y, size_t ldy);
  /// y[p] = the maximum over the same rows, of each column alone: the first one of equals, NaN if any
  /// is, −∞ of none. `chosen`, unless NULL, receives the row it came from (−1: from none).
  void (*maximum_of_rows)(size_t positions, size_t columns, const reel_row_line *line,
                          const float *x, size_t ldx, float *y, int32_t *chosen, size_t ldy);
  /// The way back: y[p] = Σ of x[q] over the rows q of the line in which chosen[q] is first + p.
  void (*spread_to_chosen)(size_t positions, size_t columns, int32_t first,
                           const reel_row_line *line, const float *x, const int32_t *chosen,
                           size_t ldx, float *y, size_t ldy);
  /// y[r][j] = x[chosen[r][j]][j], and 0 where that is negative.
  void (*gather_chosen)(size_t rows, size_t columns, const float *x, size_t ldx,
                        const int32_t *chosen, float *y, size_t ldy);

  /// y[r] = x[r] for every row; y may be x, and nothing else may overlap.
  void (*copy_rows)(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy);

  // MARK: Activations; see the enumeration above. y may be x, and dx may be dy

  void (*activate)(int kind, size_t n, float a, float b, const float *x, float *y);
  /// dx = dy·f'(x).
  void (*activate_backward)(int kind, size_t n, float a, float b, const float *x, const float *dy,
                            float *dx);
  /// y[r][j] = x > 0 ? x : slopes[j]·x.
  void (*parametric_rectify)(size_t rows, size_t columns, const float *slopes, const float *x,
                             float *y);
  /// The way back; adds to dslopes (columns).
  void (*parametric_rectify_backward)(size_t rows, size_t columns, const float *slopes,
                                      const float *x, const float *dy, float *dx, float *dslopes);
  /// y[r][g] = the maximum of x[r][g·size + i] over i < size: the first one of equals, NaN if any is.
  /// `chosen`, unless NULL, receives its i.
  void (*grouped_maximum)(size_t rows, size_t groups, size_t size, const float *x, float *y,
                          int32_t *chosen);

  // MARK: Local response normalization over the columns of each row

  /// y[c] = x[c]·s[c]^−β with s[c] = bias + α·Σ x[j]², j from c − before to c + after within the row.
  /// `scratch`: 2·columns + before + after + 1 floats.
  void (*local_response)(size_t rows, size_t columns, size_t before, size_t after, float alpha,
                         float beta, float bias, const float *x, float *y, float *scratch);
  void (*local_response_backward)(size_t rows, size_t columns, size_t before, size_t after,
                                  float alpha, float beta, float bias, const float *x,
                                  const float *dy, float *dx, float *scratch);
} reel_kernel_table;

/// The kernels in use: the best set this processor has, or the one that the environment variable
/// REEL_INSTRUCTION_SET names (portable, avx2, avx512, avx512vnni, avx512bf16, amx) if the processor has
/// it. Decided once.
const reel_kernel_table *reel_kernels(void);

/// The build for one instruction set, or NULL when this processor does not have it.
const reel_kernel_table *reel_kernels_for(int instruction_set);

/// Whether the calling thread takes denormal numbers (below 2⁻¹²⁶) for 0. Gradients that fade over many time
/// steps end there, where some processors take a hundred times as long for an operation.
bool reel_flushes_denormals(void);
/// Makes the calling thread do so, or not, and returns the mode that it was in.
uint64_t reel_set_flushing_denormals(bool flushes);
/// Brings back the mode that `reel_set_flushing_denormals` returned.
void reel_restore_denormals(uint64_t mode);

/// Multiply-adds a second that the processor reaches on registers alone with the kernels in use,
/// on the calling thread, measured for about `seconds`: the limit that benchmarks are held against.
double reel_measure_multiply_adds(double seconds);

/// Tells the processor that the caller looks for a change again and again.
static inline void reel_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  // A yield takes no time there.
  __asm__ volatile("isb");
#endif
}

#ifdef __cplusplus
}
#endif

#endif
