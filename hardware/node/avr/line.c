#include "line.h"

#include "board.h"
#include "clock.h"
#include "events.h"

enum { BODY_MIN = 22, BODY_LENGTH_MAX = 62, SLOTS = 4 /* a power of 2 */, TYPE_DOWN = 0x80 };

/* While AES works on one body, two more wait and a third comes in. */
static struct {
    uint8_t length;
    uint8_t body[BODY_LENGTH_MAX];
} slots[SLOTS];
static uint8_t incoming, run_length; /* the receiver's */
static volatile uint8_t ready;       /* slots with a body */
static uint8_t oldest;
static uint8_t own_address;
static bool is_shared;

static const uint8_t *volatile next_byte;
static volatile uint8_t bytes_left;
static volatile bool is_sending;
static uint8_t character_counts; /* of Timer 1 */

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
    own_address = address;
    is_shared = shared;
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}

static void end_run(void) {
    GPIOR0 &= (uint8_t)~_BV(RUN_DROPPED);
    const uint8_t length = run_length;
    run_length = 0;
    if (length < BODY_MIN) return;
    slots[incoming].length = length;
    ready++;
    incoming = (incoming + 1) % SLOTS;
    GPIOR0 |= _BV(EVENT_BODY);
}

/*
 * A frame to this node has its address as third byte and then its type, because neither the version
 * (01) nor the address is 00: the first COBS code is 4 or more, and nothing is replaced before it.
 * The interrupt begins in receive.S.
 */
void __vector_take_byte(void) __attribute__((signal, used, externally_visible));
void __vector_take_byte(void) {
    const uint8_t byte = GPIOR1;
    if (byte == 0) {
        end_run();
        return;
    }
    const uint8_t at = run_length;
    const bool is_foreign = (at == 2 && byte != own_address) || (at == 3 && !(byte & TYPE_DOWN));
    if (is_foreign || at == BODY_LENGTH_MAX || ready == SLOTS) {
        run_length = 0;
        GPIOR0 |= _BV(RUN_DROPPED);
        return;
    }
    slots[incoming].body[at] = byte;
    run_length = at + 1;
}

uint8_t *line_body(uint8_t *length) {
    if (ready == 0) return 0;
    *length = slots[oldest].length;
    return slots[oldest].body;
}

void line_release(void) {
    oldest = (oldest + 1) % SLOTS;
    cli();
    ready--;
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
        run_length = 0;
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

void line_sleep(void) {
    UCSR0B = _BV(TXEN0);
    DE_PORT |= _BV(RE_BIT);
}

void line_wake(void) {
    DE_PORT &= (uint8_t)~_BV(RE_BIT);
    run_length = 0;
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}
