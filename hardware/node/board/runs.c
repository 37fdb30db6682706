#include "runs.h"

#include <stddef.h>

enum { BODY_MIN = 22, BODY_LENGTH_MAX = 62, SLOTS = 4 /* a power of 2 */, TYPE_DOWN = 0x80 };

/* While AES works on one body, two more wait and a third comes in. */
static struct {
    uint8_t length;
    uint8_t body[BODY_LENGTH_MAX];
} slots[SLOTS];
static uint8_t incoming, oldest;
static uint8_t run_length;
static bool is_dropped;
static volatile uint8_t ready;
static uint8_t own_address;

void runs_start(uint8_t address) { own_address = address; }

void runs_begin(void) {
    run_length = 0;
    is_dropped = false;
}

static bool end_run(void) {
    if (run_length >= BODY_MIN) {
        slots[incoming].length = run_length;
        incoming = (incoming + 1) % SLOTS;
        ready++;
    }
    runs_begin();
    return false;
}

/*
 * A frame to this node has its address as third byte and then its type, because neither the version
 * (01) nor the address is 00: the first COBS code is 4 or more, and nothing is replaced before it.
 */
bool runs_take(uint8_t byte) {
    if (byte == 0) return end_run();
    if (is_dropped) return true;
    const uint8_t at = run_length;
    const bool is_foreign = (at == 2 && byte != own_address) || (at == 3 && !(byte & TYPE_DOWN));
    if (is_foreign || at == BODY_LENGTH_MAX || ready == SLOTS) {
        run_length = 0;
        is_dropped = true;
        return true;
    }
    slots[incoming].body[at] = byte;
    run_length = at + 1;
    return false;
}

bool runs_are_ready(void) { return ready != 0; }

uint8_t *runs_oldest(uint8_t *length) {
    if (ready == 0) return NULL;
    *length = slots[oldest].length;
    return slots[oldest].body;
}

void runs_release(void) {
    oldest = (oldest + 1) % SLOTS;
    ready--;
}
