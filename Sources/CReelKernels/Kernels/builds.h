// The builds of the kernels, one for each instruction set; see dispatch.c.
#ifndef REEL_BUILDS_H
#define REEL_BUILDS_H

#include "../include/CReelKernels.h"

#pragma GCC visibility push(hidden)
extern const reel_kernel_table reel_table_portable;
double reel_measure_portable(double seconds);
#if defined(__x86_64__)
extern const reel_kernel_table reel_table_avx2;
extern const reel_kernel_table reel_table_avx512;
double reel_measure_avx2(double seconds);
double reel_measure_avx512(double seconds);
/// Put into the table for AVX-512 what VNNI, AVX512-BF16 or the matrix unit does better; false where
/// there is none.
bool reel_add_vnni(reel_kernel_table *table);
bool reel_add_bfloat16(reel_kernel_table *table);
bool reel_add_amx(reel_kernel_table *table);
extern const reel_byte_products reel_byte_products_vnni;
extern const reel_split_products reel_split_products_1, reel_split_products_2, reel_split_products_3;
#endif
#pragma GCC visibility pop

#endif
