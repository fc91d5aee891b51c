/* MD5 (RFC 1321), for digest authentication of load; never a security measure. */
#include "CLoad.h"
#include <math.h>
#include <string.h>

static uint32_t rotate(uint32_t value, int count) { return value << count | value >> (32 - count); }

static void block(uint32_t state[4], const uint8_t *bytes) {
  static const int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  static uint32_t sines[64];
  if (!sines[0]) {
    for (int i = 63; i >= 0; i--) sines[i] = (uint32_t)(int64_t)(fabs(sin(i + 1.0)) * 4294967296.0);
  }
  uint32_t words[16];
  for (int i = 0; i < 16; i++) {
    words[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
               (uint32_t)bytes[4 * i + 3] << 24;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (int i = 0; i < 64; i++) {
    uint32_t mix;
    int word;
    switch (i / 16) {
      case 0: mix = (b & c) | (~b & d), word = i; break;
      case 1: mix = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
      case 2: mix = b ^ c ^ d, word = (3 * i + 5) % 16; break;
      default: mix = c ^ (b | ~d), word = 7 * i % 16; break;
    }
    uint32_t next = b + rotate(a + mix + sines[i] + words[word], shifts[i / 16][i % 4]);
    a = d, d = c, c = b, b = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

void load_md5(const void *data, size_t length, uint8_t digest[16]) {
  uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const uint8_t *bytes = data;
  size_t whole = length / 64 * 64;
  for (size_t offset = 0; offset < whole; offset += 64) block(state, bytes + offset);
  uint8_t tail[128] = {0};
  size_t rest = length - whole, padded = rest < 56 ? 64 : 128;
  if (rest) memcpy(tail, bytes + whole, rest);
  tail[rest] = 0x80;
  for (int i = 0; i < 8; i++) tail[padded - 8 + (size_t)i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
  for (size_t offset = 0; offset < padded; offset += 64) block(state, tail + offset);
  for (int i = 0; i < 16; i++) digest[i] = (uint8_t)(state[i / 4] >> (8 * (i % 4)));
}
