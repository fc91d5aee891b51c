/* Reads an elementary stream, cuts it into access units and packs each as one program stream pack
 * (ISO 13818-1, GB/T 28181 Annex C): pack header, before key frames system header and stream map, then PES. */
#include "internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PES_PAYLOAD = 65000, MUX_RATE = 50000, FILE_LIMIT = 1 << 30 };

/* The next 00 00 01 at or after `from`, or `end`. */
static const uint8_t *start_code(const uint8_t *from, const uint8_t *end) {
  for (const uint8_t *at = from; end - at >= 3; at++) {
    at = memchr(at + 2, 1, (size_t)(end - at - 2));
    if (!at) return end;
    at -= 2;
    if (!at[0] && !at[1]) return at;
  }
  return end;
}

/* What a NAL unit means for the cut: a slice or not, the first of its picture, of a key frame. */
typedef struct {
  bool slice, first, key;
} nal_kind;

static nal_kind classify(const uint8_t *nal, size_t length, bool hevc) {
  nal_kind kind = {0};
  if (length < 3) return kind;
  if (hevc) {
    int type = nal[0] >> 1 & 63;
    kind.slice = type < 32;
    kind.first = kind.slice && nal[2] & 0x80; /* first_slice_segment_in_pic_flag */
    kind.key = type >= 16 && type <= 23;
  } else {
    int type = nal[0] & 31;
    kind.slice = type >= 1 && type <= 5;
    kind.first = kind.slice && nal[1] & 0x80; /* first_mb_in_slice is ue(v) 0 */
    kind.key = type == 5;
  }
  return kind;
}

void load_put_stamp(uint8_t *bytes, uint64_t ticks) {
  bytes[0] = (uint8_t)(0x21 | (ticks >> 29 & 0x0e));
  bytes[1] = (uint8_t)(ticks >> 22);
  bytes[2] = (uint8_t)(ticks >> 14 | 1);
  bytes[3] = (uint8_t)(ticks >> 7);
  bytes[4] = (uint8_t)(ticks << 1 | 1);
}

void load_put_clock(uint8_t *bytes, uint64_t ticks) {
  bytes[0] = (uint8_t)(0x44 | (ticks >> 27 & 0x38) | (ticks >> 28 & 3));
  bytes[1] = (uint8_t)(ticks >> 20);
  bytes[2] = (uint8_t)((ticks >> 12 & 0xf8) | 4 | (ticks >> 13 & 3));
  bytes[3] = (uint8_t)(ticks >> 5);
  bytes[4] = (uint8_t)(ticks << 3 | 4);
  bytes[5] = 1;
}

static uint32_t pack_header(uint8_t *bytes) {
  memcpy(bytes, "\0\0\1\xba", 4);
  load_put_clock(bytes + LOAD_CLOCK_OFFSET, 0);
  bytes[10] = (uint8_t)(MUX_RATE >> 14);
  bytes[11] = (uint8_t)(MUX_RATE >> 6);
  bytes[12] = (uint8_t)(MUX_RATE << 2 | 3);
  bytes[13] = 0xf8;
  return 14;
}

static uint32_t crc32_mpeg(const uint8_t *bytes, uint32_t length) {
  uint32_t crc = 0xffffffff;
  for (uint32_t i = 0; i < length; i++) {
    crc ^= (uint32_t)bytes[i] << 24;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7 : crc << 1;
  }
  return crc;
}

/* System header and program stream map of a key frame. */
static uint32_t key_headers(uint8_t *bytes, bool hevc, bool audio) {
  uint8_t *at = bytes;
  uint8_t system[] = {0, 0, 1, 0xbb, 0, audio ? 12 : 9, 0x80 | MUX_RATE >> 15, (uint8_t)(MUX_RATE >> 7),
                      (uint8_t)(MUX_RATE << 1 | 1), audio ? 4 : 0, 0xe1, 0x7f, 0xe0, 0xe8, 0,
                      0xc0, 0xc0, 0x20};
  uint32_t system_length = audio ? sizeof system : sizeof system - 3;
  memcpy(at, system, system_length);
  at += system_length;
  uint8_t map[] = {0, 0, 1, 0xbc, 0, audio ? 18 : 14, 0xe1, 0xff, 0, 0, 0, audio ? 8 : 4,
                   hevc ? 0x24 : 0x1b, 0xe0, 0, 0, 0x90, 0xc0, 0, 0};
  uint32_t map_length = audio ? sizeof map : sizeof map - 4;
  memcpy(at, map, map_length);
  uint32_t crc = htonl(crc32_mpeg(at, map_length));
  memcpy(at + map_length, &crc, 4);
  return (uint32_t)(at + map_length + 4 - bytes);
}

static uint32_t pes_header(uint8_t *bytes, uint8_t stream, uint32_t payload, bool stamped) {
  uint32_t length = payload + (stamped ? 8 : 3);
  uint8_t header[] = {0, 0, 1, stream, (uint8_t)(length >> 8), (uint8_t)length, stamped ? 0x84 : 0x80,
                      stamped ? 0x80 : 0, stamped ? 5 : 0};
  memcpy(bytes, header, sizeof header);
  if (!stamped) return sizeof header;
  load_put_stamp(bytes + sizeof header, 0);
  return sizeof header + 5;
}

/* Packs the elementary bytes of one unit. */
static bool pack(load_unit *unit, const uint8_t *bytes, size_t length, bool hevc, bool audio) {
  unit->bytes = malloc(length + LOAD_HEAD_LIMIT + (length / PES_PAYLOAD + 1) * 16);
  if (!unit->bytes) return false;
  uint8_t *at = unit->bytes + pack_header(unit->bytes);
  if (unit->key) at += key_headers(at, hevc, audio);
  for (size_t offset = 0; offset < length;) {
    uint32_t part = (uint32_t)(length - offset < PES_PAYLOAD ? length - offset : PES_PAYLOAD);
    if (!offset) unit->stamp = (uint32_t)(at + 9 - unit->bytes);
    at += pes_header(at, 0xe0, part, !offset);
    if (!offset) unit->head = (uint32_t)(at - unit->bytes);
    memcpy(at, bytes + offset, part);
    at += part;
    offset += part;
  }
  unit->length = (uint32_t)(at - unit->bytes);
  return true;
}

uint32_t load_audio_pack(uint8_t *bytes, uint64_t ticks, uint32_t count, uint64_t position) {
  /* One period of 500 Hz at 8 kHz as A-law: audible, and 16 samples long. */
  static const uint8_t tone[16] = {0xd5, 0xbd, 0xae, 0xab, 0xa9, 0xab, 0xae, 0xbd,
                                   0x55, 0x3d, 0x2e, 0x2b, 0x29, 0x2b, 0x2e, 0x3d};
  uint8_t *at = bytes + pack_header(bytes);
  load_put_clock(bytes + LOAD_CLOCK_OFFSET, ticks);
  uint32_t header = pes_header(at, 0xc0, count, true);
  load_put_stamp(at + 9, ticks);
  at += header;
  for (uint32_t i = 0; i < count; i++) *at++ = tone[(position + i) % sizeof tone];
  return (uint32_t)(at - bytes);
}

static bool add(load_clip *clip, const uint8_t *bytes, size_t length, bool key, bool hevc) {
  load_unit *units = realloc(clip->units, (clip->count + 1) * sizeof *units);
  if (!units) return false;
  clip->units = units;
  load_unit *unit = &units[clip->count];
  *unit = (load_unit){.key = key};
  if (!pack(unit, bytes, length, hevc, clip->audio)) return false;
  if (clip->count && key && !clip->group) clip->group = clip->count;
  clip->count++;
  clip->elementary_bytes += length;
  clip->program_bytes += unit->length;
  return true;
}

static bool cut(load_clip *clip, const uint8_t *bytes, size_t length, bool hevc) {
  const uint8_t *end = bytes + length, *code = start_code(bytes, end), *unit = code;
  if (code > bytes && code < end && !code[-1]) unit--; /* the longer form of the start code */
  bool has_slice = false, key = false;
  while (code < end) {
    const uint8_t *nal = code + 3, *next = start_code(nal, end);
    nal_kind kind = classify(nal, (size_t)(next - nal), hevc);
    if (has_slice && (!kind.slice || kind.first)) {
      /* The zero of a four-byte start code belongs to the unit it opens. */
      const uint8_t *border = code[-1] == 0 ? code - 1 : code;
      if (!add(clip, unit, (size_t)(border - unit), key, hevc)) return false;
      unit = border;
      has_slice = key = false;
    }
    has_slice |= kind.slice;
    key |= kind.key;
    code = next;
  }
  return !has_slice || add(clip, unit, (size_t)(end - unit), key, hevc);
}

static uint8_t *read_file(const char *path, size_t *length, load_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    load_fail(error, "cannot read %s: %s", path, strerror(errno));
    return NULL;
  }
  uint8_t *bytes = NULL;
  if (!fseek(file, 0, SEEK_END)) {
    long size = ftell(file);
    rewind(file);
    if (size > 0 && size <= FILE_LIMIT && (bytes = malloc((size_t)size))) {
      *length = fread(bytes, 1, (size_t)size, file);
    }
  }
  fclose(file);
  if (!bytes) load_fail(error, "%s is empty or too long for a clip", path);
  return bytes;
}

load_clip *load_clip_open(const char *path, int hevc, int audio, load_error *error) {
  size_t length = 0;
  uint8_t *bytes = read_file(path, &length, error);
  if (!bytes) return NULL;
  load_clip *clip = calloc(1, sizeof *clip);
  if (clip) {
    clip->audio = audio;
    if (!cut(clip, bytes, length, hevc) || !clip->count || !clip->units[0].key) {
      load_fail(error, "%s does not begin with a key frame of %s", path, hevc ? "H.265" : "H.264");
      load_clip_close(clip);
      clip = NULL;
    } else if (!clip->group) {
      clip->group = clip->count;
    }
  }
  free(bytes);
  return clip;
}

void load_clip_close(load_clip *clip) {
  if (!clip) return;
  for (uint32_t i = 0; i < clip->count; i++) free(clip->units[i].bytes);
  free(clip->units);
  free(clip);
}

load_clip_facts load_clip_describe(const load_clip *clip) {
  return (load_clip_facts){.frames = clip->count, .group = clip->group,
                           .elementary_bytes = clip->elementary_bytes, .program_bytes = clip->program_bytes};
}
