/* Frames: framing, header, payloads (sections 2 to 5). */
#ifndef CALLPOINT_FRAME_H
#define CALLPOINT_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "node.h"

enum {
    HEADER_LENGTH = 11,
    TAG_LENGTH = 8,
    CRC_LENGTH = 2,
    BODY_MIN = HEADER_LENGTH + TAG_LENGTH + CRC_LENGTH + 1,
    PAYLOAD_MAX = 40,
    /* The longest payload that a node sends: a hello. */
    UP_PAYLOAD_MAX = 14
};

enum frame_type {
    TYPE_PRESS = 0x01,
    TYPE_RELEASE = 0x02,
    TYPE_POINT = 0x03,
    TYPE_HEARTBEAT = 0x04,
    TYPE_HELLO = 0x05,
    TYPE_ACKNOWLEDGEMENT = 0x81,
    TYPE_POLL = 0x82,
    TYPE_SILENT = 0x83,
    TYPE_IS_DOWN = 0x80
};

enum pattern { PATTERN_SINGLE = 1, PATTERN_LONG = 2 };

/* In the order of the checks (section 2). */
enum frame_fault {
    FRAME_OK,
    FRAME_TOO_SHORT,
    FRAME_TOO_LONG,
    FRAME_COBS,
    FRAME_CRC,
    FRAME_VERSION,
    FRAME_TYPE,
    FRAME_ADDRESS
};

struct frame_header {
    uint8_t address;
    uint8_t type;
    uint32_t epoch, counter;
};

/* Length of the payload of this type; 0 if version 1 has no such type. */
uint8_t payload_length(uint8_t type);

/* Seals a frame for the wire, delimiters included. Returns its length. */
uint8_t frame_seal(uint8_t frame[FRAME_MAX], const uint8_t key[KEY_LENGTH], const struct frame_header *header,
                   const uint8_t *payload, uint8_t payload_bytes);

/*
 * Decodes the bytes between two delimiters in place. If there is no fault, `body` then begins with
 * the header, and *length is without the CRC.
 */
enum frame_fault frame_parse(uint8_t *body, uint8_t *length, struct frame_header *header);

/*
 * Opens a parsed frame in place. Its payload is then body + HEADER_LENGTH. False if it is not
 * authentic.
 */
bool frame_open(uint8_t *body, uint8_t length, const uint8_t key[KEY_LENGTH]);

#endif
