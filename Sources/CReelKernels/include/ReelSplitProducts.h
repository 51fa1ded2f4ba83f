// Products of floats in bfloat16 parts.
#ifndef REEL_SPLIT_PRODUCTS_H
#define REEL_SPLIT_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How exact such products are.
enum {
  REEL_HIGHEST_PRECISION,  // three parts, six products: as exact as the other products
  REEL_HIGH_PRECISION,     // two parts, three products: 16 bits of each operand
  REEL_MEDIUM_PRECISION,   // one part, one product: 8 bits of each operand
  REEL_PRECISIONS,
};

/// Products of floats where the processor multiplies bfloat16 numbers: on a matrix unit, or in pairs on
/// vectors. Each operand is split into bfloat16 parts first, which take half as much room as the
/// floats, each. Parts below 2⁻¹²⁶ count as 0, so numbers below 2⁻¹⁰³ lose their last bits; numbers from
/// 2¹²⁸ − 2¹¹⁹ on give NaN or infinity. Lengths are in floats.
typedef struct {
  /// Parts of an operand, 1 to 3.
  size_t parts;
  /// On a matrix unit, whose tiles of 16 rows cost the same when they are mostly empty.
  bool on_tiles;
  /// Of a row of k values of a left operand, in parts. Behind the last row there must be room for as
  /// many as a multiple of 16 has.
  size_t (*row_length)(size_t k);
  /// Of a k×n right operand, in parts. 16 columns follow each other after as much as those have.
  size_t (*columns_length)(size_t k, size_t n);
  /// Row after row, `ldparts` apart: row_length(k), or more where another operand's rows follow.
  void (*split_rows)(size_t m, size_t k, const float *a, size_t lda, float *parts, size_t ldparts);
  /// 16 columns after the other, `ldparts` apart: columns_length(k, 16), or more where another operand
  /// is stacked below. `transposed`: the source holds n rows of k.
  void (*split_columns)(size_t k, size_t n, const float *b, size_t ld, bool transposed,
                        float *parts, size_t ldparts);
  /// As pack_taps: one tap after the other for each 16 columns, each of columns_length(channels, 16).
  void (*split_tap_columns)(size_t taps, size_t channels, size_t n, const float *source,
                            const int32_t *numbers, size_t tap_step, size_t channel_step,
                            float *parts);
  /// C = A·B + bias, or C += A·B with `accumulate`, of operands in parts; bias has n values or is NULL.
  void (*multiply)(size_t m, size_t n, size_t k, const float *left, const float *right,
                   const float *bias, float *c, size_t ldc, bool accumulate);
  /// C = A·B where row r is added to the n values at begin[r]; NULL where there is no such function.
  void (*add_product)(size_t m, size_t n, size_t k, const float *left, const float *right,
                      const float *const *begin, float *c, size_t ldc);
  /// Room that multiply_taps needs.
  size_t (*tap_scratch)(size_t taps, size_t channels);
  /// As multiply_taps of the table, with 1 to REEL_MOST_SPLIT_TAPS and at least one channel; `source` holds rows in parts,
  /// `lds` floats from row to row.
  void (*multiply_taps)(size_t m, size_t n, size_t taps, size_t channels, const float *source,
                        size_t lds, const int32_t *sources, size_t ldsources, const float *right,
                        const float *bias, float *c, size_t ldc, bool accumulate, float *scratch);
} reel_split_products;

#endif
