/*
 * Bytes that a line might bring, to a node under the sanitizers: noise, and frames of the gateway
 * with a byte or two changed. Every frame that the node sends must open. Arguments: seed, number.
 */
#include <stdio.h>

#include "core-host.c"

static uint32_t state;

static uint32_t upto(uint32_t limit) { return random_of_the_node(&state, limit); }

static const uint8_t key[KEY_LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static uint8_t make_noise(uint8_t *body) {
    const uint8_t length = (uint8_t)upto(BODY_MAX);
    for (uint8_t i = 0; i < length; i++) body[i] = (uint8_t)(1 + upto(254));
    return length;
}

static uint8_t make_frame(uint8_t *body, uint32_t epoch, uint32_t counter, uint32_t session_counter) {
    uint8_t frame[FRAME_MAX], payload[PAYLOAD_MAX];
    const uint8_t bytes = (uint8_t)upto(PAYLOAD_MAX);
    for (uint8_t i = 0; i < PAYLOAD_MAX; i++) payload[i] = (uint8_t)upto(255);
    for (uint8_t i = 0; i < 4 && upto(7) != 0; i++) payload[i] = (uint8_t)(epoch >> 8 * i);
    for (uint8_t i = 0; i < 4 && upto(7) != 0; i++) payload[4 + i] = (uint8_t)((counter - upto(8)) >> 8 * i);
    if (upto(7) != 0) payload[8] = (uint8_t)upto(5);
    const uint8_t type = (uint8_t)(0x80 + upto(4));
    const uint8_t length = host_seal(frame, key, 17, type, 9, session_counter, payload, bytes);
    memcpy(body, frame + 1, (size_t)length - 2);
    return (uint8_t)(length - 2);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    state = (uint32_t)strtoul(argv[1], NULL, 10) | 1;
    const uint32_t runs = (uint32_t)strtoul(argv[2], NULL, 10);
    static const uint8_t serial[SERIAL_LENGTH];
    static const uint16_t numbers[] = {17, 16, 16, 3, 4, 30, 1, 1};
    struct host *const host = host_new();
    if (host == NULL) return 2;
    host_set(host, key, serial, numbers);
    uint32_t now = 0xFFFF0000, sent = 0, obeyed = 0;
    host_start(host, 5, now, state);
    for (uint32_t i = 1; i <= runs; i++) {
        /* Of its own size, so that a byte read or written behind it is found. */
        uint8_t body[BODY_MAX];
        uint8_t length = upto(3) == 0 ? make_noise(body) : make_frame(body, 5, host_counter(host), i);
        for (uint32_t changes = upto(3); changes > 1 && length > 0; changes--) body[upto(length - 1U)] = (uint8_t)upto(255);
        if (upto(15) == 0) length = (uint8_t)upto(length);
        uint8_t *const exact = malloc(length == 0 ? 1 : length);
        if (exact == NULL) return 2;
        memcpy(exact, body, length);
        host_body(host, exact, length, now);
        free(exact);
        obeyed += host->node.session_counter == i;
        if (upto(3) == 0) host_contacts(host, (uint16_t)upto(0xFFFF), (uint16_t)upto(0xFFFF), upto(1) != 0, now);
        uint8_t frame[FRAME_MAX];
        for (uint8_t answer; (answer = host_frame(host, frame, now)) != 0; sent++) {
            uint8_t bytes = (uint8_t)((answer & 127) - 2);
            if (host_open(frame + 1, &bytes, key) != 0) return puts("a frame of the node does not open"), 1;
        }
        uint32_t due;
        host_indicate(host, 0, now, &due);
        if (due == 0 || host_due(host, now) == 0) return puts("something is due for ever"), 1;
        now += upto(upto(255) == 0 ? 10000 : 50);
    }
    host_free(host);
    printf("%lu sent, %lu obeyed\n", (unsigned long)sent, (unsigned long)obeyed);
    return 0;
}
