/*
 * Runs a node's image in simavr as fast as it can, and prints what the node does.
 *
 *     script IMAGE.elf CHIP HERTZ EEPROM DE RED GREEN < lines
 *
 * A line is "MS COMMAND", in the order of time: what board_obey obeys, "hear HEX", or "end". A line
 * of the output is "MS HEX", a byte and the time of its start bit; or "MS led RED GREEN", when the LED
 * has changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

static void on_byte(uint8_t byte, double ms) { printf("%.3f %02x\n", ms, byte); }

static void on_led(bool red, bool green) { printf("%.3f led %d %d\n", board_now(), red, green); }

static void hear(double ms, const char *hex) {
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        board_hear((uint8_t)byte, ms);
        ms += BYTE_MS;
    }
}

int main(int argc, char *argv[]) {
    static char line[2048];
    if (argc != BOARD_ARGUMENTS) fail("usage: script IMAGE.elf CHIP HERTZ EEPROM DE RED GREEN < lines");
    board_on_byte = on_byte;
    board_on_led = on_led;
    board_start(argv);
    while (fgets(line, sizeof line, stdin) != NULL) {
        double ms;
        int command = 0;
        if (sscanf(line, "%lf %n", &ms, &command) < 1) fail("a line has no time");
        board_run_until(ms);
        if (strncmp(line + command, "hear ", 5) == 0) hear(ms, line + command + 5);
        else if (strncmp(line + command, "end", 3) == 0) return 0;
        else if (!board_obey(line + command)) fail("an unknown command");
    }
    return 0;
}
