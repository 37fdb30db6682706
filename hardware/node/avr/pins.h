/*
 * Pins of the AVR boards. Contacts go to ground and have the chip's pull-ups. All buttons, points
 * and the tamper switch can wake the chip (pin change interrupts).
 */
#ifndef CALLPOINT_AVR_PINS_H
#define CALLPOINT_AVR_PINS_H

#include <avr/io.h>
#include <stdbool.h>
#include <stdint.h>

#include "../core/contacts.h"

#if defined(__AVR_ATmega328P__)

#define DE_PORT PORTD
#define DE_BIT 2
#define RE_BIT 3
#define JUMPER_PORT PORTD
#define JUMPER_PIN PIND
#define JUMPER_BIT 4
#define LED_PORT PORTB
#define RED_BIT 1
#define GREEN_BIT 2
#define BUZZER_BIT 3
/* RXD is in the group of the buttons: PCINT16. */
#define RXD_MASK PCMSK2
#define RXD_MASK_BIT 0
#define SUPPLY_CHANNEL 6
#define BANDGAP_CHANNEL 0x0E
#define UART_EMPTY_VECTOR USART_UDRE_vect
#define UART_SENT_VECTOR USART_TX_vect

static inline void pins_start(void) {
    PORTB = _BV(0);                                          /* button 3 */
    PORTC = _BV(0) | _BV(1) | _BV(2) | _BV(3) | _BV(4) | _BV(5); /* points, tamper, two unused */
    /* RXD floats while the transceiver's receiver is off. PD4: jumper. PD5...PD7: buttons. */
    PORTD = _BV(0) | _BV(4) | _BV(5) | _BV(6) | _BV(7);
    DDRB = _BV(RED_BIT) | _BV(GREEN_BIT) | _BV(BUZZER_BIT);
    DDRD = _BV(1) | _BV(DE_BIT) | _BV(RE_BIT);
    PCMSK0 = _BV(0);
    PCMSK1 = _BV(0) | _BV(1) | _BV(2) | _BV(3);
    PCMSK2 = _BV(5) | _BV(6) | _BV(7);
    PCICR = _BV(PCIE0) | _BV(PCIE1) | _BV(PCIE2);
}

/* Bit n: button n is closed. */
static inline uint8_t pins_buttons(void) {
    return (uint8_t)(((uint8_t)~PIND >> 5) | ((~PINB & 1) << 3));
}

/* Bit n: contact of point n is closed. */
static inline uint8_t pins_points(void) { return (uint8_t)(~PINC & 7); }

static inline bool pins_cover_is_off(void) { return (PINC & _BV(3)) != 0; }

#elif defined(__AVR_ATmega1284P__)

#define DE_PORT PORTB
#define DE_BIT 0
#define RE_BIT 1
#define JUMPER_PORT PORTB
#define JUMPER_PIN PINB
#define JUMPER_BIT 2
#define LED_PORT PORTC
#define RED_BIT 0
#define GREEN_BIT 1
#define BUZZER_BIT 2
/* RXD is PCINT24. */
#define RXD_MASK PCMSK3
#define RXD_MASK_BIT 0
/* Only port A has analogue inputs, so the supply is at PA7 and the tamper switch at PC3. */
#define SUPPLY_CHANNEL 7
#define BANDGAP_CHANNEL 0x1E
#define UART_EMPTY_VECTOR USART0_UDRE_vect
#define UART_SENT_VECTOR USART0_TX_vect

static inline void pins_directions(void) {
    /* JTAG would hold PC2...PC5. It goes off by two writes within four cycles. */
    const uint8_t without_jtag = (uint8_t)(MCUCR | _BV(JTD));
    MCUCR = without_jtag;
    MCUCR = without_jtag;
    PORTA = 0x7F;
    PORTB = _BV(JUMPER_BIT) | 0xF8;
    PORTC = 0xF8;
    PORTD = (uint8_t)~_BV(1);
    DDRB = _BV(DE_BIT) | _BV(RE_BIT);
    DDRC = _BV(RED_BIT) | _BV(GREEN_BIT) | _BV(BUZZER_BIT);
    DDRD = _BV(1);
    DIDR0 = _BV(ADC7D);
}

#if NODE_BUTTONS_MAX > 4 || NODE_POINTS_MAX > 3
#include "pins_16.h"
#else

static inline void pins_start(void) {
    pins_directions();
    PCMSK0 = 0x7F;
    PCMSK2 = _BV(3);
    PCICR = _BV(PCIE0) | _BV(PCIE2) | _BV(PCIE3);
}

static inline uint8_t pins_buttons(void) { return (uint8_t)(~PINA & 0x0F); }

static inline uint8_t pins_points(void) { return (uint8_t)((~PINA >> 4) & 7); }

#endif

static inline bool pins_cover_is_off(void) { return (PINC & _BV(3)) != 0; }

#else
#error "no board has this chip"
#endif

static inline bool pins_jumper_is_set(void) { return (JUMPER_PIN & _BV(JUMPER_BIT)) == 0; }

#endif
