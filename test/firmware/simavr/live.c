/*
 * Runs a node's image in simavr in real time, with its line at a pseudo-terminal.
 *
 *     live IMAGE.elf CHIP HERTZ EEPROM DE RED GREEN
 *
 * The first line of the output is "port PATH", the terminal that a gateway opens. Then "led RED
 * GREEN" comes whenever the LED has changed. A line of the input is a command that board_obey
 * obeys. The chip starts with the first ones, and the program ends with its input.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "board.h"

enum { SENT_MAX = 1024 };
/* The chip runs ahead of the clock on the wall at most for so long, and sleeps between. */
#define AHEAD_MS 1.0
#define SLEEP_MS_MAX 1000.0

static int master, slave;
static struct timespec began;
static double line_free_ms;
static struct { double end_ms; uint8_t byte; } bytes_sent[SENT_MAX];
static unsigned sent_count;

static double wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began.tv_sec) * 1e3 + (double)(now.tv_nsec - began.tv_nsec) / 1e6;
}

static void on_byte(uint8_t byte, double ms) {
    if (sent_count == SENT_MAX) fail("the line is stuck");
    bytes_sent[sent_count].end_ms = ms + BYTE_MS;
    bytes_sent[sent_count++].byte = byte;
}

static void on_led(bool red, bool green) {
    printf("led %d %d\n", red, green);
    fflush(stdout);
}

/* The slave stays open: between two gateways the terminal neither hangs up nor forgets its mode. */
static void open_line(void) {
    struct termios raw;
    master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) fail("no pseudo-terminal");
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0 || tcgetattr(slave, &raw) != 0) fail("the terminal can't be opened");
    cfmakeraw(&raw);
    if (tcsetattr(slave, TCSANOW, &raw) != 0) fail("the terminal can't be set");
    printf("port %s\n", ptsname(master));
    fflush(stdout);
}

/* A byte is there when its stop bit is out. What nobody reads is lost, as on a line. */
static void deliver(void) {
    unsigned over = 0;
    uint8_t bytes[SENT_MAX];
    while (over < sent_count && bytes_sent[over].end_ms <= board_now()) {
        bytes[over] = bytes_sent[over].byte;
        over++;
    }
    if (over == 0) return;
    if (write(master, bytes, over) < 0 && errno != EAGAIN) fail("the terminal can't be written");
    sent_count -= over;
    memmove(bytes_sent, bytes_sent + over, sent_count * sizeof bytes_sent[0]);
}

static void take_line(void) {
    uint8_t bytes[256];
    const ssize_t count = read(master, bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++) {
        if (line_free_ms < board_now()) line_free_ms = board_now();
        board_hear(bytes[i], line_free_ms);
        line_free_ms += BYTE_MS;
    }
}

/* False at the end of the input. */
static bool take_commands(void) {
    static char text[4096];
    static size_t length;
    const ssize_t count = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
    if (count <= 0) return false;
    length += (size_t)count;
    text[length] = 0;
    char *line = text;
    for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
        *end = 0;
        if (!board_obey(line)) fail("an unknown command");
        line = end + 1;
    }
    length = strlen(line);
    memmove(text, line, length);
    return true;
}

/* Until the clock on the wall has come near what the chip does next, or somebody sends something. */
static bool wait(void) {
    struct pollfd inputs[] = {{.fd = master, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    const bool is_hearing = line_free_ms > board_now();
    double ms = (is_hearing ? board_now() : board_due()) - wall_ms();
    if (ms > SLEEP_MS_MAX) ms = SLEEP_MS_MAX;
    if (ms < 0) ms = 0;
    const struct timespec timeout = {(time_t)(ms / 1e3), (long)((ms - (double)(time_t)(ms / 1e3) * 1e3) * 1e6)};
    if (ppoll(inputs, 2, &timeout, NULL) < 0) fail("poll");
    /* A gateway that crashed leaves the port in exclusive mode while the slave is open. */
    ioctl(slave, TIOCNXCL);
    board_run_until(wall_ms());
    deliver();
    if (inputs[0].revents != 0) take_line();
    return inputs[1].revents == 0 || take_commands();
}

int main(int argc, char *argv[]) {
    if (argc != BOARD_ARGUMENTS) fail("usage: live IMAGE.elf CHIP HERTZ EEPROM DE RED GREEN");
    board_on_byte = on_byte;
    board_on_led = on_led;
    board_start(argv);
    open_line();
    if (!take_commands()) return 0;
    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        board_run_until(wall_ms() + AHEAD_MS);
        deliver();
    } while (wait());
    return 0;
}
