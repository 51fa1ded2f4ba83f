// The kernels for any processor: 16-byte vectors, which x86-64 and aarch64 always have.
#include <time.h>

#include "Kernels/builds.h"

#define REEL_WIDTH 4
#define REEL_TABLE reel_table_portable
#define REEL_MEASURE reel_measure_portable
#define REEL_NAME "portable"
#if defined(__aarch64__)
// 32 registers and a fused multiply-add.
#define REEL_FMA 1
#define REEL_TILE_ROWS 8
#define REEL_TILE_VECTORS 2
#else
#define REEL_FMA 0
#define REEL_TILE_ROWS 4
#define REEL_TILE_VECTORS 2
#endif

#include "Kernels/all.inc.h"
