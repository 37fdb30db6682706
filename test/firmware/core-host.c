/*
 * The node's core on the host, for the tests: a memory whose writes can be cut, random numbers that
 * can be set, and access to the node's inside. Compiled into one library with hardware/node/core.
 */
#include <stdlib.h>
#include <string.h>

#include "aes128.h"
#include "ccm.h"
#include "crc16.h"
#include "epoch.h"
#include "indicator.h"
#include "node_state.h"
#include "storage.h"

#define random_upto random_of_the_node
#include "random.c"
#undef random_upto

/* With a script, each number is 0 or half the limit: exact for the TypeScript node as well. */
static uint32_t script;

void host_random(uint32_t seed) { script = seed; }

uint32_t random_upto(uint32_t *state, uint32_t limit) {
    if (script == 0) return random_of_the_node(state, limit);
    return (random_of_the_node(&script, UINT32_MAX - 1) >> 16 & 1) != 0 ? limit / 2 : 0;
}

static uint8_t memory[STORAGE_LENGTH];
static int32_t writes_left = -1; /* until the power is cut; below 0: it is never cut */
static uint8_t torn;             /* what the cut write leaves */
static bool is_cut;
static uint8_t worn_from, worn_to; /* bytes that cannot be written any more */

uint8_t *host_memory(void) { return memory; }

void host_power(int32_t writes, uint8_t torn_byte) {
    writes_left = writes;
    torn = torn_byte;
    is_cut = false;
}

bool host_is_cut(void) { return is_cut; }

void host_wear(uint8_t from, uint8_t to) {
    worn_from = from;
    worn_to = to;
}

uint8_t storage_read(uint16_t at) { return memory[at]; }

bool storage_write(uint16_t at, uint8_t byte) {
    if (is_cut) return false;
    if (memory[at] == byte) return true;
    if (writes_left == 0) {
        memory[at] = torn;
        is_cut = true;
        return false;
    }
    if (writes_left > 0) writes_left--;
    if (at >= worn_from && at < worn_to) return false;
    memory[at] = byte;
    return true;
}

struct host {
    struct settings settings;
    struct node node;
};

struct host *host_new(void) { return calloc(1, sizeof(struct host)); }

void host_free(struct host *host) { free(host); }

/* numbers: address, buttons, points, long_press, silent, heartbeat_seconds, shared_line, buzzer */
void host_set(struct host *host, const uint8_t *key, const uint8_t *serial, const uint16_t *numbers) {
    struct settings *const settings = &host->settings;
    memcpy(settings->key, key, KEY_LENGTH);
    memcpy(settings->serial, serial, SERIAL_LENGTH);
    settings->address = (uint8_t)numbers[0];
    settings->buttons = (uint8_t)numbers[1];
    settings->points = (uint8_t)numbers[2];
    settings->long_press = numbers[3];
    settings->silent = numbers[4];
    settings->heartbeat_seconds = numbers[5];
    settings->shared_line = numbers[6] != 0;
    settings->buzzer = numbers[7] != 0;
}

void host_start(struct host *host, uint32_t epoch, uint32_t now, uint32_t random) {
    node_start(&host->node, &host->settings, epoch, now, random);
}

void host_contacts(struct host *host, uint16_t buttons, uint16_t points, bool tamper, uint32_t now) {
    node_contacts(&host->node, buttons, points, tamper, now);
}

void host_supply(struct host *host, uint16_t battery_mv, uint16_t supply_mv, bool low, uint32_t now) {
    const struct supply supply = {battery_mv, supply_mv, low};
    node_supply(&host->node, &supply, now);
}

void host_body(struct host *host, uint8_t *body, uint8_t length, uint32_t now) {
    node_body(&host->node, body, length, now);
}

/* The length of the frame, and 128 besides if it is a press that may be forced. */
uint8_t host_frame(struct host *host, uint8_t *frame, uint32_t now) {
    bool is_press = false;
    const uint8_t length = node_frame(&host->node, frame, &is_press, now);
    return (uint8_t)(length | (is_press ? 128 : 0));
}

/* 0: no frame; 1: a frame; 3: a press. */
uint8_t host_has_frame(const struct host *host, uint32_t now) {
    bool is_press = false;
    const bool has = node_has_frame(&host->node, now, &is_press);
    return (uint8_t)((has ? 1 : 0) | (is_press ? 2 : 0));
}

uint32_t host_due(const struct host *host, uint32_t now) { return node_due(&host->node, now); }
bool host_must_restart(const struct host *host) { return node_must_restart(&host->node); }
uint8_t host_status(const struct host *host) { return (uint8_t)node_status(&host->node); }
bool host_is_calling(const struct host *host) { return node_is_calling(&host->node); }
bool host_is_silent(const struct host *host) { return node_is_silent(&host->node); }
uint32_t host_counter(const struct host *host) { return host->node.counter; }
void host_set_counter(struct host *host, uint32_t counter) { host->node.counter = counter; }
uint8_t host_waiting(const struct host *host) { return host->node.queue.length; }
uint8_t host_enquiries(const struct host *host) { return host->node.enquiries.length; }

/* Red 1, green 2, buzzer 4; *due as in the indication. */
uint8_t host_indicate(const struct host *host, uint8_t fault, uint32_t now, uint32_t *due) {
    struct indication out;
    indicate(&out, fault == FAULT_NONE ? &host->node : NULL, (enum fault)fault, now);
    *due = out.due;
    return (uint8_t)((out.red ? 1 : 0) | (out.green ? 2 : 0) | (out.buzzer ? 4 : 0));
}

/* The fault of a body, or 8 if it is not authentic, or 0. Then `body` is the open frame. */
uint8_t host_open(uint8_t *body, uint8_t *length, const uint8_t *key) {
    struct frame_header header;
    const enum frame_fault fault = frame_parse(body, length, &header);
    if (fault != FRAME_OK) return (uint8_t)fault;
    return frame_open(body, *length, key) ? 0 : 8;
}

uint8_t host_seal(uint8_t *frame, const uint8_t *key, uint8_t address, uint8_t type, uint32_t epoch, uint32_t counter,
                  const uint8_t *payload, uint8_t length) {
    const struct frame_header header = {address, type, epoch, counter};
    return frame_seal(frame, key, &header, payload, length);
}

void host_ccm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *clear, uint8_t clear_length, uint8_t *text,
                   uint8_t length) {
    const struct ccm_clear part = {clear, clear_length};
    ccm_seal(key, nonce, part, text, length);
}

bool host_ccm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *clear, uint8_t clear_length, uint8_t *text,
                   uint8_t length) {
    const struct ccm_clear part = {clear, clear_length};
    return ccm_open(key, nonce, part, text, length);
}
