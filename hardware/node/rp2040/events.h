/* What interrupts leave for the main loop. */
#ifndef CALLPOINT_RP2040_EVENTS_H
#define CALLPOINT_RP2040_EVENTS_H

#include <stdbool.h>

enum { DE = 2, RE = 3 };

extern volatile bool event, window_event;

/* A pin has changed: perhaps RXD, while line_watch looks for start bits. */
void line_saw_edge(void);

#endif
