/* The chip's EEPROM. A byte takes 3.4 ms to write; only its start needs interrupts off. */
#include "../core/storage.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>

static void wait_until_written(void) {
    while (EECR & _BV(EEPE)) {}
}

uint8_t storage_read(uint16_t at) {
    wait_until_written();
    EEAR = at;
    EECR |= _BV(EERE);
    return EEDR;
}

bool storage_write(uint16_t at, uint8_t byte) {
    if (storage_read(at) == byte) return true;
    wdt_reset();
    EEAR = at;
    EEDR = byte;
    const uint8_t saved = SREG;
    cli();
    /* EEPE must follow EEMPE within four cycles. Erase and write are one operation. */
    EECR = _BV(EEMPE);
    EECR |= _BV(EEPE);
    SREG = saved;
    return storage_read(at) == byte;
}
