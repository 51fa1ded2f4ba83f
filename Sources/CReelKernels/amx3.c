// Products on the matrix unit, each float as three parts.
#define PARTS 3
#define SPLIT_PRODUCTS reel_split_products_3
#include "Kernels/amx.inc.h"
