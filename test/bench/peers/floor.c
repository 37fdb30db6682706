/*
 * The C floor: the least that a program can do between a serial line and a receiver. It finds the
 * frame, reads device and number from its header, and writes one DC-09 message (SIA DC-09) to an
 * open connection. It proves nothing, keeps nothing, answers no wall and never connects again.
 *
 *   floor PORT TTY…      prints `ready`
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES_MAX 64
#define BODY_MAX 62

static struct {
  int fd;
  size_t used;
  uint8_t body[BODY_MAX];
} lines[LINES_MAX];
static int link_fd;
static unsigned sequence;
static uint16_t crc_table[256];

static void make_crc_table(void) {
  for (unsigned i = 0; i < 256; i++) {
    unsigned crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
    crc_table[i] = (uint16_t)crc;
  }
}

static unsigned crc16(const char *bytes, int length) {
  unsigned crc = 0;
  for (int i = 0; i < length; i++) crc = crc >> 8 ^ crc_table[(crc ^ (uint8_t)bytes[i]) & 0xff];
  return crc;
}

static uint32_t u32(const uint8_t *at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* COBS as in section 2 of hardware/button-bus.md. Returns the length, or 0 for a fault. */
static size_t decode(const uint8_t *body, size_t length, uint8_t *raw) {
  size_t from = 0, to = 0;
  while (from < length) {
    size_t end = from + body[from];
    if (body[from++] == 0 || end > length) return 0;
    while (from < end) raw[to++] = body[from++];
    if (from < length) raw[to++] = 0;
  }
  return to;
}

static void report(int line, const uint8_t *body, size_t length) {
  uint8_t raw[BODY_MAX + 1];
  char text[200], frame[240];
  /* Version 1, a press. */
  if (decode(body, length, raw) < 21 || raw[0] != 1 || raw[2] != 1) return;
  sequence = sequence % 9999 + 1;
  int size = snprintf(text, sizeof text, "\"SIA-DCS\"%04uL0#1234[#1234|NPA%03u^Room %u (p%da%u.%u.%u)^]", sequence, raw[1],
                      raw[1], line, raw[1], u32(raw + 3), u32(raw + 7));
  size = snprintf(frame, sizeof frame, "\n%04X%04X%s\r", crc16(text, size), (unsigned)size, text);
  for (int done = 0; done < size;) {
    ssize_t count = write(link_fd, frame + done, (size_t)(size - done));
    if (count < 0) exit(1);
    done += (int)count;
  }
}

static void read_line(int line) {
  uint8_t bytes[4096];
  ssize_t count = read(lines[line].fd, bytes, sizeof bytes);
  for (ssize_t i = 0; i < count; i++) {
    if (bytes[i] != 0) {
      if (lines[line].used < BODY_MAX) lines[line].body[lines[line].used++] = bytes[i];
    } else {
      if (lines[line].used > 0) report(line, lines[line].body, lines[line].used);
      lines[line].used = 0;
    }
  }
}

int main(int count, char **arguments) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  struct epoll_event event = {.events = EPOLLIN}, events[LINES_MAX];
  int yes = 1, epoll_fd = epoll_create1(0);
  char answers[65536];
  if (count < 3 || count - 2 > LINES_MAX) return 2;
  make_crc_table();
  address.sin_port = htons((uint16_t)atoi(arguments[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  link_fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(link_fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  setsockopt(link_fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  event.data.u32 = LINES_MAX;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, link_fd, &event);
  for (int line = 0; line < count - 2; line++) {
    lines[line].fd = open(arguments[2 + line], O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (lines[line].fd < 0) return 1;
    event.data.u32 = (uint32_t)line;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, lines[line].fd, &event);
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    int ready = epoll_wait(epoll_fd, events, LINES_MAX, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.u32 < LINES_MAX) read_line((int)events[i].data.u32);
      else if (read(link_fd, answers, sizeof answers) <= 0) return 1;
    }
  }
}
