/* From reset to main: variables, the crystal as the only clock, the peripherals out of reset. */
#include <stdint.h>

#include "registers.h"

/* Marks of link.ld. */
extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
int main(void);
void reset_handler(void) __attribute__((noreturn));
void timer0_handler(void);
void timer1_handler(void);
void gpio_handler(void);
void uart_handler(void);

enum { XOSC_12MHZ = 0xAA0, XOSC_ENABLE = 0xFAB << 12, XOSC_STARTUP_1MS = 47, CLK_ENABLE = 1 << 11 };
enum {
    PERI_FROM_XOSC = 4 << 5,
    ADC_FROM_XOSC = 3 << 5,
    REF_FROM_XOSC = 2,
    TICK_ENABLE = 1 << 9,
    /* ADC, IO_BANK0, PADS_BANK0, TIMER, UART0. */
    USED_PERIPHERALS = 1 << 0 | 1 << 5 | 1 << 8 | 1 << 21 | 1 << 22
};

/* What cannot happen stops the program. The watchdog then restarts it. */
static void fault_handler(void) {
    for (;;) {}
}

static void start_clocks(void) {
    XOSC_STARTUP = XOSC_STARTUP_1MS;
    XOSC_CTRL = XOSC_12MHZ | XOSC_ENABLE;
    while (!(XOSC_STATUS >> 31)) {}
    CLK_REF_CTRL = REF_FROM_XOSC;
    while (!(CLK_REF_SELECTED & 1u << REF_FROM_XOSC)) {}
    CLK_PERI_CTRL = CLK_ENABLE | PERI_FROM_XOSC;
    CLK_ADC_CTRL = CLK_ENABLE | ADC_FROM_XOSC;
    WATCHDOG_TICK = TICK_ENABLE | CRYSTAL_HZ / 1000000;
    CLEAR_BITS(RESETS, 0) = USED_PERIPHERALS;
    while ((RESET_DONE & USED_PERIPHERALS) != USED_PERIPHERALS) {}
}

void reset_handler(void) {
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to != data_end;) *to++ = *from++;
    for (uint32_t *to = bss_start; to != bss_end;) *to++ = 0;
    start_clocks();
    main();
    fault_handler();
    for (;;) {}
}

typedef void handler(void);
static const struct {
    uint32_t *stack;
    handler *exceptions[15];
    handler *interrupts[32];
} vectors __attribute__((section(".vectors"), used)) = {
    stack_top,
    {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler},
    {[0] = timer0_handler, [1] = timer1_handler, [13] = gpio_handler, [20] = uart_handler}};
