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

void indicate(struct indication *out, const struct node *node, enum fault fault, uint32_t now);

#endif
