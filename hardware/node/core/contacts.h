/* From contacts to presses, releases and states: debouncing and long presses (section 7.1). */
#ifndef CALLPOINT_CONTACTS_H
#define CALLPOINT_CONTACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "settings.h"

/* A board with fewer contacts says so to the compiler, and so saves memory. */
#ifndef NODE_BUTTONS_MAX
#define NODE_BUTTONS_MAX 16
#endif
#ifndef NODE_POINTS_MAX
#define NODE_POINTS_MAX 16
#endif

enum contact_event_kind { CONTACT_NONE, CONTACT_PRESS, CONTACT_RELEASE, CONTACT_POINT, CONTACT_TAMPER };

struct contact_event {
    enum contact_event_kind kind;
    uint8_t number;
    uint16_t value; /* press: pattern; release: time held in 10 ms; point: 1 = active */
};

struct contacts {
    uint16_t buttons_raw, buttons; /* as the board says, and debounced; 1: closed */
    uint16_t points_raw, points;   /* likewise; 1: active */
    uint16_t undecided;            /* pressed, and neither single nor long yet */
    uint16_t held_longest;         /* pressed for 655.35 s or more */
    bool tamper_raw, tamper;
    bool known; /* the board has spoken since the start */
    uint32_t button_changed[NODE_BUTTONS_MAX];
    uint32_t button_pressed[NODE_BUTTONS_MAX];
    uint32_t point_changed[NODE_POINTS_MAX];
    uint32_t tamper_changed;
};

/* A contact that changed before `now` must be taken out with contacts_next first. */
void contacts_set(struct contacts *contacts, const struct settings *settings, uint16_t buttons, uint16_t points,
                  bool tamper, uint32_t now);

/* Takes the next event that is due. False if there is none. */
bool contacts_next(struct contacts *contacts, const struct settings *settings, struct contact_event *event,
                   uint32_t now);

/* Milliseconds until contacts_next may have an event. */
uint32_t contacts_due(const struct contacts *contacts, const struct settings *settings, uint32_t now);

#endif
