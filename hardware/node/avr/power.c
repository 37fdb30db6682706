/*
 * A period of the watchdog ends with an interrupt, and one more without an answer with a reset: so
 * the watchdog watches the program all the while.
 *
 * Timer 1 stands still in power-down. At the end of a period it shows how long the chip was awake in
 * it, however often a contact woke it: the rest is what the clock has missed.
 */
#include "../board/power.h"

#include "../board/clock.h"
#include "../board/watchdog.h"
#include "events.h"

#ifdef NODE_POWER_DOWN

#include <avr/sleep.h>
#include <avr/wdt.h>

enum {
    CALIBRATION = 2, /* 2^n times 16 ms */
    LONGEST = 9,
    NONE = 0xFF,
    COUNTS_MIN = (int)(F_CPU / 256 * 64 / 1000 * 3 / 4), /* what is a quarter wrong is no oscillator */
    COUNTS_MAX = (int)(F_CPU / 256 * 64 / 1000 * 5 / 4),
    COUNT_MS = (int)(256UL * 125 * 1000 / F_CPU) /* as in clock.c: a count is COUNT_MS / 125 ms */
};

/* Of Timer 1 (clock.c), in one period of CALIBRATION: 2000 at 8 MHz if the oscillator is right. */
static uint16_t calibrated;
static uint8_t running = NONE;
static bool is_calibration;
static uint32_t began_ms;
static uint16_t began_count;
static volatile uint16_t ended_count;
static uint32_t missed_ms;

ISR(WDT_vect) {
    ended_count = TCNT1;
    GPIOR0 |= _BV(EVENT_PERIOD);
    GPIOR2 = 1;
}

static uint32_t period_ms(uint8_t power) {
    return ((uint32_t)calibrated << (LONGEST - CALIBRATION) >> (LONGEST - power)) * COUNT_MS / 125;
}

static void begin(uint8_t power) {
    const uint8_t bits = (uint8_t)(_BV(WDIE) | _BV(WDE) | (power & 8 ? _BV(WDP3) : 0) | (power & 7));
    running = power;
    began_ms = clock_now();
    cli();
    GPIOR2 = 0;
    wdt_reset();
    WDTCSR = _BV(WDCE) | _BV(WDE);
    WDTCSR = bits;
    wdt_reset(); /* the new period begins here */
    began_count = TCNT1;
    sei();
}

void power_calibrate(void) {
    if (running != NONE) return;
    is_calibration = true;
    begin(CALIBRATION);
}

void power_step(void) {
    if (running == NONE) {
        watchdog_reset();
        return;
    }
    if (GPIOR2 == 0) return;
    if (is_calibration) {
        const uint16_t counts = ended_count - began_count;
        if (counts > COUNTS_MIN && counts < COUNTS_MAX) calibrated = counts;
    } else {
        const uint32_t period = period_ms(running), awake = clock_now() - began_ms;
        if (awake < period) missed_ms += period - awake;
    }
    is_calibration = false;
    running = NONE;
    wdt_enable(WDTO_8S);
    wdt_reset();
}

bool power_set_clock(void) {
    if (missed_ms == 0) return false;
    clock_add(missed_ms);
    missed_ms = 0;
    return true;
}

/* The longest period that ends in time. */
static bool begin_within(uint32_t ms_max) {
    for (uint8_t power = LONGEST + 1; power-- > 0;) {
        if (period_ms(power) > ms_max) continue;
        begin(power);
        return true;
    }
    return false;
}

bool power_down(uint32_t ms_max) {
    if (calibrated == 0 || is_calibration) return false;
    if (running == NONE) {
        if (!begin_within(ms_max)) return false;
    } else {
        /* A contact woke it. The period may last as long as if it had not slept yet. */
        const uint32_t awake = clock_now() - began_ms;
        if (awake + ms_max < period_ms(running)) return false;
    }
    set_sleep_mode(SLEEP_MODE_PWR_DOWN);
    sleep_enable();
    cli();
    if (!(GPIOR0 & EVENTS)) {
        sei(); /* takes effect after the next instruction: no interrupt comes between */
        sleep_cpu();
        cli();
    }
    GPIOR0 &= (uint8_t)~EVENTS;
    sei();
    sleep_disable();
    return true;
}

#endif
