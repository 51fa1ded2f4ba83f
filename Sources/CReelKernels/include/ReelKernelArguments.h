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
