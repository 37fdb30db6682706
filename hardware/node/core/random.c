#include "random.h"

/* Xorshift, period 2^32 - 1 (Marsaglia 2003). The bias of the remainder is below one in 10,000. */
uint32_t random_upto(uint32_t *state, uint32_t limit) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x % (limit + 1);
}
