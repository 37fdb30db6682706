/*
 * The service port: lines of text at 38400 Bd, which `callpoint node setup PORT` writes and a person
 * can read. A line is `@WORDS*CRC` (CRC-16/GENIBUS of WORDS in four hex digits), answered by
 * `+WORDS*CRC` or `-CODE WORDS*CRC`. A key is written, and never read.
 *
 *     get                    +board nano-328p-16mhz protocol 1 firmware 1.0 buttons 4 points 3
 *     get bauds              +bauds 9600,19200,38400,57600,115200
 *     get NAME               +NAME VALUE: of key only its check value
 *     set NAME VALUE         +NAME VALUE: not saved yet
 *     save                   +saved
 *     erase                  +erased
 *     status                 +status settings saved epoch 5 supply 23900 battery none: mV
 *     contacts               +contacts cover on buttons 0001 points 0004: bit n is 1 while contact n is closed
 *     test red               +test red: also green, amber, buzzer, all, off
 *
 * Names, in the order of a set-up: key serial address buttons points long-press normally-closed silent heartbeat baud
 * low-battery shared-line buzzer. Codes: crc command value missing storage epoch.
 */
#ifndef CALLPOINT_SERVICE_H
#define CALLPOINT_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

enum { SERVICE_LINE_MAX = 96 };

/* What the board is: for `get`. */
struct board {
    const char *name;      /* "nano-328p-16mhz" ..., at most 20 characters */
    uint8_t buttons_max, points_max;
    uint16_t bauds;        /* bit 0: 9600, 1: 19200, 2: 38400, 3: 57600, 4: 115200 */
};

/*
 * Handles a line without its end. Returns the length of the answer, with its line end, in `answer`.
 * 0: the line was noise, and has no answer. It may take half a second, to write the memory.
 */
uint8_t service_line(const struct board *board, const char *line, uint8_t length, char answer[SERVICE_LINE_MAX]);

/* What the board sees now, raw: bit n is 1 while contact n is closed. */
struct service_measures {
    uint16_t buttons, points;
    uint16_t supply_mv, battery_mv; /* 0xFFFF: not measured, no battery */
    bool cover_off;
};

/* The board provides these two. What is shown stays until the next call. */
void service_measure(struct service_measures *measures);
void service_show(bool red, bool green, bool buzzer);

#endif
