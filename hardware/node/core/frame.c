#include "frame.h"

#include "bytes.h"
#include "ccm.h"
#include "crc16.h"

enum { VERSION = 1 };

uint8_t payload_length(uint8_t type) {
    switch (type) {
    case TYPE_PRESS:
    case TYPE_POINT:
        return 2;
    case TYPE_RELEASE:
        return 3;
    case TYPE_HEARTBEAT:
        return 12;
    case TYPE_HELLO:
        return UP_PAYLOAD_MAX;
    case TYPE_ACKNOWLEDGEMENT:
        return 9;
    case TYPE_POLL:
        return 4;
    case TYPE_SILENT:
        return 5;
    default:
        return 0;
    }
}

/*
 * Decodes in place. Returns the length, or 0 for a fault: no body that is long enough decodes to
 * nothing. A body has at most 62 bytes, so the code FF and its special rule never occur (section 2).
 */
static uint8_t cobs_decode(uint8_t *bytes, uint8_t length) {
    uint8_t from = 0, to = 0;
    while (from < length) {
        uint8_t code = bytes[from++];
        if (code == 0 || code - 1 > length - from) return 0;
        while (--code > 0) {
            if (bytes[from] == 0) return 0;
            bytes[to++] = bytes[from++];
        }
        if (from < length) bytes[to++] = 0;
    }
    return to;
}

/* Encodes in place: bytes[0] takes the first code, and each 00 behind it becomes the next one. */
static void cobs_encode(uint8_t *bytes, uint8_t length) {
    uint8_t code_at = 0;
    for (uint8_t i = 1; i < length; i++) {
        if (bytes[i] != 0) continue;
        bytes[code_at] = (uint8_t)(i - code_at);
        code_at = i;
    }
    bytes[code_at] = (uint8_t)(length - code_at);
}

/* The nonce is the header and two zeros (section 5). */
static void make_nonce(uint8_t nonce[CCM_NONCE], const uint8_t *header) {
    for (uint8_t i = 0; i < HEADER_LENGTH; i++) nonce[i] = header[i];
    nonce[11] = 0;
    nonce[12] = 0;
}

/* How much of the frame goes in the clear: the header, and a hello's payload. */
static struct ccm_clear clear_part(const uint8_t *raw, uint8_t payload_bytes) {
    struct ccm_clear clear = {raw, HEADER_LENGTH};
    if (raw[2] == TYPE_HELLO) clear.length = (uint8_t)(HEADER_LENGTH + payload_bytes);
    return clear;
}

uint8_t frame_seal(uint8_t frame[FRAME_MAX], const uint8_t key[KEY_LENGTH], const struct frame_header *header,
                   const uint8_t *payload, uint8_t payload_bytes) {
    uint8_t *const raw = frame + 2;
    uint8_t nonce[CCM_NONCE];
    raw[0] = VERSION;
    raw[1] = header->address;
    raw[2] = header->type;
    put_u32(raw + 3, header->epoch);
    put_u32(raw + 7, header->counter);
    for (uint8_t i = 0; i < payload_bytes; i++) raw[HEADER_LENGTH + i] = payload[i];
    make_nonce(nonce, raw);
    const struct ccm_clear clear = clear_part(raw, payload_bytes);
    ccm_seal(key, nonce, clear, raw + clear.length, (uint8_t)(HEADER_LENGTH + payload_bytes - clear.length));
    const uint8_t crc_at = (uint8_t)(HEADER_LENGTH + payload_bytes + TAG_LENGTH);
    const uint16_t crc = crc16(raw, crc_at);
    raw[crc_at] = (uint8_t)(crc >> 8);
    raw[crc_at + 1] = (uint8_t)(crc & 0xFF);
    const uint8_t body = (uint8_t)(crc_at + CRC_LENGTH + 1);
    cobs_encode(frame + 1, body);
    frame[0] = 0;
    frame[1 + body] = 0;
    return (uint8_t)(body + 2);
}

enum frame_fault frame_parse(uint8_t *body, uint8_t *length, struct frame_header *header) {
    if (*length < BODY_MIN) return FRAME_TOO_SHORT;
    if (*length > BODY_MAX) return FRAME_TOO_LONG;
    const uint8_t raw = cobs_decode(body, *length);
    if (raw == 0) return FRAME_COBS;
    if (crc16(body, raw) != CRC16_GOOD) return FRAME_CRC;
    if (body[0] != VERSION) return FRAME_VERSION;
    if (payload_length(body[2]) == 0) return FRAME_TYPE;
    if (body[1] < ADDRESS_MIN || body[1] > ADDRESS_MAX) return FRAME_ADDRESS;
    header->address = body[1];
    header->type = body[2];
    header->epoch = get_u32(body + 3);
    header->counter = get_u32(body + 7);
    *length = (uint8_t)(raw - CRC_LENGTH);
    return FRAME_OK;
}

bool frame_open(uint8_t *body, uint8_t length, const uint8_t key[KEY_LENGTH]) {
    uint8_t nonce[CCM_NONCE];
    const uint8_t payload_bytes = (uint8_t)(length - HEADER_LENGTH - TAG_LENGTH);
    make_nonce(nonce, body);
    const struct ccm_clear clear = clear_part(body, payload_bytes);
    return ccm_open(key, nonce, clear, body + clear.length, (uint8_t)(HEADER_LENGTH + payload_bytes - clear.length));
}
