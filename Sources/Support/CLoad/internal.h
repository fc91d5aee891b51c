#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLoad.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>

#define NS_PER_SECOND 1000000000ll
#define NS_PER_MS 1000000ll

/* One access unit as a program stream pack. The first `head` bytes hold the time stamps and are copied per stream. */
typedef struct {
  uint8_t *bytes;
  uint32_t length, head, stamp; /* stamp: offset of the five PTS bytes */
  bool key;
} load_unit;

struct load_clip {
  load_unit *units;
  uint32_t count, group;
  uint64_t elementary_bytes, program_bytes;
  bool audio;
};

enum { LOAD_HEAD_LIMIT = 128, LOAD_CLOCK_OFFSET = 4, LOAD_AUDIO_PER_SECOND = 8000 };

/* Writes a 33-bit clock as an SCR (pack header) or as a PTS (PES header). */
void load_put_clock(uint8_t *bytes, uint64_t ticks);
void load_put_stamp(uint8_t *bytes, uint64_t ticks);
/* A pack with `count` bytes of A-law tone beginning at sample `position`; returns its length (≤ count + 28). */
uint32_t load_audio_pack(uint8_t *bytes, uint64_t ticks, uint32_t count, uint64_t position);

int load_fail(load_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool load_stopped(void);
double load_cpu_seconds(void);
uint64_t load_resident_bytes(void);
void load_sleep_until(int64_t moment);
void load_ready(int fd, int port);
void load_raise_descriptor_limit(void);
bool load_address(const char *host, uint16_t port, struct sockaddr_in *address);
/* Sorts `values` and writes median, 99th percentile and largest. */
void load_quantiles(uint32_t *values, uint32_t count, uint32_t result[3]);
