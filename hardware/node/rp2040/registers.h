/* The registers of the RP2040 that the node uses (RP2040 data sheet, sections 2.3 to 4.9). */
#ifndef CALLPOINT_RP2040_REGISTERS_H
#define CALLPOINT_RP2040_REGISTERS_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
/* Aliases that set or clear bits in one write (section 2.1.2). */
#define SET_BITS(base, offset) REGISTER((base) + 0x2000u + (offset))
#define CLEAR_BITS(base, offset) REGISTER((base) + 0x3000u + (offset))

#define CLOCKS 0x40008000u
#define CLK_REF_CTRL REGISTER(CLOCKS + 0x30u)
#define CLK_REF_SELECTED REGISTER(CLOCKS + 0x38u)
#define CLK_PERI_CTRL REGISTER(CLOCKS + 0x48u)
#define CLK_ADC_CTRL REGISTER(CLOCKS + 0x60u)
#define RESETS 0x4000C000u
#define RESET_DONE REGISTER(RESETS + 0x08u)
#define PSM_WDSEL REGISTER(0x40010008u)
#define IO_BANK0 0x40014000u
#define GPIO_CTRL(pin) REGISTER(IO_BANK0 + 8u * (pin) + 4u)
#define GPIO_EDGES(group) REGISTER(IO_BANK0 + 0xF0u + 4u * (group))
#define GPIO_ENABLED(group) REGISTER(IO_BANK0 + 0x100u + 4u * (group))
#define PAD(pin) REGISTER(0x4001C004u + 4u * (pin))
#define XOSC_CTRL REGISTER(0x40024000u)
#define XOSC_STATUS REGISTER(0x40024004u)
#define XOSC_STARTUP REGISTER(0x4002400Cu)
#define UART0 0x40034000u
#define UART_DATA REGISTER(UART0 + 0x00u)
#define UART_FLAGS REGISTER(UART0 + 0x18u)
#define UART_INTEGER REGISTER(UART0 + 0x24u)
#define UART_FRACTION REGISTER(UART0 + 0x28u)
#define UART_LINE REGISTER(UART0 + 0x2Cu)
#define UART_CONTROL REGISTER(UART0 + 0x30u)
#define UART_MASK REGISTER(UART0 + 0x38u)
#define ADC 0x4004C000u
#define ADC_CS REGISTER(ADC + 0x00u)
#define ADC_RESULT REGISTER(ADC + 0x04u)
#define TIMER 0x40054000u
#define TIMER_ALARM(n) REGISTER(TIMER + 0x10u + 4u * (n))
#define TIMER_HIGH REGISTER(TIMER + 0x24u)
#define TIMER_LOW REGISTER(TIMER + 0x28u)
#define TIMER_RAISED REGISTER(TIMER + 0x34u)
#define TIMER_ENABLED REGISTER(TIMER + 0x38u)
#define WATCHDOG_CTRL REGISTER(0x40058000u)
#define WATCHDOG_LOAD REGISTER(0x40058004u)
#define WATCHDOG_REASON REGISTER(0x40058008u)
#define WATCHDOG_TICK REGISTER(0x4005802Cu)
#define SIO_IN REGISTER(0xD0000004u)
#define SIO_SET REGISTER(0xD0000014u)
#define SIO_CLEAR REGISTER(0xD0000018u)
#define SIO_OUTPUT REGISTER(0xD0000024u)
#define NVIC_ENABLE REGISTER(0xE000E100u)

#define CRYSTAL_HZ 12000000u

static inline void interrupts_off(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static inline void interrupts_on(void) { __asm__ volatile("cpsie i" ::: "memory"); }

#endif
