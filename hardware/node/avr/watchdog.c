#include "../board/watchdog.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>
#include <stdint.h>

static uint8_t reset_cause __attribute__((section(".noinit")));

/*
 * After a watchdog reset the watchdog runs on at its shortest time, and MCUSR keeps it from being
 * set longer. So this runs before the variables are filled.
 */
void watchdog_start(void) __attribute__((naked, used, section(".init3")));
void watchdog_start(void) {
    reset_cause = MCUSR;
    MCUSR = 0;
    wdt_enable(WDTO_8S);
}

bool watchdog_was_the_cause(void) {
    return (reset_cause & _BV(WDRF)) && !(reset_cause & (_BV(PORF) | _BV(BORF)));
}

void watchdog_reset(void) { wdt_reset(); }

void restart(void) {
    cli();
    wdt_enable(WDTO_15MS);
    for (;;) {}
}
