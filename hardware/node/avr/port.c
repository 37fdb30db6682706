/* Pins, and sleep. Pin change interrupts only wake the main loop, which reads the pins. */
#include "../board/port.h"

#include <avr/sleep.h>

#include "../board/clock.h"
#include "events.h"
#include "pins.h"

void port_start(void) {
    pins_start();
    clock_start();
    sei();
}

uint16_t port_buttons(void) { return pins_buttons(); }

uint16_t port_points(void) { return pins_points(); }

bool port_cover_is_off(void) { return pins_cover_is_off(); }

bool port_jumper_is_set(void) { return pins_jumper_is_set(); }

void port_show(bool red, bool green, bool buzzer) {
    uint8_t pins = LED_PORT & (uint8_t) ~(_BV(RED_BIT) | _BV(GREEN_BIT) | _BV(BUZZER_BIT));
    if (red) pins |= _BV(RED_BIT);
    if (green) pins |= _BV(GREEN_BIT);
    if (buzzer) pins |= _BV(BUZZER_BIT);
    LED_PORT = pins;
}

/* Idle: the USART and Timer 1 run on. */
bool port_sleep(void) {
    set_sleep_mode(SLEEP_MODE_IDLE);
    sleep_enable();
    cli();
    while (!(GPIOR0 & EVENTS)) {
        sei(); /* takes effect after the next instruction: no interrupt comes between */
        sleep_cpu();
        cli();
    }
    const uint8_t events = GPIOR0;
    GPIOR0 = events & (uint8_t)~EVENTS;
    sei();
    sleep_disable();
    return (events & _BV(EVENT_WINDOW)) != 0;
}

#if defined(__AVR_ATmega328P__)

EVENT_ISR(PCINT0_vect, EVENT_CONTACT)
EVENT_ISR(PCINT1_vect, EVENT_CONTACT)

/* Buttons, and RXD while line_watch looks for start bits: RXD is low then. */
ISR(PCINT2_vect, ISR_NAKED) {
    __asm__ volatile("sbis %0, 0   \n\t"
                     "sbi %1, %2   \n\t"
                     "sbi %1, %3   \n\t"
                     "reti         \n\t" ::"I"(_SFR_IO_ADDR(PIND)),
                     "I"(EVENT_IO), "I"(LINE_ACTIVE), "I"(EVENT_CONTACT));
}

#else

EVENT_ISR(PCINT0_vect, EVENT_CONTACT)
#if NODE_BUTTONS_MAX > 4 || NODE_POINTS_MAX > 3
EVENT_ISR(PCINT1_vect, EVENT_CONTACT)
#endif
EVENT_ISR(PCINT2_vect, EVENT_CONTACT)
EVENT_ISR(PCINT3_vect, LINE_ACTIVE)

#endif
