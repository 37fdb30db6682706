/*
 * The wall node. Every pass of the main loop gives the core all there is to give, and then sleeps
 * until something happens.
 */
#include "../core/epoch.h"
#include "../core/indicator.h"
#include "../core/node.h"
#include "../core/node_state.h"
#include "../core/settings.h"
#include "clock.h"
#include "line.h"
#include "port.h"
#include "power.h"
#include "sender.h"
#include "service_mode.h"
#include "supply.h"
#include "watchdog.h"

enum {
    GOOD_SUPPLY_MS = 500, /* section 6 */
    SAMPLE_MS = 10,
    MEASURE_MS = 60000,
    /* While the line holds a frame back, due frames must not keep the chip awake. */
    BUSY_PASS_MS = 5,
    /* A node that powers down hears the answer to what it has sent, and what comes with it. */
    LISTEN_MS = 100
};

static struct node node;
static struct settings settings;

static void show(const struct indication *indication) {
    port_show(indication->red, indication->green, indication->buzzer);
}

/* The node sends nothing. The service jumper takes it into service mode. */
static void show_fault(enum fault fault) __attribute__((noreturn));
static void show_fault(enum fault fault) {
    for (;;) {
        watchdog_reset();
        struct indication indication;
        indicate(&indication, &node, fault, clock_now());
        show(&indication);
        clock_wake(indication.due);
        port_sleep();
        if (port_jumper_is_set()) restart();
    }
}

static uint16_t lowest_bits(uint8_t count) { return (uint16_t)((1UL << count) - 1); }

static uint16_t pressed_buttons(void) { return port_buttons() & lowest_bits(settings.buttons); }

static void give_contacts(uint16_t buttons, uint32_t now) {
    const uint16_t active = (port_points() ^ settings.normally_closed) & lowest_bits(settings.points);
    node_contacts(&node, buttons, active, port_cover_is_off(), now);
}

/*
 * Waits until the supply has been good for so long: a brown-out resets the chip and begins anew.
 * Returns the buttons that two samples saw closed meanwhile, so that a short press is not lost.
 */
static uint16_t wait_for_supply(void) {
    uint16_t pressed = 0, earlier = 0;
    const uint32_t began = clock_now();
    while (clock_now() - began < GOOD_SUPPLY_MS) {
        const uint16_t closed = pressed_buttons();
        pressed |= closed & earlier;
        earlier = closed;
        const uint32_t sampled = clock_now();
        while (clock_now() - sampled < SAMPLE_MS) {
            clock_wake(SAMPLE_MS);
            port_sleep();
        }
    }
    return pressed;
}

static bool settings_fit(void) {
    return settings_load(&settings) && settings.buttons <= BUTTONS_MAX && settings.points <= POINTS_MAX &&
           line_set_baud(settings.baud_hundreds);
}

static uint32_t random_seed(uint32_t epoch) {
    uint32_t seed = epoch ^ (uint32_t)supply_noise() << 16;
    for (uint8_t i = 0; i < SERIAL_LENGTH; i++) seed = seed * 33 + settings.serial[i];
    return seed;
}

static void start(void) {
    port_start();
    clock_wake(1); /* the pull-ups need some microseconds */
    port_sleep();
    if (port_jumper_is_set()) service_mode();
    if (!settings_fit()) show_fault(FAULT_NO_SETTINGS);
    uint16_t pressed = 0;
    if (!watchdog_was_the_cause()) pressed = wait_for_supply();
    uint32_t epoch = 0;
    if (epoch_next(&epoch) != EPOCH_OK) show_fault(FAULT_STORAGE);
    const uint32_t seed = random_seed(epoch);
    sender_start(settings.shared_line, (uint16_t)(seed ^ seed >> 16));
    line_listen(settings.address, settings.shared_line);
    node_start(&node, &settings, epoch, clock_now(), seed);
    give_contacts(pressed | pressed_buttons(), clock_now());
}

/* False if it heard nothing. */
static bool hear(void) {
    uint8_t length;
    uint8_t *body = line_body(&length);
    if (body == 0) return false;
    for (; body != 0; body = line_body(&length)) {
        node_body(&node, body, length, clock_now());
        line_release();
    }
    return true;
}

/* On a line of its own nobody else talks to it, and what it does not hear comes again (section 7.6). */
static bool may_power_down(const struct indication *indication) {
    return settings.low_battery_mv != 0 && !settings.shared_line && node_is_quiet(&node) && !indication->red &&
           !indication->green && !indication->buzzer;
}

static uint32_t earlier_of(uint32_t a, uint32_t b) { return a < b ? a : b; }

int main(void) {
    start();
    struct supply supply = {.low_battery = false};
    uint32_t measured = clock_now() - MEASURE_MS;
    uint32_t active = clock_now();
    bool window_over = false;
    for (;;) {
        power_step();
        const uint32_t now = clock_now();
        if (now - measured >= MEASURE_MS) {
            measured = now;
            supply_measure(&supply, settings.low_battery_mv);
            node_supply(&node, &supply, now);
            power_calibrate();
        }
        give_contacts(pressed_buttons(), now);
        const bool has_heard = hear();
        sender_step(&node, window_over, clock_now());
        if (has_heard || !sender_is_idle()) active = now;
        /* The last frame of an epoch leaves whole, and then the line is free. */
        if (node_must_restart(&node) && !line_is_sending()) restart();
        struct indication indication;
        indicate(&indication, &node, FAULT_NONE, now);
        show(&indication);
        uint32_t due = node_due(&node, clock_now());
        if (!sender_is_idle() && due < BUSY_PASS_MS) due = BUSY_PASS_MS;
        due = earlier_of(earlier_of(due, indication.due), MEASURE_MS);
        window_over = false;
        if (may_power_down(&indication)) {
            if (power_set_clock()) continue;
            const uint32_t passed = now - active;
            if (passed >= LISTEN_MS && power_down(due)) continue;
            if (passed < LISTEN_MS) due = earlier_of(due, LISTEN_MS - passed);
        }
        clock_wake(due);
        window_over = port_sleep();
    }
}
