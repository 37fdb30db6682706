/* The band gap is 1.1 V within 10 %: so is every voltage here. */
#include "../board/supply.h"

#include <avr/io.h>
#include <util/delay.h>

#include "pins.h"

enum { BANDGAP_MV = 1100, DIVIDER = 11, HYSTERESIS_MV = 100, NOT_MEASURED = 0xFFFF };

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
    if (low_battery_mv == 0) {
        supply->battery_mv = NOT_MEASURED;
        supply->low_battery = false;
        supply->supply_mv = (uint16_t)((uint32_t)measure(REFERENCE_1V1 | SUPPLY_CHANNEL) * BANDGAP_MV * DIVIDER >> 10);
    } else {
        const uint16_t bandgap = measure(_BV(REFS0) | BANDGAP_CHANNEL);
        supply->supply_mv = NOT_MEASURED;
        supply->battery_mv = (uint16_t)(BANDGAP_MV * 1024UL / (bandgap | 1));
        const uint16_t limit = low_battery_mv + (supply->low_battery ? HYSTERESIS_MV : 0);
        supply->low_battery = supply->battery_mv < limit;
    }
    adc_off();
}

uint16_t supply_noise(void) {
    uint16_t noise = 0;
    adc_on();
    ADMUX = REFERENCE_1V1 | SUPPLY_CHANNEL;
    for (uint8_t i = 0; i < 16; i++) noise = (uint16_t)(noise << 1 | noise >> 15) ^ convert();
    adc_off();
    return noise;
}
