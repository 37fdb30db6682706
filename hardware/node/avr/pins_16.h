/*
 * Contacts of the two test images, which no board has: sixteen buttons, or sixteen points, on an
 * ATmega1284P. All else is as on the board with this chip. They make the frames of the vectors that
 * need so many contacts. The few of the other kind are on PD2...PD4, which do not wake the chip.
 */
static inline void pins_start(void) {
    pins_directions();
    PCMSK0 = 0x7F;
    PCMSK1 = 0xF8;
    PCMSK2 = 0xF8;
    PCICR = _BV(PCIE0) | _BV(PCIE1) | _BV(PCIE2) | _BV(PCIE3);
}

/* Bits 0...6: PA0...PA6, 7...11: PB3...PB7, 12...15: PC4...PC7. */
static inline uint16_t pins_many(void) {
    const uint16_t b_and_c = (uint16_t)((uint8_t)~PINB >> 3) | (uint16_t)((uint8_t)~PINC >> 4) << 5;
    return (uint16_t)((~PINA & 0x7F) | b_and_c << 7);
}

static inline uint8_t pins_few(void) { return (uint8_t)(((uint8_t)~PIND >> 2) & 7); }

static inline uint16_t pins_buttons(void) { return NODE_BUTTONS_MAX > 4 ? pins_many() : pins_few(); }

static inline uint16_t pins_points(void) { return NODE_POINTS_MAX > 3 ? pins_many() : pins_few(); }
