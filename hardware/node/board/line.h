/* The bus: the UART, and the transceiver's DE and RE (section 1 of the specification). */
#ifndef CALLPOINT_LINE_H
#define CALLPOINT_LINE_H

#include <stdbool.h>
#include <stdint.h>

enum { SERVICE_BAUD_HUNDREDS = 384 };

/* False if the chip's clock cannot make this rate. */
bool line_set_baud(uint16_t baud_hundreds);

/* Listens for frames to this address. `shared`: the receiver is off while the node sends. */
void line_listen(uint8_t address, bool shared);

/* The oldest run of bytes for this node, or null. It stays until line_release. */
uint8_t *line_body(uint8_t *length);
void line_release(void);

/* Sends these bytes, which must stay as they are until line_is_sending is false. */
void line_send(const uint8_t *bytes, uint8_t length);
bool line_is_sending(void);

/*
 * Begins to look for start bits. port_sleep returns true after this many characters. line_was_active
 * tells whether there was one since line_watch, even after the window.
 */
void line_watch(uint8_t characters);
bool line_was_active(void);
void line_end_watch(void);

/* Bit n: the rate n of service.h is possible at this clock. */
extern const uint16_t line_bauds;

/* The service port: the same UART, with the transceiver's receiver off. line_get: false if no byte. */
void line_start_service(void);
bool line_get(char *byte);
void line_put(char byte);

#endif
