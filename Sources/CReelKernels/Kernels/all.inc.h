// Every kernel of one instruction set, and the table of them.
#include "vector.inc.h"
#include "functions.inc.h"
#include "elementwise.inc.h"
#include "dropout.inc.h"
#include "reductions.inc.h"
#include "transpose.inc.h"
#include "multiply_packed.inc.h"
#include "multiply_vector.inc.h"
#include "multiply_vector_transposed.inc.h"
#include "multiply_int8.inc.h"
#include "multiply_taps.inc.h"
#include "multiply_turned.inc.h"
#include "depthwise.inc.h"
#include "runs.inc.h"
#include "row_finish.inc.h"
#include "winograd.inc.h"
#include "planes.inc.h"
#include "row_products.inc.h"
#include "plane_finish.inc.h"
#include "fourier.inc.h"
#include "fourier_products.inc.h"
#include "softmax.inc.h"
#include "layer_norm.inc.h"
#include "batch_norm.inc.h"
#include "gates.inc.h"
#include "gates_lstm.inc.h"
#include "optimizers.inc.h"
#include "row_lines.inc.h"
#include "activations.inc.h"
#include "local_response.inc.h"
#include "measure.inc.h"

const reel_kernel_table REEL_TABLE = {
    .name = REEL_NAME,
    .transpose = transpose,
    .panel_columns = TILE_VECTORS * WIDTH,
    .vector_width = WIDTH,
    .panel_width = panel_width,
    .packed_count = packed_count,
    .pack = pack,
    .multiply_packed = multiply_packed,
    .add_packed_product = add_packed_product,
    .multiply_vector = multiply_vector,
    .multiply_vector_transposed = multiply_vector_transposed,
    .multiply_vector_bfloat16 = multiply_vector_bfloat16,
    .multiply_vector_int8 = multiply_vector_int8,
    .quantize = quantize,
    .pack_taps = pack_taps,
    .multiply_taps = multiply_taps,
    .multiply_turned_taps = multiply_turned_taps,
    .depthwise_taps = depthwise_taps,
    .depthwise_turned_taps = depthwise_turned_taps,
    .add_runs = add_runs,
    .planes_to_rows = planes_to_rows,
    .rows_to_planes = rows_to_planes,
    .finish_rows = finish_rows,
    .finish_rows_backward = finish_rows_backward,
    .tiles_to_points = tiles_to_points,
    .points_to_tiles = points_to_tiles,
    .convolve_planes = convolve_planes,
    .copy_plane_runs = copy_plane_runs,
    .multiply_rows = multiply_rows,
    .tiles_to_fourier = tiles_to_fourier,
    .fourier_to_tiles = fourier_to_tiles,
    .multiply_frequencies = multiply_frequencies,
    .add_frequency_products = add_frequency_products,
    .finish_planes = finish_planes,
    .exponential = exponential,
    .hyperbolic_tangent = hyperbolic_tangent,
    .sigmoid = sigmoid,
    .logarithm = logarithm,
    .square_root = elementwise_square_root,
    .rectify = rectify,
    .add = add,
    .subtract = subtract,
    .multiply = multiply,
    .divide = divide,
    .scale_add = scale_add,
    .add_scaled = add_scaled,
    .multiply_add = multiply_add_to,
    .hyperbolic_tangent_backward = hyperbolic_tangent_backward,
    .sigmoid_backward = sigmoid_backward,
    .rectify_backward = rectify_backward,
    .dropout_mask = dropout_mask,
    .sum = sum,
    .sum_of_squares = sum_of_squares,
    .maximum = maximum,
    .dot = dot,
    .sum_columns = sum_columns,
    .add_to_rows = add_to_rows,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .softmax_backward = softmax_backward,
    .log_softmax_backward = log_softmax_backward,
    .cross_entropy = cross_entropy,
    .layer_norm = layer_norm,
    .layer_norm_backward = layer_norm_backward,
    .column_moments = column_moments,
    .column_products = column_products,
    .scale_columns = scale_columns,
    .rnn_forward = rnn_forward,
    .rnn_backward = rnn_backward,
    .lstm_forward = lstm_forward,
    .lstm_backward = lstm_backward,
    .gru_forward = gru_forward,
    .gru_backward = gru_backward,
    .sgd = sgd,
    .rmsprop = rmsprop,
    .adagrad = adagrad,
    .adadelta = adadelta,
    .adam = adam,
    .combine_rows = combine_rows,
    .maximum_of_rows = maximum_of_rows,
    .spread_to_chosen = spread_to_chosen,
    .gather_chosen = gather_chosen,
    .copy_rows = copy_rows,
    .activate = activate,
    .activate_backward = activate_backward,
    .parametric_rectify = parametric_rectify,
    .parametric_rectify_backward = parametric_rectify_backward,
    .grouped_maximum = grouped_maximum,
    .local_response = local_response,
    .local_response_backward = local_response_backward,
};
