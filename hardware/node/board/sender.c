#include "sender.h"

#include "clock.h"
#include "line.h"

enum {
    FREE_CHARACTERS = 3,
    RANDOM_CHARACTERS = 16,
    OVERRIDE_MS = 100 /* a press is then sent whatever the line does */
};

static enum { IDLE, WAITING, SENDING } state;
static bool line_is_shared;
static uint8_t frame[FRAME_MAX];
static uint8_t frame_length;
static bool is_press;
static bool had_to_wait;    /* the line was not free at first */
static bool is_random_wait; /* it was free since, and the random wait runs */
static uint32_t waits_since;
static uint16_t random_state;

/* Xorshift of 16 bits: it only spreads waits. */
static uint8_t random_below_16(void) {
    random_state ^= (uint16_t)(random_state << 7);
    random_state ^= random_state >> 9;
    random_state ^= (uint16_t)(random_state << 8);
    return random_state & (RANDOM_CHARACTERS - 1);
}

void sender_start(bool is_shared, uint16_t random) {
    line_is_shared = is_shared;
    random_state = random | 1;
}

static void send(void) {
    state = SENDING;
    line_send(frame, frame_length);
}

static void look_again(bool with_random_wait) {
    is_random_wait = with_random_wait;
    const uint8_t characters = with_random_wait ? random_below_16() : FREE_CHARACTERS;
    if (characters == 0) send();
    else line_watch(characters);
}

/*
 * The line is watched while the frame is sealed: that takes longer than 3 characters at most rates,
 * so a press on a free line loses no time.
 */
static void take_frame(struct node *node, uint32_t now) {
    if (line_is_shared) line_watch(FREE_CHARACTERS);
    if (state == IDLE) waits_since = now;
    frame_length = node_frame(node, frame, &is_press, now);
    if (frame_length == 0) {
        line_end_watch();
        state = IDLE;
    } else if (line_is_shared) {
        state = WAITING;
        had_to_wait = is_random_wait = false;
    } else {
        send();
    }
}

void sender_step(struct node *node, bool window_over, uint32_t now) {
    if (state == SENDING) {
        if (line_is_sending()) return;
        state = IDLE;
    }
    bool next_is_press;
    /* A press takes the place of a frame that waits. The node repeats that one by itself. */
    if ((state == IDLE || !is_press) && node_has_frame(node, now, &next_is_press) &&
        (state == IDLE || next_is_press)) {
        take_frame(node, now);
        return;
    }
    if (state != WAITING || !window_over) return;
    if (is_press && now - waits_since >= OVERRIDE_MS) {
        send();
    } else if (line_was_active()) {
        had_to_wait = true;
        look_again(false);
    } else if (had_to_wait && !is_random_wait) {
        look_again(true);
    } else {
        send();
    }
}

bool sender_is_idle(void) { return state == IDLE; }
