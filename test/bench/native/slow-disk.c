/*
 * A slow disk for one process (LD_PRELOAD): each fdatasync and fsync takes 10 ms longer, and every
 * hundredth 150 ms, as SD cards do that move blocks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static atomic_uint calls;

static void wait_for_disk(void) {
  long ms = atomic_fetch_add(&calls, 1) % 100 == 99 ? 150 : 10;
  struct timespec wait = {0, ms * 1000000};
  nanosleep(&wait, NULL);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_for_disk();
  return real(fd);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_for_disk();
  return real(fd);
}
