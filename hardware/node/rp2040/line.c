#include "../board/line.h"

#include "../board/runs.h"
#include "events.h"
#include "registers.h"

enum {
    FLAG_BUSY = 1 << 3,
    FLAG_RX_EMPTY = 1 << 4,
    FLAG_TX_FULL = 1 << 5,
    LINE_8N1 = 3 << 5, /* no FIFO: an interrupt for every byte */
    CONTROL_ON = 1 << 0 | 1 << 8,
    CONTROL_RX = 1 << 9,
    INTERRUPT_RX = 1 << 4,
    INTERRUPT_TX = 1 << 5,
    WINDOW_ALARM = 1,
    RX_PIN = 1,
    BOTH_EDGES = 0xC
};

static bool is_shared;
static volatile bool is_sending, was_active;
static const uint8_t *next_byte;
static volatile uint8_t bytes_left;
static uint32_t character_us;

/* 12 MHz makes every rate within 0.1 %. */
const uint16_t line_bauds = 0x1F;

bool line_set_baud(uint16_t baud_hundreds) {
    if (baud_hundreds != 96 && baud_hundreds != 192 && baud_hundreds != 384 && baud_hundreds != 576 &&
        baud_hundreds != 1152) {
        return false;
    }
    const uint32_t baud = baud_hundreds * 100u;
    const uint32_t divisor = (CRYSTAL_HZ * 4 + baud / 2) / baud; /* in 1/64 */
    character_us = (10 * 1000000 + baud - 1) / baud;
    UART_INTEGER = divisor / 64;
    UART_FRACTION = divisor % 64;
    UART_LINE = LINE_8N1;
    return true;
}

void line_listen(uint8_t address, bool shared) {
    runs_start(address);
    is_shared = shared;
    UART_CONTROL = CONTROL_ON | CONTROL_RX;
    UART_MASK = INTERRUPT_RX;
}

uint8_t *line_body(uint8_t *length) { return runs_oldest(length); }

void line_release(void) {
    interrupts_off();
    runs_release();
    interrupts_on();
}

static void send_next(void) {
    bytes_left--;
    UART_DATA = *next_byte++;
}

void line_send(const uint8_t *bytes, uint8_t length) {
    line_end_watch();
    interrupts_off();
    next_byte = bytes;
    bytes_left = length;
    is_sending = true;
    if (is_shared) {
        SIO_SET = 1u << RE;
        UART_CONTROL = CONTROL_ON;
        runs_begin();
    }
    SIO_SET = 1u << DE;
    UART_MASK = INTERRUPT_TX | (is_shared ? 0 : INTERRUPT_RX);
    send_next();
    interrupts_on();
}

bool line_is_sending(void) { return is_sending; }

/*
 * The UART has no interrupt for its last stop bit. Without its FIFO, the interrupt for the last byte
 * comes as that byte begins; the window alarm then comes when it is out.
 */
static void end_sending(void) {
    while (UART_FLAGS & FLAG_BUSY) {}
    SIO_CLEAR = 1u << DE | 1u << RE;
    UART_CONTROL = CONTROL_ON | CONTROL_RX;
    UART_MASK = INTERRUPT_RX;
    is_sending = false;
    event = true;
}

void uart_handler(void) {
    while (!(UART_FLAGS & FLAG_RX_EMPTY)) {
        was_active = true;
        runs_take((uint8_t)UART_DATA);
    }
    if (!is_sending || !(UART_MASK & INTERRUPT_TX)) return;
    if (UART_FLAGS & FLAG_TX_FULL) return;
    if (bytes_left > 0) {
        send_next();
    } else {
        UART_MASK &= ~(uint32_t)INTERRUPT_TX;
        TIMER_ALARM(WINDOW_ALARM) = TIMER_LOW + character_us - 10;
    }
}

void line_watch(uint8_t characters) {
    interrupts_off();
    was_active = window_event = false;
    GPIO_EDGES(0) = (uint32_t)BOTH_EDGES << RX_PIN * 4;
    GPIO_ENABLED(0) |= (uint32_t)BOTH_EDGES << RX_PIN * 4;
    TIMER_ALARM(WINDOW_ALARM) = TIMER_LOW + characters * character_us + 1;
    interrupts_on();
}

bool line_was_active(void) { return was_active; }

void line_end_watch(void) { GPIO_ENABLED(0) &= ~((uint32_t)BOTH_EDGES << RX_PIN * 4); }

void line_saw_edge(void) {
    if (!(SIO_IN & 1u << RX_PIN)) was_active = true;
}

void timer1_handler(void) {
    TIMER_RAISED = 1u << WINDOW_ALARM;
    if (is_sending) end_sending();
    else window_event = true;
}

void line_start_service(void) {
    SIO_SET = 1u << RE;
    line_set_baud(SERVICE_BAUD_HUNDREDS);
    UART_CONTROL = CONTROL_ON | CONTROL_RX;
}

bool line_get(char *byte) {
    if (UART_FLAGS & FLAG_RX_EMPTY) return false;
    *byte = (char)UART_DATA;
    return true;
}

void line_put(char byte) {
    while (UART_FLAGS & FLAG_TX_FULL) {}
    UART_DATA = (uint8_t)byte;
}
