// Products of rows of floats with weights of 8 bits.
#ifndef REEL_BYTE_PRODUCTS_H
#define REEL_BYTE_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

/// Products where column j of the right operand is scales[j] times integers of 8 bits, and each row of the
/// left one becomes a scale times integers of one or two such digits: products are sums of integers, 512
/// of them at a time. Lengths are in floats; k is at least 1.
typedef struct {
  /// Of a row of k values of a left operand, in digits.
  size_t (*row_length)(size_t k, size_t digits);
  /// Of a k×n right operand. 16 columns follow each other after as much as those have.
  size_t (*columns_length)(size_t k, size_t n);
  /// Row after row, each in 127 steps (one digit) or 32,767 (two) to its largest magnitude, as `quantize`
  /// of the table does. A row that holds infinity or no number makes products that are no numbers.
  void (*quantize_rows)(size_t m, size_t k, size_t digits, const float *a, size_t lda, float *rows);
  /// Columns of a right operand from the n rows of k integers that hold them, `ldw` apart.
  void (*arrange_columns)(size_t k, size_t n, const int8_t *w, size_t ldw, const float *scales,
                          float *columns);
  /// C = A·B, each row added to the n values at begin[row] unless `begin` is NULL; a row may begin from
  /// where it is written. With two digits and k up to 512 each row is, bit for bit, what
  /// multiply_vector_int8 makes of it.
  void (*multiply)(size_t m, size_t n, size_t k, size_t digits, const float *left, const float *right,
                   const float *const *begin, float *c, size_t ldc);
} reel_byte_products;

#endif
