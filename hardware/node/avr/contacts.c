/* Pin change interrupts only wake the main loop, which reads the pins. */
#include "board.h"
#include "events.h"

#if defined(__AVR_ATmega328P__)

EVENT_ISR(PCINT0_vect, EVENT_CONTACT)
EVENT_ISR(PCINT1_vect, EVENT_CONTACT)

/* Buttons, and RXD while line_watch looks for start bits: RXD is low then. */
ISR(PCINT2_vect, ISR_NAKED) {
    __asm__ volatile("sbis %0, 0   \n\t"
                     "sbi %1, %2   \n\t"
                     "sbi %1, %3   \n\t"
                     "reti         \n\t" ::"I"(_SFR_IO_ADDR(PIND)),
                     "I"(EVENT_IO), "I"(LINE_ACTIVE), "I"(EVENT_CONTACT));
}

#else

EVENT_ISR(PCINT0_vect, EVENT_CONTACT)
EVENT_ISR(PCINT2_vect, EVENT_CONTACT)
EVENT_ISR(PCINT3_vect, LINE_ACTIVE)

#endif
