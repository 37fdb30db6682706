/* Little-endian numbers in bytes (section 3), and times of a clock that wraps. */
#ifndef CALLPOINT_BYTES_H
#define CALLPOINT_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t get_u32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline void put_u16(uint8_t *bytes, uint16_t value) {
    bytes[0] = (uint8_t)(value & 0xFF);
    bytes[1] = (uint8_t)(value >> 8);
}

static inline void put_u32(uint8_t *bytes, uint32_t value) {
    put_u16(bytes, (uint16_t)(value & 0xFFFF));
    put_u16(bytes + 2, (uint16_t)(value >> 16));
}

static inline uint16_t bit(uint8_t number) { return (uint16_t)(1U << number); }

/* True if `time` is now or in the past. Right within 24 days on either side. */
static inline bool is_past(uint32_t time, uint32_t now) { return (now - time) < 0x80000000U; }

/* Milliseconds until `time`; 0 if it is past. */
static inline uint32_t until(uint32_t time, uint32_t now) { return is_past(time, now) ? 0 : time - now; }

/* Milliseconds until `span` has passed since `since`, which is not in the future. */
static inline uint32_t rest(uint32_t since, uint32_t span, uint32_t now) {
    uint32_t passed = now - since;
    return passed >= span ? 0 : span - passed;
}

static inline uint32_t sooner(uint32_t a, uint32_t b) { return a < b ? a : b; }

#endif
