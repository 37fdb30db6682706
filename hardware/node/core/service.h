/*
 * The service port: lines of text at 38400 Bd, which `callpoint node setup PORT` writes and a person
 * can read. A line is `@WORDS*CRC` (CRC-16/GENIBUS of WORDS in four hex digits), answered by
 * `+WORDS*CRC` or `-CODE WORDS*CRC`. A key is written, and never read.
 */
#ifndef CALLPOINT_SERVICE_H
#define CALLPOINT_SERVICE_H

#include <stdint.h>

enum { SERVICE_LINE_MAX = 96 };

/* What the board is: for `get`. */
struct board {
    const char *name;      /* "nano-328p-16" ... */
    uint8_t buttons_max, points_max;
    uint16_t bauds;        /* bit 0: 9600, 1: 19200, 2: 38400, 3: 57600, 4: 115200 */
};

/* Handles a line without its end. Returns the length of the answer, with its line end, in `answer`. */
uint8_t service_line(const struct board *board, const char *line, uint8_t length, char answer[SERVICE_LINE_MAX]);

#endif
