/*
 * Pins of the Pico (numbers of the GPIO): 0 TX, 1 RX, 2 DE, 3 RE, 4 service jumper, 5...8 buttons,
 * 9...11 points, 12 tamper, 13 red, 14 green, 15 buzzer, 29 supply through the board's divider.
 */
#include "../board/port.h"

#include "../board/clock.h"
#include "../board/runs.h"
#include "events.h"
#include "registers.h"

enum { TX = 0, RX = 1, JUMPER = 4, BUTTON_0 = 5, POINT_0 = 9, TAMPER = 12, RED = 13, GREEN = 14, BUZZER = 15 };
enum {
    FUNCTION_UART = 2,
    FUNCTION_SIO = 5,
    PAD_PULLED_UP = 0x4A, /* input, Schmitt trigger, pull-up */
    PAD_ANALOGUE = 0x80,
    BOTH_EDGES = 0xC,
    IRQS = 1 << 0 | 1 << 1 | 1 << 13 | 1 << 20
};
#define OUTPUTS (1u << DE | 1u << RE | 1u << RED | 1u << GREEN | 1u << BUZZER)

volatile bool event, window_event;

void port_start(void) {
    SIO_CLEAR = OUTPUTS;
    SIO_OUTPUT = OUTPUTS;
    for (uint32_t pin = DE; pin <= BUZZER; pin++) {
        const bool is_contact = pin >= JUMPER && pin <= TAMPER;
        if (is_contact) PAD(pin) = PAD_PULLED_UP;
        GPIO_CTRL(pin) = FUNCTION_SIO;
        if (is_contact && pin != JUMPER) GPIO_ENABLED(pin / 8) |= (uint32_t)BOTH_EDGES << pin % 8 * 4;
    }
    /* RXD floats while the transceiver's receiver is off. */
    PAD(RX) = PAD_PULLED_UP;
    GPIO_CTRL(TX) = FUNCTION_UART;
    GPIO_CTRL(RX) = FUNCTION_UART;
    PAD(29) = PAD_ANALOGUE;
    clock_start();
    NVIC_ENABLE = IRQS;
    interrupts_on();
}

static uint16_t closed(uint32_t first, uint32_t count) { return (uint16_t)(~SIO_IN >> first & ((1u << count) - 1)); }

uint16_t port_buttons(void) { return closed(BUTTON_0, BUTTONS_MAX); }

uint16_t port_points(void) { return closed(POINT_0, POINTS_MAX); }

bool port_cover_is_off(void) { return closed(TAMPER, 1) == 0; }

bool port_jumper_is_set(void) { return closed(JUMPER, 1) != 0; }

void port_show(bool red, bool green, bool buzzer) {
    const uint32_t on = (uint32_t)red << RED | (uint32_t)green << GREEN | (uint32_t)buzzer << BUZZER;
    SIO_SET = on;
    SIO_CLEAR = (1u << RED | 1u << GREEN | 1u << BUZZER) & ~on;
}

void gpio_handler(void) {
    for (uint32_t group = 0; group < 2; group++) GPIO_EDGES(group) = GPIO_EDGES(group);
    line_saw_edge();
    event = true;
}

bool port_sleep(void) {
    interrupts_off();
    while (!event && !window_event && !runs_are_ready()) {
        /* A pending interrupt ends WFI although it is taken only after interrupts_on. */
        __asm__ volatile("wfi");
        interrupts_on();
        __asm__ volatile("isb");
        interrupts_off();
    }
    const bool window_over = window_event;
    event = window_event = false;
    interrupts_on();
    return window_over;
}
