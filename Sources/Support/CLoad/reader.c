/* Many viewers in one loop: chunked HTTP or WebSocket, counted and thrown away. The first few are read as fragmented
 * MP4: boxes are walked, fragments and samples counted, sequence numbers checked. */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_LIMIT = 8192, READ = 1 << 18, EVENTS = 256, BOX_HEAD = 8, MOOF_LIMIT = 1 << 20 };

/* Walks top-level boxes of a byte stream, keeping only `moof`. */
typedef struct {
  uint8_t head[BOX_HEAD];
  uint32_t head_length;
  uint64_t left; /* bytes of the present box still to come */
  char type[4];
  uint8_t *moof;
  uint32_t moof_length, moof_capacity;
  uint32_t sequence;
  uint64_t decode; /* of the last tfdt */
  bool broken;
} box_walker;

typedef enum { CONNECTING, HEAD, BODY, CLOSED } viewer_state;

typedef struct {
  int fd;
  viewer_state state;
  bool parsed, chunked, media_seen;
  int64_t begun;
  uint32_t first_byte_us, first_fragment_us;
  char *head;
  uint32_t head_length;
  /* Chunk or WebSocket frame in progress. */
  uint64_t left;
  uint8_t control[16];
  uint32_t control_length;
  bool text;
  box_walker boxes;
} viewer;

typedef struct {
  const load_read_options *options;
  load_read_result *result;
  viewer *viewers;
  uint8_t *buffer;
  struct sockaddr_in peer;
  int poller;
  bool steady;
} reader;

static uint32_t microseconds_since(int64_t moment) {
  int64_t value = (load_now() - moment) / 1000;
  return value < 1 ? 1 : value > 0xffffffffll ? 0xffffffffu : (uint32_t)value;
}

static uint32_t big(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Looks into a whole moof: mfhd's sequence number and the sample counts of every trun. */
static void inspect_moof(reader *x, box_walker *w, const uint8_t *bytes, uint32_t length, int depth) {
  for (uint32_t at = 0; length - at >= BOX_HEAD;) {
    uint32_t size = big(bytes + at);
    if (size < BOX_HEAD || size > length - at) {
      x->result->broken_boxes++;
      return;
    }
    const uint8_t *box = bytes + at;
    if (!memcmp(box + 4, "mfhd", 4) && size >= 16) {
      uint32_t sequence = big(box + 12);
      if (w->sequence && sequence != w->sequence + 1) x->result->sequence_gaps++;
      w->sequence = sequence;
    } else if (!memcmp(box + 4, "tfdt", 4) && size >= 16) {
      w->decode = big(box + 12);
      if (box[8] == 1 && size >= 20) w->decode = w->decode << 32 | big(box + 16);
    } else if (!memcmp(box + 4, "trun", 4) && size >= 16) {
      x->result->samples += big(box + 12);
    } else if (!memcmp(box + 4, "traf", 4) && depth < 2) {
      inspect_moof(x, w, box + BOX_HEAD, size - BOX_HEAD, depth + 1);
    }
    at += size;
  }
}

static void box_ended(reader *x, viewer *v) {
  box_walker *w = &v->boxes;
  if (!memcmp(w->type, "moof", 4)) {
    inspect_moof(x, w, w->moof, w->moof_length, 0);
  } else if (!memcmp(w->type, "moov", 4)) {
    w->sequence = 0; /* a new initialisation segment begins a new count */
  } else if (!memcmp(w->type, "mdat", 4)) {
    x->result->fragments++;
    if (x->steady && v == x->viewers && x->result->arrivals < x->options->arrival_capacity) {
      x->options->arrivals[x->result->arrivals++] = (load_arrival){w->decode, load_now()};
    }
    if (!v->first_fragment_us) {
      v->first_fragment_us = microseconds_since(v->begun);
      if (!x->result->first_fragment_ns) x->result->first_fragment_ns = load_now();
    }
  }
}

static bool begin_box(reader *x, box_walker *w) {
  uint32_t size = big(w->head);
  memcpy(w->type, w->head + 4, 4);
  w->head_length = 0;
  w->moof_length = 0;
  bool named = true;
  for (int i = 0; i < 4; i++) named &= w->type[i] >= 32 && w->type[i] < 127;
  if (size < BOX_HEAD || !named || (!memcmp(w->type, "moof", 4) && size > MOOF_LIMIT)) {
    x->result->broken_boxes++;
    w->broken = true;
    return false;
  }
  w->left = size - BOX_HEAD;
  if (memcmp(w->type, "moof", 4) || w->left <= w->moof_capacity) return true;
  uint8_t *grown = realloc(w->moof, w->left);
  if (!grown) return false;
  w->moof = grown;
  w->moof_capacity = (uint32_t)w->left;
  return true;
}

static void walk(reader *x, viewer *v, const uint8_t *bytes, size_t length) {
  box_walker *w = &v->boxes;
  while (length && !w->broken) {
    if (!w->left) {
      w->head[w->head_length++] = *bytes++;
      length--;
      if (w->head_length < BOX_HEAD) continue;
      if (!begin_box(x, w)) return;
      if (!w->left) box_ended(x, v);
      continue;
    }
    size_t part = length < w->left ? length : w->left;
    if (!memcmp(w->type, "moof", 4)) {
      memcpy(w->moof + w->moof_length, bytes, part);
      w->moof_length += (uint32_t)part;
    }
    w->left -= part, bytes += part, length -= part;
    if (!w->left) box_ended(x, v);
  }
}

static void media(reader *x, viewer *v, const uint8_t *bytes, size_t length) {
  if (!v->media_seen) {
    v->media_seen = true;
    v->first_byte_us = microseconds_since(v->begun);
    x->result->streaming++;
  }
  if (v->parsed) walk(x, v, bytes, length);
}

static void unchunk(reader *x, viewer *v, const uint8_t *bytes, size_t length) {
  while (length) {
    if (v->left) {
      size_t part = length < v->left ? length : v->left;
      media(x, v, bytes, part);
      v->left -= part, bytes += part, length -= part;
      continue;
    }
    uint8_t byte = *bytes++;
    length--;
    if (byte == '\n' && v->control_length) {
      v->control[v->control_length] = 0;
      v->left = strtoull((const char *)v->control, NULL, 16);
      v->control_length = 0;
    } else if (byte != '\r' && byte != '\n' && v->control_length < sizeof v->control - 1) {
      v->control[v->control_length++] = byte;
    }
  }
}

/* Answers a ping with an (empty, masked) pong: enough to be taken for alive. */
static void pong(viewer *v) {
  static const uint8_t frame[] = {0x8a, 0x80, 1, 2, 3, 4};
  ssize_t sent = send(v->fd, frame, sizeof frame, MSG_NOSIGNAL);
  (void)sent;
}

static void unframe(reader *x, viewer *v, const uint8_t *bytes, size_t length) {
  while (length) {
    if (v->left) {
      size_t part = length < v->left ? length : v->left;
      if (!v->text) media(x, v, bytes, part);
      v->left -= part, bytes += part, length -= part;
      continue;
    }
    v->control[v->control_length++] = *bytes++;
    length--;
    if (v->control_length < 2) continue;
    uint32_t extra = (v->control[1] & 127) == 126 ? 2 : (v->control[1] & 127) == 127 ? 8 : 0;
    if (v->control_length < 2 + extra) continue;
    v->left = extra ? 0 : v->control[1] & 127;
    for (uint32_t i = 0; i < extra; i++) v->left = v->left << 8 | v->control[2 + i];
    int opcode = v->control[0] & 15;
    v->control_length = 0;
    if (opcode) v->text = opcode != 2; /* a continuation keeps the kind */
    if (opcode == 1) x->result->text_messages++;
    if (opcode == 9) pong(v);
  }
}

static void close_viewer(reader *x, viewer *v) {
  close(v->fd);
  v->fd = -1;
  if (v->state != CLOSED) x->result->closed++;
  v->state = CLOSED;
}

/* Takes the response head; false while it is not whole. */
static bool take_head(reader *x, viewer *v, const uint8_t *bytes, size_t length, size_t *used) {
  if (!v->head && !(v->head = malloc(HEAD_LIMIT + 1))) return false;
  size_t before = v->head_length, part = HEAD_LIMIT - before < length ? HEAD_LIMIT - before : length;
  memcpy(v->head + before, bytes, part);
  v->head[before + part] = 0;
  char *end = strstr(v->head, "\r\n\r\n");
  if (!end) {
    v->head_length += (uint32_t)part;
    if (v->head_length == HEAD_LIMIT) close_viewer(x, v);
    return false;
  }
  *used = (size_t)(end + 4 - v->head) - before;
  *end = 0;
  int status = strncmp(v->head, "HTTP/1.", 7) ? 0 : atoi(v->head + 9);
  v->chunked = strcasestr(v->head, "transfer-encoding: chunked") != NULL;
  free(v->head);
  v->head = NULL;
  if (status != (x->options->websocket ? 101 : 200)) {
    if (!x->result->bad_status) x->result->bad_status = status;
    close_viewer(x, v);
    return false;
  }
  x->result->answered++;
  v->state = BODY;
  return true;
}

static void take(reader *x, viewer *v, const uint8_t *bytes, size_t length) {
  x->result->bytes += length;
  if (x->steady) x->result->steady_bytes += length;
  if (v->state == HEAD) {
    size_t used = 0;
    if (!take_head(x, v, bytes, length, &used)) return;
    bytes += used, length -= used;
  }
  if (!length) return;
  /* One that is only counted needs nothing but the time of its first byte. */
  if (!v->parsed && v->media_seen) return;
  if (x->options->websocket) unframe(x, v, bytes, length);
  else if (v->chunked) unchunk(x, v, bytes, length);
  else media(x, v, bytes, length);
}

static void request(reader *x, viewer *v, uint32_t index) {
  char text[2048];
  const char *path = x->options->paths[index % x->options->path_count];
  int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s:%u\r\n%s%s\r\n", path, x->options->host,
                        x->options->port, x->options->headers,
                        x->options->websocket ? "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                                "Sec-WebSocket-Version: 13\r\n"
                                                "Sec-WebSocket-Key: dHJpYnV0YXJ5IHJlYWRlcg==\r\n"
                                              : "");
  if (length >= (int)sizeof text || send(v->fd, text, (size_t)length, MSG_NOSIGNAL) != length) {
    return close_viewer(x, v);
  }
  x->result->connected++;
  v->state = HEAD;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
  epoll_ctl(x->poller, EPOLL_CTL_MOD, v->fd, &event);
}

static bool connect_viewer(reader *x, uint32_t index, load_error *error) {
  viewer *v = &x->viewers[index];
  v->parsed = index < x->options->parsed;
  v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  v->begun = load_now();
  if (v->fd < 0 || (connect(v->fd, (struct sockaddr *)&x->peer, sizeof x->peer) && errno != EINPROGRESS)) {
    load_fail(error, "viewer %u cannot connect: %s", index, strerror(errno));
    return false;
  }
  int on = 1;
  setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLOUT, .data.u32 = index};
  return !epoll_ctl(x->poller, EPOLL_CTL_ADD, v->fd, &event);
}

static void ready(reader *x, uint32_t index) {
  viewer *v = &x->viewers[index];
  if (v->state == CONNECTING) return request(x, v, index);
  while (v->state == HEAD || v->state == BODY) {
    bool counted = v->state == BODY && !v->parsed && v->media_seen;
    /* MSG_TRUNC on TCP throws the bytes away inside the kernel: the viewer costs no copy. */
    ssize_t got = recv(v->fd, x->buffer, READ, MSG_DONTWAIT | (counted ? MSG_TRUNC : 0));
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_viewer(x, v);
    take(x, v, x->buffer, (size_t)got);
    if (got < READ) return;
  }
}

static bool first_pictures_here(const reader *x) {
  for (uint32_t i = 0; i < x->options->parsed && i < x->options->viewers; i++) {
    const viewer *v = &x->viewers[i];
    if (!v->first_fragment_us && v->state != CLOSED) return false;
  }
  return true;
}

static int run(reader *x, load_error *error) {
  const load_read_options *options = x->options;
  struct epoll_event events[EVENTS];
  int64_t start = load_now(), step = NS_PER_SECOND / options->connects_per_second, steady_from = 0;
  int64_t end = start + (int64_t)((options->warm_seconds + options->seconds) * 1e9) + step * options->viewers;
  uint32_t opened = 0;
  bool announced = false;
  double before = 0;
  for (int64_t now = start; now < end && !load_stopped(); now = load_now()) {
    while (opened < options->viewers && start + step * opened <= now) {
      if (!connect_viewer(x, opened, error)) return -1;
      opened++;
    }
    int64_t settled = start + step * options->viewers + (int64_t)(options->warm_seconds * 1e9);
    if (!x->steady && now >= settled) {
      x->steady = true;
      steady_from = now;
      before = load_cpu_seconds();
    }
    int count = epoll_wait(x->poller, events, EVENTS, opened < options->viewers ? 1 : 20);
    for (int i = 0; i < count; i++) ready(x, events[i].data.u32);
    if (!announced && x->result->answered + x->result->closed >= options->viewers) {
      announced = true;
      load_ready(options->ready_fd, 0);
    }
    if (options->first_picture_only && opened == options->viewers && first_pictures_here(x)) break;
  }
  x->result->seconds = x->steady ? (double)(load_now() - steady_from) / 1e9 : 0;
  x->result->cpu_seconds = load_cpu_seconds() - before;
  return 0;
}

static void summarise(reader *x) {
  uint32_t *values = calloc(x->options->viewers, sizeof *values), count = 0;
  if (!values) return;
  for (uint32_t i = 0; i < x->options->viewers; i++) {
    if (x->viewers[i].first_byte_us) values[count++] = x->viewers[i].first_byte_us;
  }
  load_quantiles(values, count, x->result->first_byte_us);
  count = 0;
  for (uint32_t i = 0; i < x->options->viewers; i++) {
    if (x->viewers[i].first_fragment_us) values[count++] = x->viewers[i].first_fragment_us;
  }
  load_quantiles(values, count, x->result->first_fragment_us);
  free(values);
}

int load_read(const load_read_options *options, load_read_result *result, load_error *error) {
  *result = (load_read_result){0};
  if (!options->viewers || !options->path_count || !options->connects_per_second) {
    return load_fail(error, "readers need viewers, a path and a rate of connections");
  }
  load_raise_descriptor_limit();
  reader x = {.options = options, .result = result};
  if (!load_address(options->host, options->port, &x.peer)) {
    return load_fail(error, "%s is no address", options->host);
  }
  x.viewers = calloc(options->viewers, sizeof *x.viewers);
  x.buffer = malloc(READ);
  x.poller = epoll_create1(EPOLL_CLOEXEC);
  int status = -1;
  if (x.viewers && x.buffer && x.poller >= 0) {
    for (uint32_t i = 0; i < options->viewers; i++) x.viewers[i].fd = -1;
    status = run(&x, error);
    summarise(&x);
    for (uint32_t i = 0; i < options->viewers; i++) {
      viewer *v = &x.viewers[i];
      if (v->fd >= 0) close(v->fd);
      free(v->head);
      free(v->boxes.moof);
    }
  } else {
    load_fail(error, "no memory for %u viewers", options->viewers);
  }
  if (x.poller >= 0) close(x.poller);
  free(x.buffer);
  free(x.viewers);
  return status;
}
