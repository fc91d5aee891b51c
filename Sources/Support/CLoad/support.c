#include "internal.h"
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static atomic_bool stopped;

void load_stop(void) { atomic_store(&stopped, true); }
bool load_stopped(void) { return atomic_load_explicit(&stopped, memory_order_relaxed); }

int64_t load_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

void load_sleep_until(int64_t moment) {
  struct timespec wake = {.tv_sec = moment / NS_PER_SECOND, .tv_nsec = moment % NS_PER_SECOND};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
}

double load_cpu_seconds(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

uint64_t load_resident_bytes(void) {
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return 0;
  unsigned long total = 0, resident = 0;
  int fields = fscanf(file, "%lu %lu", &total, &resident);
  fclose(file);
  return fields == 2 ? (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

int load_fail(load_error *error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return -1;
}

void load_ready(int fd, int port) {
  if (fd < 0) return;
  char text[32];
  int length = port ? snprintf(text, sizeof text, "ready %d\n", port) : snprintf(text, sizeof text, "ready\n");
  ssize_t written = write(fd, text, (size_t)length);
  (void)written; /* nobody listening is no reason not to measure */
}

void load_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool load_address(const char *host, uint16_t port, struct sockaddr_in *address) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(port);
  if (inet_pton(AF_INET, host, &address->sin_addr) == 1) return true;
  struct addrinfo hints = {.ai_family = AF_INET}, *found = NULL;
  if (getaddrinfo(host, NULL, &hints, &found) || !found) return false;
  address->sin_addr = ((struct sockaddr_in *)(void *)found->ai_addr)->sin_addr;
  freeaddrinfo(found);
  return true;
}

static int compare(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

void load_quantiles(uint32_t *values, uint32_t count, uint32_t result[3]) {
  result[0] = result[1] = result[2] = 0;
  if (!count) return;
  qsort(values, count, sizeof *values, compare);
  result[0] = values[count / 2];
  result[1] = values[(uint64_t)(count - 1) * 99 / 100];
  result[2] = values[count - 1];
}
