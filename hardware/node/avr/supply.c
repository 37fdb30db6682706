/* The band gap is 1.1 V within 10 %: so is every voltage here. */
#include "../board/supply.h"

#include <avr/io.h>
#include <util/delay.h>

#include "pins.h"

enum { BANDGAP_MV = 1100, DIVIDER = 11, STEPS = 1024, HYSTERESIS_MV = 100, NOT_MEASURED = 0xFFFF };

static uint16_t convert(void) {
    ADCSRA |= _BV(ADSC);
    while (ADCSRA & _BV(ADSC)) {}
    return ADC;
}

/* The first conversion after a change of channel or reference is dropped. */
static uint16_t measure(uint8_t channel) {
    ADMUX = channel;
    _delay_us(100);
    convert();
    return (uint16_t)(convert() + convert()) / 2;
}

static void adc_on(void) {
    /* 125 kHz at 16 MHz, 62.5 kHz at 8 MHz. */
    ADCSRA = _BV(ADEN) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
}

static void adc_off(void) { ADCSRA = 0; }

void supply_measure(struct supply *supply, uint16_t low_battery_mv) {
    adc_on();
    /* Both against the chip's supply. 24 V at the divider are 2.2 V, above the band gap. */
    uint16_t bandgap = measure(_BV(REFS0) | BANDGAP_CHANNEL);
    if (bandgap == 0) bandgap = 1;
    if (low_battery_mv == 0) {
        supply->battery_mv = NOT_MEASURED;
        supply->low_battery = false;
        const uint16_t divided = measure(_BV(REFS0) | SUPPLY_CHANNEL);
        supply->supply_mv = (uint16_t)((uint32_t)divided * BANDGAP_MV * DIVIDER / bandgap);
    } else {
        supply->supply_mv = NOT_MEASURED;
        supply->battery_mv = (uint16_t)((uint32_t)STEPS * BANDGAP_MV / bandgap);
        const uint16_t limit = low_battery_mv + (supply->low_battery ? HYSTERESIS_MV : 0);
        supply->low_battery = supply->battery_mv < limit;
    }
    adc_off();
}

uint16_t supply_noise(void) {
    uint16_t noise = 0;
    adc_on();
    ADMUX = _BV(REFS0) | SUPPLY_CHANNEL;
    for (uint8_t i = 0; i < 16; i++) noise = (uint16_t)(noise << 1 | noise >> 15) ^ convert();
    adc_off();
    return noise;
}
