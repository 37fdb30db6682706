/* Frames on their way to the gateway (section 7.2). Each is repeated until it is acknowledged. */
#ifndef CALLPOINT_QUEUE_H
#define CALLPOINT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/* The frame itself is not kept: the same payload under the same counter seals to the same bytes. */
struct entry {
    uint8_t type; /* TOLD_NOT_CONFIRMED besides */
    uint8_t payload[UP_PAYLOAD_MAX];
    uint32_t counter; /* 0: not sent yet */
    uint32_t next;    /* time of the next sending */
    uint16_t gap;     /* from then to the one after it */
};

enum { TOLD_NOT_CONFIRMED = 0x80 };

struct queue {
    struct entry entries[QUEUE_LENGTH]; /* oldest first */
    uint8_t length;
    uint16_t outside[2]; /* presses without a place: a bit per button, single and long */
};

enum offered {
    OFFER_TAKEN,
    OFFER_OUTSIDE, /* a press, kept until a place is free */
    OFFER_DROPPED  /* an older press stands for it, or it is no press */
};

uint8_t entry_type(const struct entry *entry);

/* The payload has the length of its type. A new frame waits for a random time up to wait_ms. */
enum offered queue_offer(struct queue *queue, uint8_t type, const uint8_t *payload, uint32_t *random, uint8_t wait_ms,
                         uint32_t now);

bool queue_has(const struct queue *queue, uint8_t type);

/* A press waits for a place. */
bool queue_has_outside(const struct queue *queue);

/* A press is queued, or waits for a place. */
bool queue_has_press(const struct queue *queue);

/* The place of the entry to send now, or QUEUE_LENGTH. `counter` is that of the newest frame. */
uint8_t queue_next(const struct queue *queue, uint32_t counter, uint32_t now);

/*
 * Gives the entry its counter if it needs one (*counter rises), and plans its repeat. True if the
 * counter is new.
 */
bool queue_send(struct entry *entry, uint32_t *counter, uint32_t *random, uint32_t now);

/* The entry that was sent under this counter, or NULL. */
struct entry *queue_find(struct queue *queue, uint32_t counter);

void queue_remove(struct queue *queue, const struct entry *entry, uint32_t now);

/* Keeps the times of entries that wait for others near: the clock wraps. */
void queue_refresh(struct queue *queue, uint32_t now);

uint32_t queue_due(const struct queue *queue, uint32_t counter, uint32_t now);

#endif
