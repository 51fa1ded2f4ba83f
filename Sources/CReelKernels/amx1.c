// Products on the matrix unit, each float as one part.
#define PARTS 1
#define SPLIT_PRODUCTS reel_split_products_1
#include "Kernels/amx.inc.h"
