#include "../board/watchdog.h"

#include <stdint.h>

#include "registers.h"

/* It counts twice a tick (erratum RP2040-E1): 8 s. */
enum { LOAD_8S = 16000000, RESETS_ALL_BUT_OSCILLATORS = 0x1FFFC };
#define ENABLE (1u << 30)
#define TRIGGER (1u << 31)

void watchdog_reset(void) {
    WATCHDOG_LOAD = LOAD_8S;
    PSM_WDSEL = RESETS_ALL_BUT_OSCILLATORS;
    WATCHDOG_CTRL = ENABLE;
}

bool watchdog_was_the_cause(void) { return WATCHDOG_REASON != 0; }

void restart(void) {
    interrupts_off();
    PSM_WDSEL = RESETS_ALL_BUT_OSCILLATORS;
    WATCHDOG_CTRL = ENABLE | TRIGGER;
    for (;;) {}
}
