/* What the wall shows and sounds. Pure: the board asks, and sets its pins. */
#ifndef CALLPOINT_INDICATOR_H
#define CALLPOINT_INDICATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "node.h"

struct indication {
    bool red, green; /* both: amber */
    bool buzzer;
    uint32_t due; /* ms until it changes by itself; UINT32_MAX: never */
};

/* Faults that are shown although no press was made: section 6, and the first-press test. */
enum fault { FAULT_NONE, FAULT_NO_SETTINGS, FAULT_STORAGE };

/*
 * heard: amber 1 Hz; sent: amber 4 Hz; accepted: green for a minute; not confirmed: red; calling:
 * dark, but red and green in turn at 2 Hz while no gateway was heard since the start. No settings:
 * red for 100 ms every 2 s; storage: red 4 Hz. The buzzer, in the first minute of a status: heard
 * 100 ms, accepted 1 s, not confirmed three times 100 ms every 5 s. `node` may be NULL with a fault.
 */
void indicate(struct indication *out, const struct node *node, enum fault fault, uint32_t now);

#endif
