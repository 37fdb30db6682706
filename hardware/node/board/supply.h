/* The supply behind its divider 1:11, or the battery, which is the chip's own supply. */
#ifndef CALLPOINT_SUPPLY_H
#define CALLPOINT_SUPPLY_H

#include "../core/node.h"

/* `low_battery_mv` 0: no battery. Takes 1 ms. */
void supply_measure(struct supply *supply, uint16_t low_battery_mv);

/* The least bits of a few conversions: noise. */
uint16_t supply_noise(void);

#endif
