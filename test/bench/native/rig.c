/*
 * The rig of `npm run bench`: it plays the wall on pseudo-terminals and the receiver on TCP
 * (SIA DC-09), and notes the time of every byte. It has no cryptography and understands nothing
 * but the end of a DC-09 frame: the presses come sealed from a file, and it only stores what the
 * contestant writes. TypeScript opens and judges all of it afterwards (analysis.ts).
 *
 *   rig LINES       prints: ready fifo|normal PORT /dev/pts/1 …
 *
 * One command a line on stdin, one answer a line on stdout:
 *
 *   send FILE       writes the presses of FILE at their times; answers `sent` after the last one
 *   await N MS      waits for N event frames since the last `clear`; answers `have M`
 *   dump FILE       writes all records since the last `clear`; answers `dumped`
 *   clear           forgets the records and counts from 0; answers `cleared`
 *   link WHAT       `closed`, `frozen` or `open`; answers `link`
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 64
#define LINKS_MAX 256
#define FRAME_MAX 4096
#define RECORDS_BYTES ((size_t)1 << 30)
/* A UART whose other end reads nothing loses bytes. A press is dropped after this time. */
#define WRITE_MS_MAX 1000

enum { PRESS = 'P', DROPPED = 'D', WALL = 'W', SOCKET = 'S', OPENED = 'O', CLOSED = 'C', LINK = 'L' };

struct record {
  uint8_t kind, unused;
  uint16_t where;
  uint32_t length;
  uint64_t ns;
};

struct link {
  int fd;
  uint16_t number;
  size_t used;
  char frame[FRAME_MAX];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char *records;
static size_t records_used;
static long frames;
static int lines, masters[LINES_MAX], slaves[LINES_MAX];
static int epoll_fd, listener = -1, frozen;
static uint16_t port, links_opened;
static struct link links[LINKS_MAX];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The caller holds the mutex. */
static void note(int kind, unsigned where, uint64_t ns, const void *bytes, size_t length) {
  struct record record = {(uint8_t)kind, 0, (uint16_t)where, (uint32_t)length, ns};
  if (records_used + sizeof record + length > RECORDS_BYTES) {
    fprintf(stderr, "rig: too many records\n");
    exit(1);
  }
  memcpy(records + records_used, &record, sizeof record);
  memcpy(records + records_used + sizeof record, bytes, length);
  records_used += sizeof record + length;
}

static void watch(int fd, int number) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)number};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

/* Numbers of the descriptors in epoll: lines, then the listener, then links. */
#define LISTENER LINES_MAX
#define FIRST_LINK (LINES_MAX + 1)

static void listen_again(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  socklen_t size = sizeof address;
  int yes = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 128) != 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  port = ntohs(address.sin_port);
  watch(listener, LISTENER);
}

static void accept_link(uint64_t ns) {
  int yes = 1, at = 0, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  while (at < LINKS_MAX && links[at].fd >= 0) at++;
  if (at == LINKS_MAX) {
    close(fd);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  links[at].fd = fd;
  links[at].used = 0;
  links[at].number = links_opened++;
  note(OPENED, links[at].number, ns, "", 0);
  watch(fd, FIRST_LINK + at);
}

static void close_link(struct link *link, uint64_t ns) {
  note(CLOSED, link->number, ns, "", 0);
  close(link->fd);
  link->fd = -1;
}

/* CRC-16/ARC, as DC-09 has it (section 5.5.1.2). */
static unsigned crc16(const char *bytes, size_t length) {
  unsigned crc = 0;
  for (size_t i = 0; i < length; i++) {
    crc ^= (unsigned char)bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/* Answers an unencrypted frame: "ACK", and all from the sequence number to the bracket as sent. */
static void acknowledge(struct link *link, size_t length) {
  char body[256], answer[300];
  char *bracket = memchr(link->frame, '[', length);
  char *token = memchr(link->frame, '"', length);
  char *fields = token ? memchr(token + 1, '"', (size_t)(link->frame + length - token - 1)) : NULL;
  if (!bracket || !fields || bracket < fields || bracket - fields > 200) return;
  if (strncmp(token, "\"NULL\"", 6) != 0) frames++;
  int size = snprintf(body, sizeof body, "\"ACK%.*s[]", (int)(bracket - fields), fields);
  size = snprintf(answer, sizeof answer, "\n%04X%04X%s\r", crc16(body, (size_t)size), (unsigned)size, body);
  /* The answer fits in any socket's buffer. A contestant that closed meanwhile gets none. */
  (void)!send(link->fd, answer, (size_t)size, MSG_NOSIGNAL);
}

static void read_link(struct link *link) {
  char bytes[65536], *end;
  ssize_t count = read(link->fd, bytes, sizeof bytes);
  uint64_t ns = now_ns();
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    close_link(link, ns);
    return;
  }
  note(SOCKET, link->number, ns, bytes, (size_t)count);
  for (char *at = bytes; at < bytes + count; at = end) {
    char *cr = memchr(at, '\r', (size_t)(bytes + count - at));
    end = cr ? cr + 1 : bytes + count;
    if (link->used + (size_t)(end - at) > FRAME_MAX) link->used = 0;
    else {
      memcpy(link->frame + link->used, at, (size_t)(end - at));
      link->used += (size_t)(end - at);
    }
    if (cr) {
      acknowledge(link, link->used);
      link->used = 0;
    }
  }
}

static void handle(unsigned number) {
  char bytes[4096];
  if (number < LISTENER) {
    ssize_t count = read(masters[number], bytes, sizeof bytes);
    if (count > 0) note(WALL, number, now_ns(), bytes, (size_t)count);
  } else if (number == LISTENER) {
    if (listener >= 0) accept_link(now_ns());
  } else if (links[number - FIRST_LINK].fd >= 0 && !frozen) read_link(&links[number - FIRST_LINK]);
}

static void *receive(void *unused) {
  struct epoll_event events[64];
  uint64_t forgot_ns = 0;
  for (;;) {
    int count = epoll_wait(epoll_fd, events, 64, 1000);
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < count; i++) handle(events[i].data.u32);
    pthread_mutex_unlock(&mutex);
    /* A killed gateway leaves its exclusive mode behind, since the rig never closes its end. */
    if (now_ns() - forgot_ns > 1000000000u) {
      for (int i = 0; i < lines; i++) ioctl(slaves[i], TIOCNXCL);
      forgot_ns = now_ns();
    }
  }
  return unused;
}

static void set_link(const char *state) {
  pthread_mutex_lock(&mutex);
  uint64_t ns = now_ns();
  note(LINK, 0, ns, state, strlen(state));
  if (strcmp(state, "closed") == 0) {
    /* A reset, so that nothing that was sent can still arrive. */
    struct linger reset = {1, 0};
    close(listener);
    listener = -1;
    for (int i = 0; i < LINKS_MAX; i++) {
      if (links[i].fd < 0) continue;
      setsockopt(links[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      close_link(&links[i], ns);
    }
  } else if (strcmp(state, "frozen") == 0) {
    frozen = 1;
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, listener, NULL);
    for (int i = 0; i < LINKS_MAX; i++)
      if (links[i].fd >= 0) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, links[i].fd, NULL);
  } else if (frozen) {
    frozen = 0;
    watch(listener, LISTENER);
    for (int i = 0; i < LINKS_MAX; i++)
      if (links[i].fd >= 0) watch(links[i].fd, FIRST_LINK + i);
  } else if (listener < 0) listen_again();
  pthread_mutex_unlock(&mutex);
}

/* Writes a press as a whole. The time is that before the write: it is never later than the wire's. */
static void press(unsigned line, const char *bytes, size_t length, uint32_t index) {
  uint64_t ns = now_ns(), first_ns = ns;
  size_t done = 0;
  while (done < length) {
    ssize_t count = write(masters[line], bytes + done, length - done);
    if (count > 0) done += (size_t)count;
    if (done == length) break;
    struct timespec wait = {0, 200000};
    nanosleep(&wait, NULL);
    ns = now_ns();
    if (ns - first_ns > WRITE_MS_MAX * 1000000ull) break;
  }
  pthread_mutex_lock(&mutex);
  note(done == length ? PRESS : DROPPED, line, ns, &index, sizeof index);
  pthread_mutex_unlock(&mutex);
}

/*
 * FILE: due time in ns (8 bytes), line (2), length (2), bytes; little-endian, one after the other.
 * Line 65535 is the link to the receiver, and its bytes are the state that it enters.
 */
static void send_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file) fail(name);
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  char *all = malloc(size + 1);
  rewind(file);
  if (!all || fread(all, 1, size, file) != size) fail(name);
  fclose(file);
  uint64_t start_ns = now_ns() + 2000000;
  uint32_t index = 0;
  for (size_t at = 0; at + 12 <= size; index++) {
    uint64_t due_ns;
    uint16_t line, length;
    memcpy(&due_ns, all + at, 8);
    memcpy(&line, all + at + 8, 2);
    memcpy(&length, all + at + 10, 2);
    due_ns += start_ns;
    struct timespec due = {(time_t)(due_ns / 1000000000u), (long)(due_ns % 1000000000u)};
    if (due_ns > now_ns()) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    if (line == 0xffff) {
      char state[16] = "";
      memcpy(state, all + at + 12, length < sizeof state ? length : sizeof state - 1);
      set_link(state);
    } else press(line % LINES_MAX, all + at + 12, length, index);
    at += 12u + length;
  }
  free(all);
}

static long await_frames(long count, long ms) {
  uint64_t last_ns = now_ns() + (uint64_t)ms * 1000000u;
  struct timespec step = {0, 2000000};
  for (;;) {
    pthread_mutex_lock(&mutex);
    long have = frames;
    pthread_mutex_unlock(&mutex);
    if (have >= count || now_ns() > last_ns) return have;
    nanosleep(&step, NULL);
  }
}

static void dump(const char *name) {
  FILE *file = fopen(name, "wb");
  if (!file) fail(name);
  pthread_mutex_lock(&mutex);
  size_t used = records_used;
  pthread_mutex_unlock(&mutex);
  if (fwrite(records, 1, used, file) != used) fail(name);
  fclose(file);
}

static void clear(void) {
  pthread_mutex_lock(&mutex);
  records_used = 0;
  frames = 0;
  pthread_mutex_unlock(&mutex);
}

static void open_line(int line) {
  struct termios raw;
  masters[line] = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (masters[line] < 0 || grantpt(masters[line]) != 0 || unlockpt(masters[line]) != 0) fail("posix_openpt");
  tcgetattr(masters[line], &raw);
  cfmakeraw(&raw);
  tcsetattr(masters[line], TCSANOW, &raw);
  /* The slave stays open here. Otherwise the master fails while no contestant has it open. */
  slaves[line] = open(ptsname(masters[line]), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slaves[line] < 0) fail("open");
  watch(masters[line], line);
}

static void obey(char *command) {
  char *rest = strchr(command, ' ');
  if (rest) *rest++ = 0;
  if (strcmp(command, "send") == 0 && rest) {
    send_file(rest);
    puts("sent");
  } else if (strcmp(command, "await") == 0 && rest) {
    char *ms;
    long count = strtol(rest, &ms, 10);
    printf("have %ld\n", await_frames(count, strtol(ms, NULL, 10)));
  } else if (strcmp(command, "dump") == 0 && rest) {
    dump(rest);
    puts("dumped");
  } else if (strcmp(command, "clear") == 0) {
    clear();
    puts("cleared");
  } else if (strcmp(command, "link") == 0 && rest) {
    set_link(rest);
    puts("link");
  } else puts("unknown");
}

int main(int count, char **arguments) {
  struct sched_param priority = {.sched_priority = 50};
  pthread_t receiver;
  char command[4096];
  lines = count > 1 ? atoi(arguments[1]) : 0;
  if (lines < 1 || lines > LINES_MAX) {
    fprintf(stderr, "usage: rig LINES (1 to %d)\n", LINES_MAX);
    return 2;
  }
  records = mmap(NULL, RECORDS_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (records == MAP_FAILED) fail("mmap");
  for (int i = 0; i < LINKS_MAX; i++) links[i].fd = -1;
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < lines; i++) open_line(i);
  listen_again();
  prctl(PR_SET_TIMERSLACK, 1);
  const char *class = sched_setscheduler(0, SCHED_FIFO, &priority) == 0 ? "fifo" : "normal";
  if (pthread_create(&receiver, NULL, receive, NULL) != 0) fail("pthread_create");
  printf("ready %s %u", class, port);
  for (int i = 0; i < lines; i++) printf(" %s", ptsname(masters[i]));
  puts("");
  fflush(stdout);
  while (fgets(command, sizeof command, stdin)) {
    command[strcspn(command, "\n")] = 0;
    obey(command);
    fflush(stdout);
  }
  return 0;
}
