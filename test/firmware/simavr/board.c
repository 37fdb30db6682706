#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

enum { EXTERNAL_INTERRUPTS = 3, PENDING_MAX = 65536 };

void (*board_on_byte)(uint8_t byte, double ms);
void (*board_on_led)(bool red, bool green);

static avr_t *avr;
static int red, green, driving;
static struct { double ms; uint8_t byte; } pending[PENDING_MAX];
static unsigned first, last;

void fail(const char *what) {
    fprintf(stderr, "simavr: %s\n", what);
    exit(2);
}

double board_now(void) { return (double)avr->cycle * 1000 / avr->frequency; }

double board_due(void) {
    const avr_cycle_timer_slot_p next = avr->cycle_timers.timer;
    if (avr->state != cpu_Sleeping || next == NULL) return board_now();
    return (double)next->when * 1000 / avr->frequency;
}

static void sent(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    (void)param;
    /* A byte that is sent while the driver is off does not reach the line. */
    if (driving) board_on_byte((uint8_t)value, board_now());
}

static void pin(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    *(int *)param = value != 0;
    if (param != &driving) board_on_led(red, green);
}

/* simavr puts back the level of a pull-up whenever the program writes to the port: so each is told. */
static void drive(char port, unsigned bit, unsigned level) {
    static uint8_t masks[4], levels[4];
    const unsigned at = (unsigned)(port - 'A') & 3;
    masks[at] |= (uint8_t)(1 << bit);
    levels[at] = (uint8_t)(level ? levels[at] | 1 << bit : levels[at] & ~(1 << bit));
    avr_ioport_external_t outside = {.name = (unsigned char)port, .mask = masks[at], .value = levels[at]};
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &outside);
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit), level);
}

/* Who calls board_run_until keeps the time. */
static void sleep_not(avr_t *sleeping, avr_cycle_count_t cycles) {
    (void)sleeping;
    (void)cycles;
}

static void load(const char *image, const char *chip, unsigned long hertz, const char *eeprom) {
    static elf_firmware_t firmware;
    if (elf_read_firmware(image, &firmware) != 0) fail("the image can't be read");
    avr = avr_make_mcu_by_name(chip);
    if (avr == NULL) fail("unknown chip");
    avr_init(avr);
    avr->frequency = hertz;
    avr_load_firmware(avr, &firmware);
    avr->frequency = hertz;
    avr->sleep = sleep_not;
    /* The external interrupts would look at their low pins in every cycle, also in sleep. */
    for (uint8_t each = 0; each < EXTERNAL_INTERRUPTS; each++) avr_extint_set_strict_lvl_trig(avr, each, 0);
    static uint8_t bytes[4096];
    FILE *file = fopen(eeprom, "rb");
    if (file == NULL) fail("the EEPROM can't be read");
    avr_eeprom_desc_t memory = {.ee = bytes, .offset = 0, .size = (uint32_t)fread(bytes, 1, sizeof bytes, file)};
    fclose(file);
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &memory);
}

static struct avr_irq_t *irq_of(const char *name) {
    return avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(name[0]), name[1] - '0');
}

static void wire(const char *driver_enable, const char *red_pin, const char *green_pin) {
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= (uint32_t) ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), sent, NULL);
    avr_irq_register_notify(irq_of(driver_enable), pin, &driving);
    avr_irq_register_notify(irq_of(red_pin), pin, &red);
    avr_irq_register_notify(irq_of(green_pin), pin, &green);
}

void board_start(char *argv[]) {
    load(argv[1], argv[2], strtoul(argv[3], NULL, 10), argv[4]);
    wire(argv[5], argv[6], argv[7]);
}

static avr_cycle_count_t stop(avr_t *stopped, avr_cycle_count_t when, void *param) {
    (void)stopped;
    (void)when;
    (void)param;
    return 0;
}

/* A chip that sleeps passes over all cycles up to the next timer of simavr: so one is set here. */
static void run_to(avr_cycle_count_t cycle) {
    while (avr->cycle < cycle) {
        if (avr->state == cpu_Sleeping) avr_cycle_timer_register(avr, cycle - avr->cycle, stop, NULL);
        const int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) fail("the program crashed");
    }
}

static avr_cycle_count_t cycle_at(double ms) { return (avr_cycle_count_t)(ms * avr->frequency / 1000); }

void board_run_until(double ms) {
    for (; first != last && pending[first].ms <= ms; first = (first + 1) % PENDING_MAX) {
        run_to(cycle_at(pending[first].ms));
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), pending[first].byte);
    }
    run_to(cycle_at(ms));
    avr_cycle_timer_cancel(avr, stop, NULL);
}

void board_hear(uint8_t byte, double ms) {
    pending[last].ms = ms;
    pending[last].byte = byte;
    last = (last + 1) % PENDING_MAX;
    if (last == first) fail("too many bytes wait for the line");
}

bool board_obey(const char *line) {
    char port;
    unsigned number, value;
    if (sscanf(line, "pin %c%u %u", &port, &number, &value) == 3 && number < 8) drive(port, number, value);
    else if (sscanf(line, "channel %u %u", &number, &value) == 2)
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, (int)number), value);
    else if (sscanf(line, "chip %u", &value) == 1) avr->vcc = avr->avcc = avr->aref = value;
    else if (sscanf(line, "ram %x %x", &number, &value) == 2 && number <= avr->ramend) avr->data[number] = (uint8_t)value;
    else return false;
    return true;
}
