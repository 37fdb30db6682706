/*
 * Milliseconds, from Timer 1, which counts every 256 cycles (16 us at 16 MHz, 32 us at 8 MHz) and
 * wraps every 65536 counts. There is no tick: the wrap, once in 1 or 2 s, is all that wakes a node
 * that waits.
 */
#ifndef CALLPOINT_CLOCK_H
#define CALLPOINT_CLOCK_H

#include <stdint.h>

#define COUNTS_PER_SECOND (F_CPU / 256)

void clock_start(void);

uint32_t clock_now(void);

/* Leaves EVENT_TIMER after this many ms, or earlier. 0 leaves it now. */
void clock_wake(uint32_t after_ms);

/* Adds the time for which the counter stood still. */
void clock_add(uint16_t ms);

#endif
