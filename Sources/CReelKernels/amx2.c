// Products on the matrix unit, each float as two parts.
#define PARTS 2
#define SPLIT_PRODUCTS reel_split_products_2
#include "Kernels/amx.inc.h"
