/* What the main loop asks of a board: its pins, and sleep. Beside it: clock.h, line.h, supply.h. */
#ifndef CALLPOINT_PORT_H
#define CALLPOINT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/contacts.h"

enum { BUTTONS_MAX = NODE_BUTTONS_MAX, POINTS_MAX = NODE_POINTS_MAX };

/* Pins, clock and interrupts. */
void port_start(void);

/* Bit n: the contact of button or point n is closed. */
uint16_t port_buttons(void);
uint16_t port_points(void);
bool port_cover_is_off(void);
bool port_jumper_is_set(void);

void port_show(bool red, bool green, bool buzzer);

/*
 * Sleeps until something has happened: a contact has changed, the time of clock_wake has come, a
 * body is there, a frame is out, or the window of line_watch is over. Returns true for the last.
 */
bool port_sleep(void);

#endif
