/*
 * What the installer sets at a node: `callpoint node setup` writes it over the service port
 * (service.h). Kept in non-volatile memory in two copies, each with a CRC (settings.c).
 */
#ifndef CALLPOINT_SETTINGS_H
#define CALLPOINT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { KEY_LENGTH = 16, SERIAL_LENGTH = 8, ADDRESS_MIN = 1, ADDRESS_MAX = 254 };

struct settings {
    uint8_t key[KEY_LENGTH];
    uint8_t serial[SERIAL_LENGTH]; /* as printed, first digits first */
    uint8_t address;               /* 1...254 */
    uint8_t buttons, points;       /* 0...16 each; at most what the board has */
    uint16_t long_press;           /* bit n: button n distinguishes a long press (section 7.1) */
    uint16_t normally_closed;      /* bit n: contact of point n is closed in its normal state */
    uint16_t silent;               /* bit n: nothing is shown or sounded for a press of button n */
    uint16_t heartbeat_seconds;    /* 5...3600; 30 by default */
    uint16_t baud_hundreds;        /* 96, 192, 384, 576, 1152 */
    uint16_t low_battery_mv;       /* 0: no battery */
    bool shared_line;              /* RS-485: random first waits and carrier sense */
    bool buzzer;
};

/* The settings that were saved last. False: there are none, and the node must not send. */
bool settings_load(struct settings *settings);

/* Every setting has a value within its range. What the board can do is not judged here. */
bool settings_are_whole(const struct settings *settings);

enum settings_result {
    SETTINGS_SAVED,
    SETTINGS_UNWRITABLE, /* a byte does not read back */
    SETTINGS_EPOCH_LOST  /* the epoch is lost, and the key is the one that it counted for: section 6 */
};

/* A power failure at any instant leaves the settings of before, the new ones, or none. */
enum settings_result settings_save(const struct settings *settings);

/* Forgets the settings, the key first. The epoch stays: the key may come back. */
bool settings_erase(void);

#endif
