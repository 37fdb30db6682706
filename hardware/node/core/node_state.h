/* The whole state of a node. The board reserves it, and does not look into it. */
#ifndef CALLPOINT_NODE_STATE_H
#define CALLPOINT_NODE_STATE_H

#include "contacts.h"
#include "enquiries.h"
#include "queue.h"

/* What the wall shows: the status of the press with the highest counter (section 7.4). */
struct shown {
    uint32_t counter; /* 0: the newest press waits for its counter, or none was made */
    uint32_t since;   /* when the status came */
    uint8_t status;
    bool is_old;    /* the status came a minute ago or more */
    bool is_silent; /* a press of a button that shows nothing */
};

struct node {
    const struct settings *settings;
    uint32_t epoch, counter;
    uint32_t session, session_counter; /* of the last frame obeyed; 0: none since the start */
    uint32_t random;
    uint32_t uptime_seconds, uptime_since; /* counted up to this time */
    uint32_t heartbeat_at;
    bool heartbeat_owed;
    bool supply_known;
    bool silent_mode;
    struct supply supply;
    struct shown shown;
    struct contacts contacts;
    struct queue queue;
    struct enquiries enquiries;
};

/* Carries out what has become due by itself. */
void node_tick(struct node *node, uint32_t now);

/* The frame of this type, as the queue keeps it. */
void node_offer(struct node *node, uint8_t type, const uint8_t *payload, uint32_t now);

/* Shows the status of the press with this counter, if it is the newest press. */
void node_show(struct node *node, uint32_t counter, uint8_t status, uint32_t now);

#endif
