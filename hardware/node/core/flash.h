/*
 * Tables that stay in flash. An AVR reads them with an instruction of its own, others as any
 * memory.
 */
#ifndef CALLPOINT_FLASH_H
#define CALLPOINT_FLASH_H

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define FLASH PROGMEM
#define FLASH_BYTE(at) pgm_read_byte(&(at))
#else
#define FLASH
#define FLASH_BYTE(at) (at)
#endif

#endif
