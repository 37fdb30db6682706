#include "node.h"

#include <string.h>

#include "bytes.h"
#include "node_state.h"
#include "random.h"

/* What a hello says of the maker's choice (section 4). */
#ifndef NODE_MODEL
#define NODE_MODEL 1
#endif

enum {
    /*
     * Before the first sending of anything but a press, on a shared line; and before the first
     * heartbeat.
     */
    FIRST_WAIT_MS = 50,
    /* A supply that differs by an eighth has changed its state. */
    SUPPLY_CHANGE_PART = 8,
    FLAG_LOW_BATTERY = 1,
    FLAG_TAMPER = 2,
    FLAG_SILENT = 4,
    /* So few counters are left that the node restarts at the next quiet moment. */
    COUNTERS_LEFT_MIN = 0x1000
};
/* Above the range of an int of 16 bits. */
#define SHOWN_OLD_MS 60000UL
#define VOLTAGE_ABSENT 0xFFFFU

static void queue_hello(struct node *node, uint32_t now) {
    const struct settings *const settings = node->settings;
    uint8_t payload[UP_PAYLOAD_MAX];
    memcpy(payload, settings->serial, SERIAL_LENGTH);
    put_u16(payload + 8, NODE_MODEL);
    payload[10] = FIRMWARE_MAJOR;
    payload[11] = FIRMWARE_MINOR;
    payload[12] = settings->buttons;
    payload[13] = settings->points;
    node_offer(node, TYPE_HELLO, payload, now);
}

void node_start(struct node *node, const struct settings *settings, uint32_t epoch, uint32_t now, uint32_t random) {
    memset(node, 0, sizeof *node);
    node->settings = settings;
    node->epoch = epoch;
    /* Nodes that are switched on together must part, even if the board's seed is a constant. */
    node->random = random ^ (epoch + settings->address * UINT32_C(0x9E3779B9));
    if (node->random == 0) node->random = 1;
    node->uptime_since = now;
    node->supply.battery_mv = VOLTAGE_ABSENT;
    node->supply.supply_mv = VOLTAGE_ABSENT;
    queue_hello(node, now);
    /* The points may have changed while the power was off: the heartbeat says how they are. */
    node->heartbeat_at = now + FIRST_WAIT_MS;
}

void node_offer(struct node *node, uint8_t type, const uint8_t *payload, uint32_t now) {
    const uint8_t wait = node->settings->shared_line ? FIRST_WAIT_MS : 0;
    queue_offer(&node->queue, type, payload, &node->random, wait, now);
}

static void press(struct node *node, uint8_t button, uint8_t pattern, uint32_t now) {
    const uint8_t payload[2] = {button, pattern};
    /* The press takes a waiting heartbeat out of the queue. One follows when no press is left. */
    if (queue_has(&node->queue, TYPE_HEARTBEAT)) node->heartbeat_owed = true;
    if (queue_offer(&node->queue, TYPE_PRESS, payload, &node->random, 0, now) == OFFER_DROPPED) return;
    /* It shows nothing of an older press, from now on (section 7.4). */
    memset(&node->shown, 0, sizeof node->shown);
    node->shown.is_silent = (node->settings->silent & bit(button)) != 0;
}

static void take_event(struct node *node, const struct contact_event *event, uint32_t now) {
    uint8_t payload[3] = {event->number};
    put_u16(payload + 1, event->value);
    switch (event->kind) {
    case CONTACT_PRESS:
        press(node, event->number, payload[1], now);
        break;
    case CONTACT_RELEASE:
        node_offer(node, TYPE_RELEASE, payload, now);
        break;
    case CONTACT_POINT:
        node_offer(node, TYPE_POINT, payload, now);
        break;
    case CONTACT_TAMPER:
        node->heartbeat_owed = true;
        break;
    case CONTACT_NONE:
        break;
    }
}

static void take_events(struct node *node, uint32_t now) {
    struct contact_event event = {CONTACT_NONE, 0, 0};
    while (contacts_next(&node->contacts, node->settings, &event, now)) take_event(node, &event, now);
}

static void queue_heartbeat(struct node *node, uint32_t now) {
    const struct contacts *const contacts = &node->contacts;
    uint8_t payload[UP_PAYLOAD_MAX];
    put_u16(payload, node->supply.battery_mv);
    put_u16(payload + 2, node->supply.supply_mv);
    payload[4] = (uint8_t)((node->supply.low_battery ? FLAG_LOW_BATTERY : 0) | (contacts->tamper ? FLAG_TAMPER : 0) |
                           (node->silent_mode ? FLAG_SILENT : 0));
    put_u32(payload + 5, node->uptime_seconds);
    payload[9] = node->settings->points;
    put_u16(payload + 10, contacts->points);
    node_offer(node, TYPE_HEARTBEAT, payload, now);
}

/* No heartbeat while a press waits: the repeats of that are its proof of life (section 7.2). */
static void beat(struct node *node, uint32_t now) {
    const uint32_t tenth_ms = (uint32_t)node->settings->heartbeat_seconds * 100;
    if (is_past(node->heartbeat_at, now)) node->heartbeat_owed = true;
    if (!node->heartbeat_owed || queue_has(&node->queue, TYPE_PRESS)) return;
    node->heartbeat_owed = false;
    node->heartbeat_at = now + tenth_ms * 10 - random_upto(&node->random, tenth_ms);
    queue_heartbeat(node, now);
}

void node_tick(struct node *node, uint32_t now) {
    const uint32_t seconds = (now - node->uptime_since) / 1000;
    if (node->uptime_seconds <= UINT32_MAX - seconds) node->uptime_seconds += seconds;
    node->uptime_since += seconds * 1000;
    take_events(node, now);
    enquiries_expire(&node->enquiries, now);
    queue_refresh(&node->queue, now);
    if (rest(node->shown.since, SHOWN_OLD_MS, now) == 0) node->shown.is_old = true;
    beat(node, now);
}

void node_contacts(struct node *node, uint16_t buttons, uint16_t points, bool tamper, uint32_t now) {
    /* First what the contacts did until now, as they were: a wake may be late. */
    take_events(node, now);
    contacts_set(&node->contacts, node->settings, buttons, points, tamper, now);
    node_tick(node, now);
}

static bool has_changed(uint16_t before, uint16_t after) {
    const uint16_t difference = before > after ? (uint16_t)(before - after) : (uint16_t)(after - before);
    if ((before == VOLTAGE_ABSENT) != (after == VOLTAGE_ABSENT)) return true;
    return difference > before / SUPPLY_CHANGE_PART;
}

void node_supply(struct node *node, const struct supply *supply, uint32_t now) {
    const struct supply before = node->supply;
    const bool changed = before.low_battery != supply->low_battery ||
                         has_changed(before.battery_mv, supply->battery_mv) ||
                         has_changed(before.supply_mv, supply->supply_mv);
    node->supply = *supply;
    if (changed && node->supply_known) node->heartbeat_owed = true;
    node->supply_known = true;
    node_tick(node, now);
}

void node_show(struct node *node, uint32_t counter, uint8_t status, uint32_t now) {
    const uint8_t higher = higher_status(node->shown.status, status);
    if (counter == 0 || counter != node->shown.counter || higher == node->shown.status) return;
    node->shown.status = higher;
    node->shown.since = now;
    node->shown.is_old = false;
}

static uint8_t seal(const struct node *node, uint8_t frame[FRAME_MAX], uint8_t type, uint32_t counter,
                    const uint8_t *payload) {
    const struct frame_header header = {node->settings->address, type, node->epoch, counter};
    return frame_seal(frame, node->settings->key, &header, payload, payload_length(type));
}

/*
 * The press has a new counter, the highest: the wall shows this one. But while another waits for a
 * place, and so for its counter, it shows nothing.
 */
static void show_press(struct node *node, const struct entry *entry, uint32_t now) {
    if (queue_has_outside(&node->queue)) return;
    memset(&node->shown, 0, sizeof node->shown);
    node->shown.counter = entry->counter;
    node->shown.is_silent = (node->settings->silent & bit(entry->payload[0])) != 0;
    if ((entry->type & TOLD_NOT_CONFIRMED) != 0) node_show(node, entry->counter, STATUS_NOT_CONFIRMED, now);
}

uint8_t node_frame(struct node *node, uint8_t frame[FRAME_MAX], bool *is_press, uint32_t now) {
    node_tick(node, now);
    const uint8_t place = queue_next(&node->queue, node->counter, now);
    if (place < QUEUE_LENGTH) {
        struct entry *const entry = &node->queue.entries[place];
        *is_press = entry_type(entry) == TYPE_PRESS;
        if (queue_send(entry, &node->counter, &node->random, now) && *is_press) show_press(node, entry, now);
        return seal(node, frame, entry_type(entry), entry->counter, entry->payload);
    }
    const struct enquiry *const enquiry = enquiries_next(&node->enquiries, now);
    *is_press = false;
    if (enquiry == NULL) return 0;
    enquiries_sent(&node->enquiries, enquiry, now);
    return seal(node, frame, TYPE_PRESS, enquiry->counter, enquiry->payload);
}

bool node_has_frame(const struct node *node, uint32_t now, bool *is_press) {
    const uint8_t place = queue_next(&node->queue, node->counter, now);
    *is_press = place < QUEUE_LENGTH && entry_type(&node->queue.entries[place]) == TYPE_PRESS;
    return place < QUEUE_LENGTH || enquiries_next(&node->enquiries, now) != NULL;
}

uint32_t node_due(const struct node *node, uint32_t now) {
    uint32_t due = contacts_due(&node->contacts, node->settings, now);
    due = sooner(due, queue_due(&node->queue, node->counter, now));
    due = sooner(due, enquiries_due(&node->enquiries, now));
    if (!node->heartbeat_owed) due = sooner(due, until(node->heartbeat_at, now));
    if (node->shown.status != STATUS_NONE && !node->shown.is_old) {
        due = sooner(due, rest(node->shown.since, SHOWN_OLD_MS, now));
    }
    return due;
}

bool node_must_restart(const struct node *node) {
    if (node->counter == UINT32_MAX) return true;
    if (UINT32_MAX - node->counter > COUNTERS_LEFT_MIN) return false;
    /* Nothing is forgotten if it restarts now. A closed button would count as a new press. */
    return !queue_has_press(&node->queue) && node->enquiries.length == 0 && node->contacts.buttons == 0;
}

bool node_is_quiet(const struct node *node) {
    const struct contacts *const contacts = &node->contacts;
    return !queue_has_press(&node->queue) && node->enquiries.length == 0 && contacts->buttons == 0 &&
           contacts->buttons_raw == 0 && contacts->points == contacts->points_raw &&
           contacts->tamper == contacts->tamper_raw;
}

enum status node_status(const struct node *node) { return (enum status)node->shown.status; }

bool node_is_calling(const struct node *node) {
    return node->shown.status == STATUS_NONE && queue_has_press(&node->queue);
}

bool node_is_silent(const struct node *node) { return node->silent_mode || node->shown.is_silent; }
