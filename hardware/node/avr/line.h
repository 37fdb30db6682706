/* The bus: USART0, and the transceiver's DE and RE (section 1 of the specification). */
#ifndef CALLPOINT_LINE_H
#define CALLPOINT_LINE_H

#include <stdbool.h>
#include <stdint.h>

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

enum { SERVICE_BAUD_HUNDREDS = 384 };

/* False if the chip's clock cannot make this rate. */
bool line_set_baud(uint16_t baud_hundreds);

/* Listens for frames to this address. `shared`: the receiver is off while the node sends. */
void line_listen(uint8_t address, bool shared);

/* The oldest run of bytes for this node, or null. It stays until line_release. */
uint8_t *line_body(uint8_t *length);
void line_release(void);

/* Sends these bytes, which must stay as they are until EVENT_SENT. */
void line_send(const uint8_t *bytes, uint8_t length);
bool line_is_sending(void);

/*
 * Begins to look for start bits. Leaves EVENT_WINDOW after this many characters. line_was_active
 * tells whether there was one since line_watch, even after the window.
 */
void line_watch(uint8_t characters);
bool line_was_active(void);
void line_end_watch(void);

/* Switches the transceiver off, or its receiver on. */
void line_sleep(void);
void line_wake(void);

#endif
