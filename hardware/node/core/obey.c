/* What a node obeys (section 7.5), and what an acknowledgement does to a press (section 7.4). */
#include <stddef.h>

#include "bytes.h"
#include "node.h"
#include "node_state.h"

/* For a poll: any epoch. */
#define ANY_EPOCH 0xFFFFFFFFUL

static void acknowledged(struct node *node, uint32_t counter, uint8_t status, uint32_t now) {
    struct entry *const entry = queue_find(&node->queue, counter);
    if (entry == NULL) {
        node_show(node, counter, status, now);
        enquiries_raise(&node->enquiries, counter, status, now);
        return;
    }
    const bool is_press = entry_type(entry) == TYPE_PRESS;
    if (status == STATUS_NOT_CONFIRMED) {
        /* It does not say that the gateway has stored the press, which therefore calls on. */
        entry->type |= TOLD_NOT_CONFIRMED;
        if (is_press) node_show(node, counter, status, now);
        return;
    }
    if (is_press) {
        const uint8_t highest =
            (entry->type & TOLD_NOT_CONFIRMED) != 0 ? higher_status(STATUS_NOT_CONFIRMED, status) : status;
        node_show(node, counter, highest, now);
        if (highest != STATUS_ACCEPTED) enquiries_add(&node->enquiries, counter, entry->payload, highest, now);
    }
    queue_remove(&node->queue, entry, now);
}

/* In its range, and naming this start of the node. Bytes behind the known fields are ignored. */
static bool is_for_now(const struct node *node, uint8_t type, const uint8_t *payload) {
    const uint32_t epoch = get_u32(payload);
    switch (type) {
    case TYPE_ACKNOWLEDGEMENT:
        return payload[8] >= STATUS_HEARD && payload[8] <= STATUS_NOT_CONFIRMED && epoch == node->epoch;
    case TYPE_SILENT:
        return payload[4] <= 1 && epoch == node->epoch;
    default:
        return epoch == node->epoch || epoch == ANY_EPOCH;
    }
}

static void obey(struct node *node, uint8_t type, const uint8_t *payload, uint32_t now) {
    if (type == TYPE_ACKNOWLEDGEMENT) {
        acknowledged(node, get_u32(payload + 4), payload[8], now);
        return;
    }
    if (type == TYPE_SILENT) node->silent_mode = payload[4] == 1;
    node->heartbeat_owed = true;
}

void node_body(struct node *node, uint8_t *body, uint8_t length, uint32_t now) {
    struct frame_header header;
    if (frame_parse(body, &length, &header) != FRAME_OK) return;
    if ((header.type & TYPE_IS_DOWN) == 0 || header.address != node->settings->address) return;
    /* Before the tag, so that a replay costs no decryption. */
    if (header.epoch < node->session) return;
    if (header.epoch == node->session && header.counter <= node->session_counter) return;
    if (!frame_open(body, length, node->settings->key)) return;
    const uint8_t *const payload = body + HEADER_LENGTH;
    const uint8_t payload_bytes = (uint8_t)(length - HEADER_LENGTH - TAG_LENGTH);
    if (payload_bytes < payload_length(header.type) || !is_for_now(node, header.type, payload)) return;
    node->session = header.epoch;
    node->session_counter = header.counter;
    obey(node, header.type, payload, now);
    node_tick(node, now);
}
