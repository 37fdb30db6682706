/* Milliseconds since the start. There is no periodic tick. */
#ifndef CALLPOINT_CLOCK_H
#define CALLPOINT_CLOCK_H

#include <stdint.h>

void clock_start(void);

uint32_t clock_now(void);

/* The clock stood still for so long. */
void clock_add(uint32_t ms);

/* port_sleep returns after this many ms, or earlier. 0: at once. */
void clock_wake(uint32_t after_ms);

#endif
