#include "../board/clock.h"

#include "events.h"

/*
 * Timer 1 counts every 256 cycles (16 us at 16 MHz, 32 us at 8 MHz) and wraps every 65536 counts.
 * The wrap, once in 1 or 2 s, is all that wakes a node that waits.
 * A count is COUNT_MS / 125 ms.
 */
enum {
    COUNT_MS = (int)(256UL * 125 * 1000 / F_CPU),
    WRAP_MS = (int)(65536UL * COUNT_MS / 125),
    WRAP_REST = (int)(65536UL * COUNT_MS % 125),
    /* What is later than this waits for the next wrap. */
    COMPARE_MS_MAX = WRAP_MS - 40
};

static uint32_t wrapped_ms; /* up to the last wrap */
static uint8_t wrapped_rest;

void clock_start(void) {
    TCCR1A = 0;
    TCCR1B = _BV(CS12);
    TIMSK1 = _BV(TOIE1);
}

ISR(TIMER1_OVF_vect) {
    wrapped_ms += WRAP_MS;
    wrapped_rest += WRAP_REST;
    if (wrapped_rest >= 125) {
        wrapped_rest -= 125;
        wrapped_ms++;
    }
    GPIOR0 |= _BV(EVENT_TIMER);
}

EVENT_ISR(TIMER1_COMPA_vect, EVENT_TIMER)

uint32_t clock_now(void) {
    const uint8_t saved = SREG;
    cli();
    uint16_t counts = TCNT1;
    uint32_t ms = wrapped_ms;
    uint16_t rest = wrapped_rest;
    /* The counter wrapped after `cli`: its interrupt is still to come. */
    if ((TIFR1 & _BV(TOV1)) && counts < 0x8000) {
        ms += WRAP_MS;
        rest += WRAP_REST;
    }
    SREG = saved;
    /* 16 bits are enough: at most 124 * COUNT_MS + 2 * 124. */
    rest += (uint16_t)(counts % 125 * COUNT_MS);
    return ms + (uint16_t)(counts / 125 * COUNT_MS) + rest / 125;
}

void clock_add(uint32_t ms) {
    cli();
    wrapped_ms += ms;
    sei();
}

void clock_wake(uint32_t after_ms) {
    cli();
    if (after_ms == 0) {
        GPIOR0 |= _BV(EVENT_TIMER);
    } else if (after_ms <= COMPARE_MS_MAX) {
        /* One count more: the count that runs now is already begun. */
        OCR1A = (uint16_t)(TCNT1 + (uint16_t)((uint16_t)after_ms * 125UL / COUNT_MS) + 2);
        TIFR1 = _BV(OCF1A);
        TIMSK1 |= _BV(OCIE1A);
    } else {
        TIMSK1 &= (uint8_t)~_BV(OCIE1A);
    }
    sei();
}
