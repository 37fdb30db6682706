#include "service_mode.h"

#include <avr/io.h>
#include <avr/wdt.h>

#include "../core/service.h"
#include "board.h"
#include "line.h"
#include "watchdog.h"

static const struct board board = {.name = BOARD_NAME, .buttons_max = BUTTONS_MAX, .points_max = POINTS_MAX, .bauds = BAUDS};

static void answer(const char *text, uint8_t length) {
    while (length-- > 0) {
        while (!(UCSR0A & _BV(UDRE0))) {}
        UDR0 = (uint8_t)*text++;
    }
}

/* The transceiver's receiver is off here, so that the USB chip of the board is heard. */
void service_mode(void) {
    static char line[SERVICE_LINE_MAX], reply[SERVICE_LINE_MAX];
    uint8_t length = 0;
    DE_PORT |= _BV(RE_BIT);
    LED_PORT |= _BV(RED_BIT) | _BV(GREEN_BIT);
    line_set_baud(SERVICE_BAUD_HUNDREDS);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    while (board_jumper_is_set()) {
        wdt_reset();
        if (!(UCSR0A & _BV(RXC0))) continue;
        const char byte = (char)UDR0;
        if (byte != '\n' && byte != '\r') {
            /* A line that is too long loses its end, so its CRC does not fit. */
            if (length < SERVICE_LINE_MAX) line[length++] = byte;
        } else if (length > 0) {
            answer(reply, service_line(&board, line, length, reply));
            length = 0;
        }
    }
    restart();
}
