/*
 * A node's board around a chip of simavr: its pins, its LED, its voltages and its line. Time is that
 * of the chip's cycles, in ms. simavr shares no code with the project's own emulator.
 */
#ifndef CALLPOINT_SIMAVR_BOARD_H
#define CALLPOINT_SIMAVR_BOARD_H

#include <stdbool.h>
#include <stdint.h>

enum { BAUD = 115200, BITS_PER_BYTE = 10 };
#define BYTE_MS (BITS_PER_BYTE * 1000.0 / BAUD)

/* Set these before board_start. A byte comes with the time of its start bit. */
extern void (*board_on_byte)(uint8_t byte, double ms);
extern void (*board_on_led)(bool red, bool green);

/*
 * Arguments 1 to 7: the image (ELF), the chip, its clock in Hz, a file with the bytes of the EEPROM,
 * and the pins of DE, of the red and of the green LED, such as D2.
 */
enum { BOARD_ARGUMENTS = 8 };
void board_start(char *argv[]);

double board_now(void);

/* When the chip next does something by itself: now while it is awake. */
double board_due(void);

void board_run_until(double ms);

/* The start bit of a byte comes at this time, which must not be before that of the byte before it. */
void board_hear(uint8_t byte, double ms);

/*
 * Carries out "pin D5 0|1" (a level from outside), "channel N MV" (of the converter), "chip MV" (its
 * supply), or "ram ADDRESS BYTE" in hexadecimal. False if it is none of them.
 */
bool board_obey(const char *line);

void fail(const char *what) __attribute__((noreturn));

#endif
