/*
 * A wall node of the button bus, version 1 (hardware/button-bus.md): everything between its
 * contacts and its frames. It has no clock, no port and no pin of its own. The board's code
 * (hardware/node/avr, hardware/node/rp2040) calls it, and carries out what it says.
 *
 * Times are milliseconds of a free-running 32-bit clock, which may wrap. Nothing allocates.
 */
#ifndef CALLPOINT_NODE_H
#define CALLPOINT_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "settings.h"

#ifndef NODE_FIRMWARE_MINOR
#define NODE_FIRMWARE_MINOR 0
#endif

enum {
    FRAME_MAX = 64, /* with both delimiters: section 2 */
    BODY_MAX = 62,
    QUEUE_LENGTH = 8,
    ENQUIRIES_LENGTH = 8,
    FIRMWARE_MAJOR = 1,
    FIRMWARE_MINOR = NODE_FIRMWARE_MINOR
};

/* Status of a press as an acknowledgement tells it: section 4. 0: none yet. */
enum status { STATUS_NONE, STATUS_HEARD, STATUS_SENT, STATUS_ACCEPTED, STATUS_NOT_CONFIRMED };

/*
 * What the board measures. The node asks for nothing: the board tells, and tells again on a change.
 */
struct supply {
    uint16_t battery_mv; /* 0xFFFF: no battery */
    uint16_t supply_mv;  /* 0xFFFF: not measured */
    bool low_battery;
};

struct node; /* in node_state.h: the board reserves it, and never looks into it */

/*
 * Starts the node under an epoch that is already written (epoch.h). `random` is any seed: it only
 * spreads repeats. `settings` must live as long as the node. The first node_contacts follows at once.
 */
void node_start(struct node *node, const struct settings *settings, uint32_t epoch, uint32_t now, uint32_t random);

/*
 * The raw contacts, before debouncing: bit n of `buttons` is 1 while button n is closed, bit n of
 * `points` while point n is in its abnormal state. The board calls this whenever a contact has
 * changed, and when node_due has passed. The first call after the start is not debounced: a closed
 * button counts as pressed (section 7.1). The board may add to it every button that was closed
 * since its reset, so that a press during the wait for the supply (section 6) is not lost.
 */
void node_contacts(struct node *node, uint16_t buttons, uint16_t points, bool tamper, uint32_t now);

void node_supply(struct node *node, const struct supply *supply, uint32_t now);

/*
 * A run of bytes between two delimiters, at most BODY_MAX. It is decoded in place. The board counts
 * longer runs as noise and does not show them.
 */
void node_body(struct node *node, uint8_t *body, uint8_t length, uint32_t now);

/*
 * The next frame that is due, delimiters included, or 0. A press comes first. Its times count from
 * now: the board sends it at once when the line is free, or calls again when it is.
 * *is_press says that it may be sent on a line that never becomes free (section 9). An enquiry is
 * not: its press has been heard.
 */
uint8_t node_frame(struct node *node, uint8_t frame[FRAME_MAX], bool *is_press, uint32_t now);

/* True if node_frame would return a frame now. Costs no encryption. */
bool node_has_frame(const struct node *node, uint32_t now, bool *is_press);

/* Milliseconds until the node has something to do by itself: 0 now; UINT32_MAX never. */
uint32_t node_due(const struct node *node, uint32_t now);

/*
 * True when the counter has reached its end, or is near it and nothing would be forgotten: the board
 * resets itself, into the next epoch.
 */
bool node_must_restart(const struct node *node);

/*
 * No button is closed, no contact changes, and no press is under way. The node then hears nothing
 * that matters except answers to what it sends, so a node on a battery may sleep.
 */
bool node_is_quiet(const struct node *node);

/* What the wall shows (indicator.h makes the blinking and the sound of it). */
enum status node_status(const struct node *node);
/* The newest press waits for its first answer. */
bool node_is_calling(const struct node *node);
/* Nothing is shown or sounded at the wall. */
bool node_is_silent(const struct node *node);

#endif
