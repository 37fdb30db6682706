/* The Pico measures VSYS at a third, against its 3.3 V. It has no battery of its own. */
#include "../board/supply.h"

#include "registers.h"

enum { ADC_ON = 1, ADC_START = 4, ADC_READY = 1 << 8, ADC_CHANNEL_3 = 3 << 12, REFERENCE_MV = 3300, DIVIDER = 3 };

static uint32_t convert(void) {
    ADC_CS = ADC_ON | ADC_CHANNEL_3;
    while (!(ADC_CS & ADC_READY)) {}
    ADC_CS = ADC_ON | ADC_CHANNEL_3 | ADC_START;
    while (!(ADC_CS & ADC_READY)) {}
    return ADC_RESULT;
}

void supply_measure(struct supply *supply, uint16_t low_battery_mv) {
    (void)low_battery_mv;
    convert();
    supply->battery_mv = 0xFFFF;
    supply->supply_mv = (uint16_t)(convert() * REFERENCE_MV * DIVIDER / 4096);
    supply->low_battery = false;
    ADC_CS = 0;
}

uint16_t supply_noise(void) {
    uint32_t noise = 0;
    for (uint32_t i = 0; i < 16; i++) noise = (noise << 1 | noise >> 15) ^ convert();
    return (uint16_t)noise;
}
