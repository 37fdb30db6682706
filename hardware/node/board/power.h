/*
 * Power-down, for a node on a battery: its clock and its receiver stand still, and only its contacts
 * or the watchdog wake it. The watchdog's oscillator is 10 % wrong, so it is measured first.
 */
#ifndef CALLPOINT_POWER_H
#define CALLPOINT_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "watchdog.h"

#ifdef NODE_POWER_DOWN

/* Measures the watchdog's oscillator against the clock. It takes 64 ms, in which the node goes on. */
void power_calibrate(void);

/* Call it in each pass of the main loop, in place of watchdog_reset. */
void power_step(void);

/*
 * Sets the clock forward by the time for which it stood still. It jumps, so nothing may be measured
 * just then. False if it was right.
 */
bool power_set_clock(void);

/* Sleeps for at most so long. False if it did not sleep: the time is too short. */
bool power_down(uint32_t ms_max);

#else

static inline void power_calibrate(void) {}

static inline void power_step(void) { watchdog_reset(); }

static inline bool power_set_clock(void) { return false; }

static inline bool power_down(uint32_t ms_max) {
    (void)ms_max;
    return false;
}

#endif

#endif
