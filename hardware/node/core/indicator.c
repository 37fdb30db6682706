#include "indicator.h"

#include <stddef.h>

#include "bytes.h"
#include "node_state.h"


/* True in the first `lit` ms of each period. */
static bool blinks(struct indication *out, uint32_t since, uint16_t period, uint16_t lit, uint32_t now) {
    const uint16_t at = (uint16_t)((now - since) % period);
    out->due = sooner(out->due, (uint32_t)(at < lit ? lit - at : period - at));
    return at < lit;
}

/* True in the first `span` ms after `since`. */
static bool lasts(struct indication *out, uint32_t since, uint16_t span, uint32_t now) {
    const uint32_t left = rest(since, span, now);
    if (left > 0) out->due = sooner(out->due, left);
    return left > 0;
}

static void show_fault(struct indication *out, enum fault fault, uint32_t now) {
    if (fault == FAULT_NO_SETTINGS) {
        out->red = blinks(out, 0, 2000, 100, now);
        return;
    }
    out->red = blinks(out, 0, 250, 125, now);
}

/*
 * No answer yet: dark, as on the reference node. But if no gateway was heard since the start, the
 * crew that tries a new button sees and hears that the button works (the first-press test).
 */
static void show_calling(struct indication *out, const struct node *node, uint32_t now) {
    if (node->session != 0) return;
    out->red = blinks(out, 0, 500, 250, now);
    out->green = !out->red;
    out->buzzer = node->settings->buzzer && blinks(out, 0, 2000, 100, now);
}

static void sound(struct indication *out, const struct node *node, uint32_t now) {
    const uint32_t since = node->shown.since;
    switch (node->shown.status) {
    case STATUS_HEARD:
        out->buzzer = lasts(out, since, 100, now);
        break;
    case STATUS_ACCEPTED:
        out->buzzer = lasts(out, since, 1000, now);
        break;
    case STATUS_NOT_CONFIRMED: {
        const bool in_turn = blinks(out, since, 5000, 500, now);
        out->buzzer = in_turn && blinks(out, since, 200, 100, now);
        break;
    }
    default:
        break;
    }
}

void indicate(struct indication *out, const struct node *node, enum fault fault, uint32_t now) {
    out->red = false;
    out->green = false;
    out->buzzer = false;
    out->due = UINT32_MAX;
    if (fault != FAULT_NONE) {
        show_fault(out, fault, now);
        return;
    }
    if (node_is_silent(node)) return;
    switch (node->shown.status) {
    case STATUS_HEARD:
        out->red = out->green = blinks(out, 0, 1000, 500, now);
        break;
    case STATUS_SENT:
        out->red = out->green = blinks(out, 0, 250, 125, now);
        break;
    case STATUS_ACCEPTED:
        out->green = !node->shown.is_old;
        break;
    case STATUS_NOT_CONFIRMED:
        out->red = true;
        break;
    default:
        if (node_is_calling(node)) show_calling(out, node, now);
        break;
    }
    if (node->settings->buzzer && !node->shown.is_old) sound(out, node, now);
}
