/* The receiver: cuts the bytes of the bus into runs (section 2), and keeps those for this node. */
#ifndef CALLPOINT_RUNS_H
#define CALLPOINT_RUNS_H

#include <stdbool.h>
#include <stdint.h>

void runs_start(uint8_t address);

/* For the receive interrupt. Returns true if nothing before the next 00 matters. */
bool runs_take(uint8_t byte);

/* For the receive interrupt, or while it is off: what was begun is dropped. */
void runs_begin(void);

/* A run for this node waits. */
bool runs_are_ready(void);

/* The oldest, or null. It stays until runs_release, which the caller guards from the interrupt. */
uint8_t *runs_oldest(uint8_t *length);
void runs_release(void);

#endif
