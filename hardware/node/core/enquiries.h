/*
 * Presses that the gateway has heard and no receiver has accepted: the node asks on (section 7.3).
 */
#ifndef CALLPOINT_ENQUIRIES_H
#define CALLPOINT_ENQUIRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "node.h"

struct enquiry {
    uint32_t counter;
    uint8_t payload[2];
    uint8_t status;
    uint32_t next, end;
};

struct enquiries {
    struct enquiry list[ENQUIRIES_LENGTH]; /* oldest first */
    uint8_t length;
};

/* The higher of the two: heard, sent, not confirmed, accepted (section 7.4). */
uint8_t higher_status(uint8_t a, uint8_t b);

/* A press left the queue. The oldest enquiry gives way to a ninth. */
void enquiries_add(struct enquiries *enquiries, uint32_t counter, const uint8_t payload[2], uint8_t status,
                   uint32_t now);

/* A later acknowledgement of a press. A status never falls. */
void enquiries_raise(struct enquiries *enquiries, uint32_t counter, uint8_t status, uint32_t now);

/* Forgets those that have asked for an hour. */
void enquiries_expire(struct enquiries *enquiries, uint32_t now);

/* The enquiry to send now, or NULL. */
const struct enquiry *enquiries_next(const struct enquiries *enquiries, uint32_t now);

/* Plans the next sending of what enquiries_next returned. */
void enquiries_sent(struct enquiries *enquiries, const struct enquiry *enquiry, uint32_t now);

uint32_t enquiries_due(const struct enquiries *enquiries, uint32_t now);

#endif
