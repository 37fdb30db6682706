/*
 * What interrupts leave for the main loop: bits of GPIOR0. It is in reach of `sbi`, so an interrupt
 * sets its bit in two cycles and saves no register. A bus byte of another node costs 30 cycles.
 */
#ifndef CALLPOINT_EVENTS_H
#define CALLPOINT_EVENTS_H

#include <avr/io.h>

#ifndef __ASSEMBLER__
#include <avr/interrupt.h>
#endif

#define EVENT_CONTACT 0 /* a contact may have changed */
#define EVENT_BODY 1    /* the receiver has a run of bytes for this node */
#define EVENT_TIMER 2   /* the time of clock_wake has come, or the counter has wrapped */
#define EVENT_WINDOW 3  /* the time of line_watch is over */
#define EVENT_SENT 4    /* the last stop bit is out */
#define LINE_ACTIVE 5   /* a start bit was seen since line_watch; no event */
#define RUN_DROPPED 6   /* the receiver skips bytes up to the next 00; no event */
#define EVENT_PERIOD 7  /* a period of the watchdog is over (power.c) */
#define EVENTS 0x9F

#define EVENT_IO _SFR_IO_ADDR(GPIOR0)

/* An interrupt that does nothing but leave its event. */
#define EVENT_ISR(vector, event)                                                                   \
    ISR(vector, ISR_NAKED) { __asm__ volatile("sbi %0, %1\n\treti" ::"I"(EVENT_IO), "I"(event)); }

#endif
