// What kernels are told besides numbers and buffers.
#ifndef REEL_KERNEL_ARGUMENTS_H
#define REEL_KERNEL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What follows a product row by row, each part where it is wanted:
/// v = max(c, 0); v = v·mask[mask_rows[r]]; v = v + residual[r]; v = max(v, 0).
typedef struct {
  bool rectified;            // the first max
  bool rectified_sum;        // the last one
  const float *mask;         // rows of n factors, or NULL
  const int32_t *mask_rows;  // for each row, its row of the mask
  const float *residual;     // rows×n, or NULL
  uint8_t *positive;         // or NULL: receives, and on the way back tells, where the first max let
                             // c pass; a multiple of 16 bytes from row to row. NULL: y tells
} reel_row_finish;

/// The hyper-parameters of one optimizer step; a field that a rule does not know is ignored.
typedef struct {
  float learning_rate;
  float weight_decay;   // L2 added to the gradient, or decoupled where the rule says so
  float momentum;       // SGD, RMSprop
  bool nesterov;        // SGD
  float rho;            // decay of the running mean of squares: RMSprop, Adadelta
  float beta1, beta2;   // Adam
  float epsilon;
  float correction1, correction2;  // Adam: 1 - beta1^t and 1 - beta2^t
  float gradient_scale; // multiplies the gradient first (clipping by global norm)
} reel_optimizer_step;

/// One tap of a convolution over planes (one row for each channel, time steps along the columns).
typedef struct {
  const float *x;  // the first channel, at the column that column 0 of the result reads
  size_t ld;       // between two channels
  const float *w;  // weights of the first output, one for each channel
  size_t ldw;      // between two outputs
} reel_plane_tap;

/// Columns of planes to be copied: `count` from column `source` to column `target`.
typedef struct {
  size_t source, target, count;
} reel_plane_run;

/// How a convolution over time on planes is cut into tiles along the time, for every column of a run
/// (the columns of `dilation` time steps) one: place j of tile number t at column c of the run is
/// column start + (t·results + j)·run + c. Vectors of tiles are counted run after run, from the first
/// tile on; the last vector of a run is cut off where the run ends.
typedef struct {
  size_t run;       // columns between two places of a tile
  size_t columns;   // of a plane; what lies before or behind them is zeros
  size_t start;     // the first result's column: a multiple of the run, or with it of 16
  size_t inputs;    // of a tile: 16 or 32
  size_t results;   // of a tile: inputs + 1 - taps
  ptrdiff_t first;  // of the inputs of a tile, counted in places from its first result
} reel_fourier_tiles;

/// Which values of planes pass, and with which factor: v where all `bits` of its byte are set, else 0;
/// then v·mask[channel·ldmask + column mod period]. Each is left out where it is NULL. A row of the
/// mask goes on for 15 factors after its period, with those of its beginning.
typedef struct {
  const uint8_t *signs;  // bytes that lie as the planes do
  int bits;
  const float *mask;
  size_t ldmask, period;
} reel_plane_gate;

/// What becomes of values v on planes, part by part where it is wanted. All planes lie as those of the
/// result do.
typedef struct {
  const float *bias;      // v = v + bias[channel]
  bool rectified;         // v = max(v, 0)
  const float *added;     // planes: v = v + added; may be the result
  reel_plane_gate gate;
  const float *residual;  // planes: v = max(v + residual, 0); may be the result
  uint8_t *signs;         // or NULL: receives bit 0 where v > 0 before the residual, bit 1 where v > 0
                          // behind it
  const float *passed;    // planes: v = v + passed where bit 1 of passed_signs is set
  const uint8_t *passed_signs;
} reel_plane_finish;

/// A line of rows that pooling, resampling or cropping makes: along the innermost axis, with the
/// places on the outer axes fixed. Row p of the line reads the input rows outer_rows[o] + rows[i],
/// for every o < outer_count and every i from offsets[p] to offsets[p + 1], in this order.
typedef struct {
  size_t outer_count;
  const int32_t *outer_rows;
  const float *outer_weights;  // or NULL where nothing is weighted
  const int32_t *offsets;      // one more than there are rows in the line
  const int32_t *rows;
  const float *weights;        // or NULL
  int pattern;                 // what is known of offsets and rows, one of the following
} reel_row_line;

/// Shapes of lines that have kernels of their own.
enum {
  REEL_LINE_ANY,
  REEL_LINE_PAIRS,   // row p reads the inner rows 2p and 2p + 1, with one weight for all
  REEL_LINE_DOUBLED  // rows 2p and 2p + 1 read the inner row p, with one weight for all; a row that
                     // is left over reads nothing
};

/// What becomes of the gates of a recurrent step.
typedef enum {
  REEL_GATES_KEPT,     // activated, in the place of the pre-activations: somebody will go back
  REEL_GATES_DROPPED,  // in their place there may be anything; the same state
  REEL_GATES_COARSE    // dropped, and each tanh and output gate only to within 2⁻¹¹, the other gates 2⁻¹⁵
} reel_gate_use;

/// Activation functions of a value x with the parameters a and b.
enum {
  REEL_LEAKY_RELU,   // x > 0 ? x : a·x
  REEL_ELU,          // x > 0 ? x : a·(exp(x) − 1)
  REEL_GELU,         // x·Φ(x), Φ the standard normal distribution
  REEL_GELU_TANH,    // ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  REEL_SILU,         // x/(1 + exp(−x))
  REEL_SOFTPLUS,     // log(1 + exp(x))
  REEL_SCALED_TANH   // a·tanh(b·x)
};

#endif
