#include "crc16.h"

#include <stdbool.h>

uint16_t crc16(const uint8_t *bytes, uint8_t length) {
    uint16_t crc = 0xFFFF;
    while (length-- > 0) {
        crc = (uint16_t)(crc ^ ((uint16_t)*bytes++ << 8));
        for (uint8_t i = 0; i < 8; i++) {
            const bool carry = (crc & 0x8000U) != 0;
            crc = (uint16_t)(crc << 1);
            if (carry) crc ^= 0x1021U;
        }
    }
    return (uint16_t)~crc;
}
