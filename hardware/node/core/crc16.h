/* CRC-16/GENIBUS (section 2). */
#ifndef CALLPOINT_CRC16_H
#define CALLPOINT_CRC16_H

#include <stdint.h>

/* CRC of any good bytes with their own CRC at the end. */
#define CRC16_GOOD 0xE2F0U

uint16_t crc16(const uint8_t *bytes, uint8_t length);

#endif
