/*
 * Runs a node's image in simavr, an emulator that shares no code with the other one, and prints
 * what the node sends.
 *
 *     judge IMAGE.elf CHIP HERTZ EEPROM < script
 *
 * EEPROM is a file with its bytes. A line of the script is "MS WORD ARGUMENTS", in the order of
 * time: "button N 0|1", "point N 0|1", "cover 0|1", "hear HEX", "end". A line of the output is
 * "MS HEX", a byte and the time of its start bit; "MS led RED GREEN", when an LED has changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_eeprom.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

enum { SUPPLY_CHANNEL = 6, DIVIDER = 11, SUPPLY_MV = 11000, CHIP_MV = 5000, BAUD = 115200, PENDING_MAX = 65536 };

static avr_t *avr;
static int red, green, driving;
static struct { double ms; unsigned char byte; } pending[PENDING_MAX];
static unsigned first, last;

static double now(void) { return (double)avr->cycle * 1000 / avr->frequency; }

static void sent(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    (void)param;
    /* A byte that is sent while the driver is off does not reach the line. */
    if (driving) printf("%.3f %02x\n", now(), value & 0xFF);
}

static void pin(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq;
    *(int *)param = value != 0;
    if (param != &driving) printf("%.3f led %d %d\n", now(), red, green);
}

/* simavr puts the pull-ups' levels back whenever the program writes to the port. */
static void contact(char port, int bit, int closed) {
    static struct { char port; uint8_t mask, value; } levels[] = {{'B', 0x01, 0x01}, {'C', 0x0F, 0x0F}, {'D', 0xF1, 0xF1}};
    for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (levels[i].port != port) continue;
        levels[i].value = (uint8_t)(closed ? levels[i].value & ~(1 << bit) : levels[i].value | 1 << bit);
        avr_ioport_external_t pulled = {.name = (unsigned char)port, .mask = levels[i].mask, .value = levels[i].value};
        avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &pulled);
    }
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit), !closed);
}

/* Time is that of the cycles: nothing waits for the clock on the wall. */
static void sleep_not(avr_t *sleeping, avr_cycle_count_t cycles) {
    (void)sleeping;
    (void)cycles;
}

static void fail(const char *what) {
    fprintf(stderr, "judge: %s\n", what);
    exit(2);
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
    avr->vcc = avr->avcc = avr->aref = CHIP_MV;
    static uint8_t bytes[4096];
    FILE *file = fopen(eeprom, "rb");
    if (file == NULL) fail("the EEPROM can't be read");
    avr_eeprom_desc_t memory = {.ee = bytes, .offset = 0, .size = (uint32_t)fread(bytes, 1, sizeof bytes, file)};
    fclose(file);
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &memory);
}

static void wire(void) {
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= (uint32_t) ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), sent, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 2), pin, &driving);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), 1), pin, &red);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), 2), pin, &green);
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, SUPPLY_CHANNEL), SUPPLY_MV / DIVIDER);
    /* Every contact is open, except that the cover is on. RXD and the jumper are high. */
    static const struct { char port; uint8_t bits; } open[] = {{'B', 0x01}, {'C', 0x07}, {'D', 0xF1}};
    for (unsigned i = 0; i < sizeof open / sizeof open[0]; i++) {
        for (int bit = 0; bit < 8; bit++) if (open[i].bits >> bit & 1) contact(open[i].port, bit, 0);
    }
    contact('C', 3, 1);
}

static void run_until(double ms) {
    while (now() < ms) {
        while (first != last && pending[first].ms <= now()) {
            avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), pending[first].byte);
            first = (first + 1) % PENDING_MAX;
        }
        const int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) fail("the program crashed");
    }
}

static void hear(double ms, const char *hex) {
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        pending[last].ms = ms;
        pending[last].byte = (unsigned char)byte;
        last = (last + 1) % PENDING_MAX;
        ms += 10 * 1000.0 / BAUD;
    }
}

int main(int argc, char *argv[]) {
    static const struct { char port; int bit; } buttons[] = {{'D', 5}, {'D', 6}, {'D', 7}, {'B', 0}};
    static char line[2048], word[16], argument[1024];
    if (argc != 5) fail("usage: judge IMAGE.elf CHIP HERTZ EEPROM < script");
    load(argv[1], argv[2], strtoul(argv[3], NULL, 10), argv[4]);
    wire();
    while (fgets(line, sizeof line, stdin) != NULL) {
        double ms;
        int state = 0;
        argument[0] = 0;
        if (sscanf(line, "%lf %15s %1023s %d", &ms, word, argument, &state) < 2) fail("a line of the script is wrong");
        run_until(ms);
        if (strcmp(word, "button") == 0) contact(buttons[atoi(argument) & 3].port, buttons[atoi(argument) & 3].bit, state);
        else if (strcmp(word, "point") == 0) contact('C', atoi(argument) & 3, state);
        else if (strcmp(word, "cover") == 0) contact('C', 3, atoi(argument));
        else if (strcmp(word, "hear") == 0) hear(ms, argument);
        else if (strcmp(word, "end") == 0) return 0;
        else fail("an unknown word in the script");
    }
    return 0;
}
