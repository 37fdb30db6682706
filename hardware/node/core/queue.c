#include "queue.h"

#include <stddef.h>

#include "bytes.h"
#include "random.h"

enum {
    FIRST_REPEAT_MS = 80,
    LONGEST_REPEAT_MS = 2000,
    /* Each repeat is later by up to a fifth, so that nodes whose frames collided drift apart. */
    JITTER_PART = 5,
    /*
     * The gateway takes an unheard frame within this distance below the highest counter (section
     * 8.1).
     */
    GATEWAY_REACH = 63,
    /* A node keeps well inside that reach. */
    AHEAD_MAX = 32
};

uint8_t entry_type(const struct entry *entry) { return (uint8_t)(entry->type & ~TOLD_NOT_CONFIRMED); }

static bool is_press(const struct entry *entry) { return entry_type(entry) == TYPE_PRESS; }

static bool is_same_press(const struct entry *entry, const uint8_t *payload) {
    return is_press(entry) && entry->payload[0] == payload[0] && entry->payload[1] == payload[1];
}

static uint16_t *outside_of(struct queue *queue, const uint8_t *payload) {
    return &queue->outside[payload[1] == PATTERN_LONG ? 1 : 0];
}

bool queue_has(const struct queue *queue, uint8_t type) {
    for (uint8_t i = 0; i < queue->length; i++) {
        if (entry_type(&queue->entries[i]) == type) return true;
    }
    return false;
}

bool queue_has_outside(const struct queue *queue) { return queue->outside[0] != 0 || queue->outside[1] != 0; }

bool queue_has_press(const struct queue *queue) {
    return queue_has(queue, TYPE_PRESS) || queue_has_outside(queue);
}

static void enqueue(struct queue *queue, uint8_t type, const uint8_t *payload, uint32_t next) {
    struct entry *const entry = &queue->entries[queue->length++];
    entry->type = type;
    for (uint8_t i = 0; i < payload_length(type); i++) entry->payload[i] = payload[i];
    entry->counter = 0;
    entry->next = next;
    entry->gap = FIRST_REPEAT_MS;
}

static void take_out(struct queue *queue, uint8_t at) {
    queue->length--;
    for (uint8_t i = at; i < queue->length; i++) queue->entries[i] = queue->entries[i + 1];
}

/* Places are free: presses that waited for one come first. */
static void fill_up(struct queue *queue, uint32_t now) {
    for (uint8_t pattern = PATTERN_SINGLE; pattern <= PATTERN_LONG; pattern++) {
        for (uint8_t button = 0; button < 16; button++) {
            const uint8_t payload[2] = {button, pattern};
            uint16_t *const outside = outside_of(queue, payload);
            if ((*outside & bit(button)) == 0) continue;
            if (queue->length == QUEUE_LENGTH) return;
            *outside = (uint16_t)(*outside & ~bit(button));
            enqueue(queue, TYPE_PRESS, payload, now);
        }
    }
}

/*
 * Only the newest state of a point, heartbeat and hello are worth sending; and while a press waits,
 * no heartbeat is sent.
 */
static bool supersedes(uint8_t type, const uint8_t *payload, const struct entry *older) {
    const uint8_t older_type = entry_type(older);
    if (type == TYPE_PRESS) return older_type == TYPE_HEARTBEAT;
    if (type == TYPE_POINT) return older_type == TYPE_POINT && older->payload[0] == payload[0];
    return type == older_type && (type == TYPE_HEARTBEAT || type == TYPE_HELLO);
}

static void drop_superseded(struct queue *queue, uint8_t type, const uint8_t *payload) {
    for (uint8_t i = queue->length; i-- > 0;) {
        if (supersedes(type, payload, &queue->entries[i])) take_out(queue, i);
    }
}

static bool is_spoken_for(struct queue *queue, const uint8_t *payload) {
    for (uint8_t i = 0; i < queue->length; i++) {
        if (is_same_press(&queue->entries[i], payload)) return true;
    }
    return (*outside_of(queue, payload) & bit(payload[0])) != 0;
}

/* The newest frame that is not a press, or QUEUE_LENGTH (rule 1). */
static uint8_t newest_other(const struct queue *queue) {
    for (uint8_t i = queue->length; i-- > 0;) {
        if (!is_press(&queue->entries[i])) return i;
    }
    return QUEUE_LENGTH;
}

/* The newest press for which an older one stands, or QUEUE_LENGTH (rule 3). */
static uint8_t newest_doubled(const struct queue *queue) {
    for (uint8_t i = queue->length; i-- > 1;) {
        for (uint8_t older = 0; older < i; older++) {
            if (is_same_press(&queue->entries[older], queue->entries[i].payload)) return i;
        }
    }
    return QUEUE_LENGTH;
}

/* The four rules of section 7.2 for a press that finds all places taken. */
static enum offered make_room(struct queue *queue, const uint8_t *payload) {
    uint8_t victim = newest_other(queue);
    if (victim == QUEUE_LENGTH) {
        if (is_spoken_for(queue, payload)) return OFFER_DROPPED;
        victim = newest_doubled(queue);
    }
    if (victim == QUEUE_LENGTH) {
        uint16_t *const outside = outside_of(queue, payload);
        *outside = (uint16_t)(*outside | bit(payload[0]));
        return OFFER_OUTSIDE;
    }
    take_out(queue, victim);
    return OFFER_TAKEN;
}

enum offered queue_offer(struct queue *queue, uint8_t type, const uint8_t *payload, uint32_t *random, uint8_t wait_ms,
                         uint32_t now) {
    drop_superseded(queue, type, payload);
    if (queue->length == QUEUE_LENGTH) {
        const enum offered offered = type == TYPE_PRESS ? make_room(queue, payload) : OFFER_DROPPED;
        if (offered != OFFER_TAKEN) return offered;
    }
    enqueue(queue, type, payload, wait_ms == 0 ? now : now + random_upto(random, wait_ms));
    return OFFER_TAKEN;
}

/*
 * So far behind the newest frame that the gateway refuses it, or soon will. It then needs a new
 * counter.
 */
static bool is_overtaken(const struct entry *entry, uint32_t counter) {
    return counter - entry->counter > (is_press(entry) ? GATEWAY_REACH : AHEAD_MAX);
}

static bool needs_counter(const struct entry *entry, uint32_t counter) {
    return entry->counter == 0 || is_overtaken(entry, counter);
}

/*
 * What is not a press waits while its new counter would be too far above a press that was sent. At
 * the counter's end nothing new is sealed: the node restarts (section 6).
 */
static bool may_send(const struct queue *queue, const struct entry *entry, uint32_t counter) {
    if (!needs_counter(entry, counter)) return true;
    if (counter == UINT32_MAX) return false;
    if (is_press(entry)) return true;
    for (uint8_t i = 0; i < queue->length; i++) {
        const struct entry *const press = &queue->entries[i];
        if (is_press(press) && press->counter != 0 && counter + 1 - press->counter > AHEAD_MAX) return false;
    }
    return true;
}

uint8_t queue_next(const struct queue *queue, uint32_t counter, uint32_t now) {
    uint8_t other = QUEUE_LENGTH;
    for (uint8_t i = 0; i < queue->length; i++) {
        const struct entry *const entry = &queue->entries[i];
        if (!is_past(entry->next, now) || !may_send(queue, entry, counter)) continue;
        if (is_press(entry)) return i;
        if (other == QUEUE_LENGTH) other = i;
    }
    return other;
}

bool queue_send(struct entry *entry, uint32_t *counter, uint32_t *random, uint32_t now) {
    const bool is_new = needs_counter(entry, *counter);
    if (is_new) {
        entry->counter = ++*counter;
        entry->gap = FIRST_REPEAT_MS;
    }
    entry->next = now + entry->gap + random_upto(random, entry->gap / JITTER_PART);
    entry->gap = entry->gap >= LONGEST_REPEAT_MS / 2 ? LONGEST_REPEAT_MS : (uint16_t)(entry->gap * 2);
    return is_new;
}

struct entry *queue_find(struct queue *queue, uint32_t counter) {
    for (uint8_t i = 0; i < queue->length; i++) {
        struct entry *const entry = &queue->entries[i];
        if (entry->counter != 0 && entry->counter == counter) return entry;
    }
    return NULL;
}

void queue_remove(struct queue *queue, const struct entry *entry, uint32_t now) {
    take_out(queue, (uint8_t)(entry - queue->entries));
    fill_up(queue, now);
}

void queue_refresh(struct queue *queue, uint32_t now) {
    for (uint8_t i = 0; i < queue->length; i++) {
        if (is_past(queue->entries[i].next, now)) queue->entries[i].next = now;
    }
}

uint32_t queue_due(const struct queue *queue, uint32_t counter, uint32_t now) {
    uint32_t due = UINT32_MAX;
    for (uint8_t i = 0; i < queue->length; i++) {
        const struct entry *const entry = &queue->entries[i];
        if (may_send(queue, entry, counter)) due = sooner(due, until(entry->next, now));
    }
    return due;
}
