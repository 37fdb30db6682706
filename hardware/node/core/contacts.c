#include "contacts.h"

#include "bytes.h"
#include "frame.h"

enum {
    /*
     * Closed for 30 ms must count, for less than 5 ms should not. The shortest time that is safely
     * above 5 ms: a worn contact that chatters under a hand must count as well.
     */
    CLOSED_MS = 6,
    OPEN_MS = 30,
    POINT_MS = 20,
    LONG_PRESS_MS = 2000,
    HELD_UNIT_MS = 10
};
#define HELD_UNITS_MAX 0xFFFFU
#define HELD_MS_MAX (HELD_UNITS_MAX * (uint32_t)HELD_UNIT_MS)

static uint8_t fewer(uint8_t a, uint8_t b) { return a < b ? a : b; }

static uint8_t buttons_of(const struct settings *settings) { return fewer(settings->buttons, NODE_BUTTONS_MAX); }

static uint8_t points_of(const struct settings *settings) { return fewer(settings->points, NODE_POINTS_MAX); }

static uint16_t mask(uint8_t count) { return (uint16_t)((1UL << count) - 1); }

static void note_changes(uint16_t changes, uint32_t *changed, uint8_t count, uint32_t now) {
    for (uint8_t i = 0; i < count; i++) {
        if ((changes & bit(i)) != 0) changed[i] = now;
    }
}

/*
 * At the start a closed button is pressed, and a point is as it is: nothing is awaited (section
 * 7.1).
 */
static void begin(struct contacts *contacts, uint32_t now) {
    contacts->known = true;
    contacts->buttons = contacts->buttons_raw;
    contacts->undecided = contacts->buttons_raw;
    contacts->points = contacts->points_raw;
    contacts->tamper = contacts->tamper_raw;
    for (uint8_t i = 0; i < NODE_BUTTONS_MAX; i++) contacts->button_pressed[i] = now;
}

void contacts_set(struct contacts *contacts, const struct settings *settings, uint16_t buttons, uint16_t points,
                  bool tamper, uint32_t now) {
    buttons = (uint16_t)(buttons & mask(buttons_of(settings)));
    points = (uint16_t)(points & mask(points_of(settings)));
    note_changes(contacts->buttons_raw ^ buttons, contacts->button_changed, NODE_BUTTONS_MAX, now);
    note_changes(contacts->points_raw ^ points, contacts->point_changed, NODE_POINTS_MAX, now);
    if (contacts->tamper_raw != tamper) contacts->tamper_changed = now;
    contacts->buttons_raw = buttons;
    contacts->points_raw = points;
    contacts->tamper_raw = tamper;
    if (!contacts->known) begin(contacts, now);
}

/* Time from closing to now, or to the opening that is still being debounced. */
static uint32_t held_ms(const struct contacts *contacts, uint8_t button, uint32_t now) {
    const bool closed = (contacts->buttons_raw & bit(button)) != 0;
    return (closed ? now : contacts->button_changed[button]) - contacts->button_pressed[button];
}

static void clear_bit(uint16_t *bits, uint8_t number) { *bits = (uint16_t)(*bits & ~bit(number)); }

static void set_bit(uint16_t *bits, uint8_t number) { *bits = (uint16_t)(*bits | bit(number)); }

static bool has_opened(const struct contacts *contacts, uint8_t button, uint32_t now) {
    return (contacts->buttons_raw & bit(button)) == 0 && rest(contacts->button_changed[button], OPEN_MS, now) == 0;
}

/* What the press of this button is, 0 while nobody can say. */
static uint8_t pattern_of(const struct contacts *contacts, const struct settings *settings, uint8_t button,
                          uint32_t now) {
    if ((settings->long_press & bit(button)) == 0) return PATTERN_SINGLE;
    if (held_ms(contacts, button, now) >= LONG_PRESS_MS) return PATTERN_LONG;
    return has_opened(contacts, button, now) ? PATTERN_SINGLE : 0;
}

static bool button_event(struct contacts *contacts, const struct settings *settings, uint8_t button,
                         struct contact_event *event, uint32_t now) {
    event->number = button;
    if ((contacts->buttons & bit(button)) == 0) {
        if ((contacts->buttons_raw & bit(button)) == 0) return false;
        if (rest(contacts->button_changed[button], CLOSED_MS, now) != 0) return false;
        contacts->button_pressed[button] = contacts->button_changed[button];
        set_bit(&contacts->buttons, button);
        set_bit(&contacts->undecided, button);
        clear_bit(&contacts->held_longest, button);
    }
    if ((contacts->undecided & bit(button)) != 0) {
        event->kind = CONTACT_PRESS;
        event->value = pattern_of(contacts, settings, button, now);
        if (event->value == 0) return false;
        clear_bit(&contacts->undecided, button);
        return true;
    }
    const uint32_t held = held_ms(contacts, button, now);
    /* Kept in a bit, because the clock wraps after 49 days. */
    if (held >= HELD_MS_MAX) set_bit(&contacts->held_longest, button);
    if (!has_opened(contacts, button, now)) return false;
    clear_bit(&contacts->buttons, button);
    event->kind = CONTACT_RELEASE;
    event->value = (contacts->held_longest & bit(button)) != 0 ? (uint16_t)HELD_UNITS_MAX
                                                               : (uint16_t)(held / HELD_UNIT_MS);
    return true;
}

static bool point_event(struct contacts *contacts, uint8_t point, struct contact_event *event, uint32_t now) {
    if (((contacts->points ^ contacts->points_raw) & bit(point)) == 0) return false;
    if (rest(contacts->point_changed[point], POINT_MS, now) != 0) return false;
    contacts->points = (uint16_t)(contacts->points ^ bit(point));
    event->kind = CONTACT_POINT;
    event->number = point;
    event->value = (contacts->points & bit(point)) != 0;
    return true;
}

bool contacts_next(struct contacts *contacts, const struct settings *settings, struct contact_event *event,
                   uint32_t now) {
    for (uint8_t i = 0; i < buttons_of(settings); i++) {
        if (button_event(contacts, settings, i, event, now)) return true;
    }
    for (uint8_t i = 0; i < points_of(settings); i++) {
        if (point_event(contacts, i, event, now)) return true;
    }
    if (contacts->tamper == contacts->tamper_raw) return false;
    if (rest(contacts->tamper_changed, POINT_MS, now) != 0) return false;
    contacts->tamper = contacts->tamper_raw;
    event->kind = CONTACT_TAMPER;
    return true;
}

static uint32_t button_due(const struct contacts *contacts, const struct settings *settings, uint8_t button,
                           uint32_t now) {
    const bool pressed = (contacts->buttons & bit(button)) != 0;
    const bool closed = (contacts->buttons_raw & bit(button)) != 0;
    if (pressed != closed) return rest(contacts->button_changed[button], closed ? CLOSED_MS : OPEN_MS, now);
    if (!pressed) return UINT32_MAX;
    if ((contacts->undecided & bit(button)) != 0) {
        const bool may_be_long = (settings->long_press & bit(button)) != 0;
        return may_be_long ? rest(contacts->button_pressed[button], LONG_PRESS_MS, now) : 0;
    }
    if ((contacts->held_longest & bit(button)) != 0) return UINT32_MAX;
    return rest(contacts->button_pressed[button], HELD_MS_MAX, now);
}

uint32_t contacts_due(const struct contacts *contacts, const struct settings *settings, uint32_t now) {
    uint32_t due = UINT32_MAX;
    const uint16_t changing = contacts->points ^ contacts->points_raw;
    for (uint8_t i = 0; i < buttons_of(settings); i++) due = sooner(due, button_due(contacts, settings, i, now));
    for (uint8_t i = 0; i < points_of(settings); i++) {
        if ((changing & bit(i)) != 0) due = sooner(due, rest(contacts->point_changed[i], POINT_MS, now));
    }
    if (contacts->tamper != contacts->tamper_raw) due = sooner(due, rest(contacts->tamper_changed, POINT_MS, now));
    return due;
}
