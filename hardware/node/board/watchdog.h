/* The watchdog resets a program that has not come round its main loop for 8 s. */
#ifndef CALLPOINT_WATCHDOG_H
#define CALLPOINT_WATCHDOG_H

#include <stdbool.h>

/* The program has come round. */
void watchdog_reset(void);

void restart(void) __attribute__((noreturn));

/* The reset came from the watchdog, not from the supply: the supply has been good before. */
bool watchdog_was_the_cause(void);

#endif
