/*
 * The non-volatile memory, as the board gives it (EEPROM of the AVR, two flash sectors of the
 * RP2040). A write of one byte may be cut by a power failure at any instant: the byte is then
 * anything. Both functions may take milliseconds.
 */
#ifndef CALLPOINT_STORAGE_H
#define CALLPOINT_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { STORAGE_LENGTH = 512 }; /* bytes; 0...255 epoch slots, 256...511 two copies of the settings */

uint8_t storage_read(uint16_t at);
/* False if the byte does not read back. A byte that is the same already is not written. */
bool storage_write(uint16_t at, uint8_t byte);

#endif
