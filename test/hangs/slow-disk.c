/*
 * Simulates a slow disk for the write-ahead log of run.db. While the file $AZR_SLOW_DISK exists,
 * each write sleeps for the milliseconds that it contains. For LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_for_disk(int fd) {
  const char *asked = getenv("AZR_SLOW_DISK");
  char link[64], path[4096];
  if (!asked) return;
  FILE *file = fopen(asked, "r");
  if (!file) return;
  long ms = 0;
  if (fscanf(file, "%ld", &ms) != 1) ms = 0;
  fclose(file);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (ms <= 0 || length < 10) return;
  path[length] = 0;
  if (strcmp(path + length - 10, "run.db-wal") == 0) usleep(ms * 1000);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  wait_for_disk(fd);
  return real(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite");
  wait_for_disk(fd);
  return real(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  wait_for_disk(fd);
  return real(fd, bytes, count);
}
