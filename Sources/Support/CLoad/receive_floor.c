/* The least a receiver can do with RTP/PS streams: take the packets and drop them, put the frames together and keep
 * the last group of pictures, or write the frames in blocks of one mebibyte past the page cache. */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BATCH = 64,
  DATAGRAM = 2048,
  EVENTS = 512,
  BLOCK = 1 << 20,
  FRAME_LIMIT = 2 << 20,
  GROUP_LIMIT = 512,
  TCP_READ = 1 << 18,
  PART_LIMIT = 65537 + 2
};

typedef struct {
  int file;
  uint8_t *block; /* being filled for the file */
  size_t filled;
  uint16_t sequence;
  bool begun;
  uint8_t *frame; /* payloads of the present frame */
  size_t frame_length, frame_capacity;
  uint8_t *group[GROUP_LIMIT];
  int group_length;
  uint8_t *part; /* TCP: the begin of a packet that is not whole yet */
  size_t part_length;
} stream;

typedef struct {
  const load_receive_options *options;
  load_receive_result *result;
  stream *streams;
  int *sockets; /* UDP sockets or TCP listeners */
  uint32_t socket_count;
  int *connections;
  uint32_t connection_count;
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  uint8_t *datagrams, *reads;
} receiver;

static int open_file(receiver *x, stream *s) {
  char path[1024];
  snprintf(path, sizeof path, "%s/floor-%td", x->options->directory, s - x->streams);
  int flags = O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC;
  s->file = open(path, flags | O_DIRECT, 0644);
  if (s->file >= 0) x->result->direct = 1; else s->file = open(path, flags, 0644);
  return s->file >= 0 && !posix_memalign((void **)&s->block, 4096, BLOCK) ? 0 : -1;
}

static void store(receiver *x, stream *s, const uint8_t *bytes, size_t length) {
  if (s->file < 0 && open_file(x, s)) return;
  while (length) {
    size_t part = BLOCK - s->filled < length ? BLOCK - s->filled : length;
    memcpy(s->block + s->filled, bytes, part);
    s->filled += part, bytes += part, length -= part;
    if (s->filled < BLOCK) continue;
    if (write(s->file, s->block, BLOCK) == BLOCK) x->result->written += BLOCK;
    s->filled = 0;
  }
}

/* Moves the video payloads of a pack together, in place; 0 when the pack is broken. */
static size_t strip(uint8_t *bytes, size_t length) {
  size_t at = 0, kept = 0;
  while (length - at >= 6) {
    uint8_t *header = bytes + at;
    if (header[0] || header[1] || header[2] != 1) return 0;
    if (header[3] == 0xba) {
      if (length - at < 14) return 0;
      at += 14 + (header[13] & 7u);
      if (at > length) return 0;
      continue;
    }
    size_t size = 6 + ((size_t)header[4] << 8 | header[5]);
    if (size > length - at) return 0;
    if (header[3] == 0xe0 && size >= 9) {
      size_t skip = 9 + (size_t)header[8];
      if (skip > size) return 0;
      memmove(bytes + kept, header + skip, size - skip);
      kept += size - skip;
    }
    at += size;
  }
  return kept;
}

/* Copies NAL units behind lengths instead of start codes; the copy is at most `length` + 4 bytes per unit. */
static size_t relength(const uint8_t *bytes, size_t length, uint8_t *output, bool *key) {
  const uint8_t *end = bytes + length, *at = bytes, *nal = NULL;
  uint8_t *out = output;
  for (;;) {
    const uint8_t *one = at < end ? memchr(at, 1, (size_t)(end - at)) : NULL;
    if (one && (one - bytes < 2 || one[-1] || one[-2])) {
      at = one + 1;
      continue;
    }
    if (nal) {
      const uint8_t *stop = one ? one - 2 : end;
      while (stop > nal && !stop[-1]) stop--;
      uint32_t size = (uint32_t)(stop - nal), big = htonl(size);
      memcpy(out, &big, 4);
      memcpy(out + 4, nal, size);
      out += 4 + size;
      if (size && ((nal[0] & 31) == 5 || (nal[0] >> 1 & 63) == 19 || (nal[0] >> 1 & 63) == 20)) *key = true;
    }
    if (!one) return (size_t)(out - output);
    at = nal = one + 1;
  }
}

static void frame_ended(receiver *x, stream *s) {
  size_t video = strip(s->frame, s->frame_length);
  if (!video) {
    /* A pack with audio only has no video either; what cannot be walked is bad. */
    if (s->frame_length < 4 || s->frame[3] != 0xba) x->result->bad_frames++;
    s->frame_length = 0;
    return;
  }
  /* Four bytes instead of three per start code: at worst, with empty units, a third more. */
  uint8_t *unit = malloc(video + video / 2 + 64);
  if (!unit) return;
  bool key = false;
  size_t length = relength(s->frame, video, unit, &key);
  s->frame_length = 0;
  x->result->frames++;
  if (key) {
    x->result->key_frames++;
    for (int i = 0; i < s->group_length; i++) free(s->group[i]);
    s->group_length = 0;
  }
  if (x->options->work == LOAD_WRITE) store(x, s, unit, length);
  if (s->group_length < GROUP_LIMIT) s->group[s->group_length++] = unit; else free(unit);
}

static void packet(receiver *x, stream *s, const uint8_t *bytes, size_t length) {
  x->result->packets++;
  x->result->bytes += length;
  if (length < 12) return;
  uint32_t ssrc;
  memcpy(&ssrc, bytes + 8, 4);
  if (!s) s = &x->streams[ntohl(ssrc) % x->options->streams];
  uint16_t sequence = (uint16_t)(bytes[2] << 8 | bytes[3]), missing = (uint16_t)(sequence - s->sequence - 1);
  if (s->begun && missing && missing < 0x8000) x->result->lost += missing;
  s->begun = true;
  s->sequence = sequence;
  if (x->options->work == LOAD_DISCARD) return;
  size_t needed = s->frame_length + length - 12;
  if (needed > s->frame_capacity) {
    if (needed > FRAME_LIMIT) {
      s->frame_length = 0;
      x->result->bad_frames++;
      return;
    }
    uint8_t *grown = realloc(s->frame, needed * 2);
    if (!grown) return;
    s->frame = grown;
    s->frame_capacity = needed * 2;
  }
  memcpy(s->frame + s->frame_length, bytes + 12, length - 12);
  s->frame_length = needed;
  if (bytes[1] & 0x80) frame_ended(x, s);
}

static void receive_udp(receiver *x, int fd, stream *s) {
  for (;;) {
    int count = recvmmsg(fd, x->messages, BATCH, MSG_DONTWAIT, NULL);
    x->result->calls++;
    if (count <= 0) return;
    for (int i = 0; i < count; i++) packet(x, s, x->parts[i].iov_base, x->messages[i].msg_len);
    if (count < BATCH) return;
  }
}

/* RFC 4571: whole packets are handed on, the rest waits for more. False when the connection is over. */
static bool receive_tcp(receiver *x, uint32_t index) {
  stream *s = &x->streams[index];
  if (s->part_length) memcpy(x->reads, s->part, s->part_length);
  ssize_t got = recv(x->connections[index], x->reads + s->part_length, TCP_READ, MSG_DONTWAIT);
  x->result->calls++;
  if (got <= 0) return got < 0 && errno == EAGAIN;
  size_t length = s->part_length + (size_t)got, at = 0;
  while (length - at >= 2) {
    size_t size = (size_t)x->reads[at] << 8 | x->reads[at + 1];
    if (length - at < size + 2) break;
    packet(x, s, x->reads + at + 2, size);
    at += size + 2;
  }
  s->part_length = length - at;
  if (!s->part && !(s->part = malloc(PART_LIMIT))) return false;
  memcpy(s->part, x->reads + at, s->part_length);
  return true;
}

static void accept_all(receiver *x, int listener, int poller) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (x->connection_count == x->options->streams) {
      close(fd);
      continue;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = x->socket_count + x->connection_count};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    x->connections[x->connection_count++] = fd;
  }
}

static int open_sockets(receiver *x, int poller, load_error *error) {
  const load_receive_options *options = x->options;
  int chosen = 0;
  for (uint32_t i = 0; i < x->socket_count; i++) {
    int fd = socket(AF_INET, (options->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, buffer = options->one_port ? 64 << 20 : 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!options->tcp && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)) {
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    }
    uint16_t port = (uint16_t)(options->port + i);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
        (options->tcp && listen(fd, 1024))) {
      return load_fail(error, "the floor cannot use port %u: %s", port, strerror(errno));
    }
    getsockname(fd, (struct sockaddr *)&address, &length);
    if (!i) chosen = ntohs(address.sin_port);
    x->sockets[i] = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
  }
  load_ready(options->ready_fd, chosen);
  return 0;
}

static void run(receiver *x, int poller) {
  struct epoll_event events[EVENTS];
  int64_t start = load_now(), end = start + (int64_t)(x->options->seconds * 1e9);
  for (int64_t now = start; now < end && !load_stopped(); now = load_now()) {
    if (x->options->poll_ms) load_sleep_until(now + x->options->poll_ms * NS_PER_MS);
    int count = epoll_wait(poller, events, EVENTS, 100);
    x->result->wakeups++;
    for (int i = 0; i < count; i++) {
      uint64_t id = events[i].data.u64;
      if (id < x->socket_count && x->options->tcp) {
        accept_all(x, x->sockets[id], poller);
      } else if (id < x->socket_count) {
        receive_udp(x, x->sockets[id], x->options->one_port ? NULL : &x->streams[id]);
      } else if (!receive_tcp(x, (uint32_t)(id - x->socket_count))) {
        epoll_ctl(poller, EPOLL_CTL_DEL, x->connections[id - x->socket_count], NULL);
      }
    }
  }
  x->result->seconds = (double)(load_now() - start) / 1e9;
}

static void release(receiver *x) {
  for (uint32_t i = 0; x->sockets && i < x->socket_count; i++) if (x->sockets[i] > 0) close(x->sockets[i]);
  for (uint32_t i = 0; i < x->connection_count; i++) close(x->connections[i]);
  for (uint32_t i = 0; x->streams && i < x->options->streams; i++) {
    stream *s = &x->streams[i];
    for (int j = 0; j < s->group_length; j++) free(s->group[j]);
    if (s->file >= 0) close(s->file);
    free(s->block), free(s->frame), free(s->part);
  }
  free(x->streams), free(x->sockets), free(x->connections), free(x->datagrams), free(x->reads);
  free(x);
}

int load_receive(const load_receive_options *options, load_receive_result *result, load_error *error) {
  *result = (load_receive_result){0};
  if (!options->streams) return load_fail(error, "a receiver needs streams");
  if (options->work == LOAD_WRITE && !options->directory) return load_fail(error, "writing needs a directory");
  load_raise_descriptor_limit();
  receiver *x = calloc(1, sizeof *x);
  if (!x) return load_fail(error, "no memory for the floor");
  *x = (receiver){.options = options, .result = result};
  x->socket_count = options->one_port ? 1 : options->streams;
  x->streams = calloc(options->streams, sizeof *x->streams);
  x->sockets = calloc(x->socket_count, sizeof(int));
  x->connections = calloc(options->streams, sizeof(int));
  x->datagrams = malloc(BATCH * DATAGRAM);
  x->reads = malloc(TCP_READ + PART_LIMIT);
  int poller = epoll_create1(EPOLL_CLOEXEC), status = -1;
  if (!x->streams || !x->sockets || !x->connections || !x->datagrams || !x->reads || poller < 0) {
    load_fail(error, "no memory for %u streams", options->streams);
  } else {
    for (uint32_t i = 0; i < options->streams; i++) x->streams[i].file = -1;
    for (int i = 0; i < BATCH; i++) {
      x->parts[i] = (struct iovec){x->datagrams + i * DATAGRAM, DATAGRAM};
      x->messages[i].msg_hdr = (struct msghdr){.msg_iov = &x->parts[i], .msg_iovlen = 1};
    }
    status = open_sockets(x, poller, error);
    double before = load_cpu_seconds();
    if (!status) run(x, poller);
    result->cpu_seconds = load_cpu_seconds() - before;
    result->memory = load_resident_bytes();
  }
  if (poller >= 0) close(poller);
  release(x);
  return status;
}
