#include "enquiries.h"

#include <stddef.h>

#include "bytes.h"

enum { ENQUIRY_MS = 5000, ENQUIRY_NOT_CONFIRMED_MS = 10000 };
#define ENQUIRE_FOR_MS 3600000UL

static uint8_t rank(uint8_t status) {
    switch (status) {
    case STATUS_HEARD:
        return 1;
    case STATUS_SENT:
        return 2;
    case STATUS_NOT_CONFIRMED:
        return 3;
    case STATUS_ACCEPTED: /* may come late, after "not confirmed" */
        return 4;
    default:
        return 0;
    }
}

uint8_t higher_status(uint8_t a, uint8_t b) { return rank(a) > rank(b) ? a : b; }

static uint16_t gap(uint8_t status) {
    return status == STATUS_NOT_CONFIRMED ? ENQUIRY_NOT_CONFIRMED_MS : ENQUIRY_MS;
}

static void take_out(struct enquiries *enquiries, uint8_t at) {
    enquiries->length--;
    for (uint8_t i = at; i < enquiries->length; i++) enquiries->list[i] = enquiries->list[i + 1];
}

void enquiries_add(struct enquiries *enquiries, uint32_t counter, const uint8_t payload[2], uint8_t status,
                   uint32_t now) {
    if (enquiries->length == ENQUIRIES_LENGTH) take_out(enquiries, 0);
    struct enquiry *const enquiry = &enquiries->list[enquiries->length++];
    enquiry->counter = counter;
    enquiry->payload[0] = payload[0];
    enquiry->payload[1] = payload[1];
    enquiry->status = status;
    enquiry->next = now + gap(status);
    enquiry->end = now + ENQUIRE_FOR_MS;
}

void enquiries_raise(struct enquiries *enquiries, uint32_t counter, uint8_t status, uint32_t now) {
    for (uint8_t i = 0; i < enquiries->length; i++) {
        struct enquiry *const enquiry = &enquiries->list[i];
        if (enquiry->counter != counter) continue;
        if (rank(status) <= rank(enquiry->status)) return;
        enquiry->status = status;
        enquiry->next = now + gap(status);
        if (status == STATUS_ACCEPTED) take_out(enquiries, i);
        return;
    }
}

void enquiries_expire(struct enquiries *enquiries, uint32_t now) {
    for (uint8_t i = enquiries->length; i-- > 0;) {
        if (is_past(enquiries->list[i].end, now)) take_out(enquiries, i);
    }
}

const struct enquiry *enquiries_next(const struct enquiries *enquiries, uint32_t now) {
    for (uint8_t i = 0; i < enquiries->length; i++) {
        const struct enquiry *const enquiry = &enquiries->list[i];
        if (is_past(enquiry->next, now) && !is_past(enquiry->end, now)) return enquiry;
    }
    return NULL;
}

void enquiries_sent(struct enquiries *enquiries, const struct enquiry *enquiry, uint32_t now) {
    enquiries->list[enquiry - enquiries->list].next = now + gap(enquiry->status);
}

uint32_t enquiries_due(const struct enquiries *enquiries, uint32_t now) {
    uint32_t due = UINT32_MAX;
    for (uint8_t i = 0; i < enquiries->length; i++) {
        const struct enquiry *const enquiry = &enquiries->list[i];
        due = sooner(due, sooner(until(enquiry->next, now), until(enquiry->end, now)));
    }
    return due;
}
