/* The timer counts microseconds in 64 bits: it never wraps. */
#include "../board/clock.h"

#include "events.h"
#include "registers.h"

enum { WAKE_MS_MAX = 4000 /* the watchdog wants to be reset within 8 s */, ALARM = 0 };

void clock_start(void) { TIMER_ENABLED = 3; }

uint32_t clock_now(void) {
    uint32_t high, low;
    do {
        high = TIMER_HIGH;
        low = TIMER_LOW;
    } while (high != TIMER_HIGH);
    return (uint32_t)(((uint64_t)high << 32 | low) / 1000);
}

void clock_wake(uint32_t after_ms) {
    if (after_ms == 0) {
        event = true;
        return;
    }
    const uint32_t ms = after_ms < WAKE_MS_MAX ? after_ms : (uint32_t)WAKE_MS_MAX;
    TIMER_ALARM(ALARM) = TIMER_LOW + ms * 1000 + 1000;
}

void timer0_handler(void) {
    TIMER_RAISED = 1u << ALARM;
    event = true;
}
