#include "../board/line.h"

#include "../board/clock.h"
#include "../board/runs.h"
#include "events.h"
#include "pins.h"

/*
 * The setting of the USART for a baud rate, at double speed (8 samples a bit). Its error may be at
 * most 2.1 % as the data sheet rounds it: a receiver loses a byte beyond 4 %, and the other end has
 * an error too.
 */
#define BAUD_DIVISOR(baud) ((F_CPU / 8 + (baud) / 2) / (baud))
#define BAUD_ERROR_PER_MILLE(baud)                                                                 \
    ((1000L * (long)(F_CPU / 8 / BAUD_DIVISOR(baud)) + (baud) / 2) / (baud) - 1000L)
#define BAUD_IS_POSSIBLE(baud) (BAUD_ERROR_PER_MILLE(baud) >= -21 && BAUD_ERROR_PER_MILLE(baud) <= 21)

/* Bit n: the rate n of service.h is possible at this clock. */
#define BAUDS                                                                                      \
    (BAUD_IS_POSSIBLE(9600L) << 0 | BAUD_IS_POSSIBLE(19200L) << 1 | BAUD_IS_POSSIBLE(38400L) << 2 | \
     BAUD_IS_POSSIBLE(57600L) << 3 | BAUD_IS_POSSIBLE(115200L) << 4)

static bool is_shared;

static const uint8_t *volatile next_byte;
static volatile uint8_t bytes_left;
static volatile bool is_sending;
static uint8_t character_counts; /* of Timer 1 */

/* Timer 1: clock.c. */
#define COUNTS_PER_SECOND (F_CPU / 256)

struct rate {
    uint16_t hundreds, divisor;
    uint8_t character_counts;
};
#define RATE(hundreds)                                                                             \
    { hundreds, BAUD_IS_POSSIBLE(hundreds * 100L) ? BAUD_DIVISOR(hundreds * 100L) : 0,             \
      (10 * COUNTS_PER_SECOND + hundreds * 100L - 1) / (hundreds * 100L) }
static const struct rate rates[] = {RATE(96), RATE(192), RATE(384), RATE(576), RATE(1152)};

bool line_set_baud(uint16_t baud_hundreds) {
    for (uint8_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (rates[i].hundreds != baud_hundreds || rates[i].divisor == 0) continue;
        character_counts = rates[i].character_counts;
        UCSR0A = _BV(U2X0);
        UBRR0 = rates[i].divisor - 1;
        UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
        return true;
    }
    return false;
}

void line_listen(uint8_t address, bool shared) {
    runs_start(address);
    is_shared = shared;
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}

/* The end of the receive interrupt, which begins in receive.S. */
void __vector_take_byte(void) __attribute__((signal, used, externally_visible));
void __vector_take_byte(void) {
    if (runs_take(GPIOR1)) GPIOR0 |= _BV(RUN_DROPPED);
    else GPIOR0 &= (uint8_t)~_BV(RUN_DROPPED);
    if (runs_are_ready()) GPIOR0 |= _BV(EVENT_BODY);
}

uint8_t *line_body(uint8_t *length) { return runs_oldest(length); }

void line_release(void) {
    cli();
    runs_release();
    sei();
}

/* On a shared line the transceiver's receiver is off while the node sends: it hears no echo. */
void line_send(const uint8_t *bytes, uint8_t length) {
    line_end_watch();
    next_byte = bytes;
    bytes_left = length;
    is_sending = true;
    cli();
    if (is_shared) {
        DE_PORT |= _BV(RE_BIT);
        runs_begin();
        GPIOR0 &= (uint8_t)~_BV(RUN_DROPPED);
    }
    DE_PORT |= _BV(DE_BIT);
    UCSR0B = (uint8_t)((is_shared ? 0 : _BV(RXCIE0) | _BV(RXEN0)) | _BV(TXEN0) | _BV(UDRIE0));
    sei();
}

bool line_is_sending(void) { return is_sending; }

ISR(UART_EMPTY_VECTOR) {
    UDR0 = *next_byte++;
    if (--bytes_left != 0) return;
    /* An earlier byte may have set TXC if this interrupt was late. From here on it means the last. */
    UCSR0A = _BV(U2X0) | _BV(TXC0);
    UCSR0B = (uint8_t)((UCSR0B & ~_BV(UDRIE0)) | _BV(TXCIE0));
}

/* Section 1: the line is free within half a character, 43 us at 115200 Bd, after the stop bit. */
ISR(UART_SENT_VECTOR) {
    DE_PORT &= (uint8_t) ~(_BV(DE_BIT) | _BV(RE_BIT));
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
    is_sending = false;
    GPIOR0 |= _BV(EVENT_SENT);
}

void line_watch(uint8_t characters) {
    const uint16_t counts = (uint16_t)characters * character_counts + 1;
    cli();
    GPIOR0 &= (uint8_t) ~(_BV(LINE_ACTIVE) | _BV(EVENT_WINDOW));
    RXD_MASK |= _BV(RXD_MASK_BIT);
    OCR1B = TCNT1 + counts;
    TIFR1 = _BV(OCF1B);
    TIMSK1 |= _BV(OCIE1B);
    sei();
}

bool line_was_active(void) { return (GPIOR0 & _BV(LINE_ACTIVE)) != 0; }

void line_end_watch(void) {
    RXD_MASK &= (uint8_t)~_BV(RXD_MASK_BIT);
    cli();
    TIMSK1 &= (uint8_t)~_BV(OCIE1B);
    sei();
}

EVENT_ISR(TIMER1_COMPB_vect, EVENT_WINDOW)

const uint16_t line_bauds = BAUDS;

/* The data sheet's tables of UBRR: 115200 Bd is 3.5 % wrong at 8 MHz, the others at most 2.1 %. */
#if F_CPU == 16000000UL
_Static_assert(BAUDS == 0x1F, "every rate");
_Static_assert(BAUD_DIVISOR(9600L) == 208 && BAUD_DIVISOR(57600L) == 35 && BAUD_DIVISOR(115200L) == 17, "UBRR + 1");
#elif F_CPU == 8000000UL
_Static_assert(BAUDS == 0x0F, "every rate but 115200");
_Static_assert(BAUD_DIVISOR(9600L) == 104 && BAUD_DIVISOR(38400L) == 26 && BAUD_DIVISOR(57600L) == 17, "UBRR + 1");
#endif

void line_start_service(void) {
    DE_PORT |= _BV(RE_BIT);
    line_set_baud(SERVICE_BAUD_HUNDREDS);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
}

bool line_get(char *byte) {
    if (!(UCSR0A & _BV(RXC0))) return false;
    *byte = (char)UDR0;
    return true;
}

void line_put(char byte) {
    while (!(UCSR0A & _BV(UDRE0))) {}
    UDR0 = (uint8_t)byte;
}
