/* Many paced RTP streams of one clip from one thread.
 *
 * The packed clip is shared; a stream owns a copy of the stamped head of its present unit and twelve bytes of RTP
 * header per packet. Time moves in steps of one millisecond or more: streams whose frame is due begin it, and every
 * begun frame sends at most `burst` packets per step, as a camera's smoothed output does. */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { BATCH = 64, PARTS = 3, FRAMING = 2, RTP_HEADER = 12, BACKLOG_LIMIT = 8 << 20, AUDIO_LIMIT = 1024 };

typedef struct {
  int fd;
  uint32_t ssrc;
  uint16_t sequence;
  bool sending, listed, lost;
  int64_t next_due; /* ns since the start */
  uint64_t frame;
  uint64_t samples; /* audio sent */
  const load_unit *unit;
  uint32_t offset;  /* sent of the unit */
  uint32_t ticks;
  bool audio_due;
  uint8_t head[LOAD_HEAD_LIMIT];
  uint8_t *backlog; /* TCP: what the kernel did not take */
  size_t backlog_length, backlog_start, backlog_capacity;
} stream;

typedef struct {
  const load_clip *clip;
  const load_send_options *options;
  load_send_result *result;
  stream *streams;
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH * PARTS];
  uint8_t headers[BATCH][FRAMING + RTP_HEADER];
  uint8_t audio[AUDIO_LIMIT];
} sender;

static bool open_stream(const load_send_options *options, uint32_t index, stream *s, load_error *error) {
  struct sockaddr_in peer;
  if (!load_address(options->host, options->ports[index], &peer)) {
    load_fail(error, "%s is no address", options->host);
    return false;
  }
  s->fd = socket(AF_INET, (options->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  int on = 1, buffer = options->tcp ? 1 << 20 : 4 << 20;
  setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (options->tcp) setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&peer, sizeof peer)) {
    load_fail(error, "stream %u cannot connect to %s port %u: %s", index, options->host, options->ports[index],
              strerror(errno));
    return false;
  }
  fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
  s->ssrc = options->ssrcs[index];
  s->sequence = (uint16_t)(index * 7);
  return true;
}

static void begin_frame(sender *x, stream *s) {
  const load_unit *unit = &x->clip->units[s->frame % x->clip->count];
  uint64_t ticks = 90000 + s->frame * 90000 / x->options->frame_rate;
  memcpy(s->head, unit->bytes, unit->head);
  load_put_clock(s->head + LOAD_CLOCK_OFFSET, ticks);
  load_put_stamp(s->head + unit->stamp, ticks);
  s->unit = unit;
  s->offset = 0;
  s->ticks = (uint32_t)ticks;
  s->sending = true;
  s->audio_due = x->clip->audio;
  s->frame++;
  x->result->frames++;
}

/* Fills one packet's parts; returns how many. */
static int next_packet(sender *x, stream *s, int slot, struct iovec *parts) {
  const load_unit *unit = s->unit;
  uint32_t room = x->options->payload, length = 0;
  int count = 1;
  if (s->offset < unit->length) {
    if (s->offset < unit->head) {
      uint32_t part = unit->head - s->offset;
      parts[count++] = (struct iovec){s->head + s->offset, part};
      s->offset += part, length += part, room -= part;
    }
    uint32_t part = unit->length - s->offset < room ? unit->length - s->offset : room;
    if (part) parts[count++] = (struct iovec){unit->bytes + s->offset, part};
    s->offset += part, length += part;
  } else {
    uint32_t samples = LOAD_AUDIO_PER_SECOND / x->options->frame_rate;
    length = load_audio_pack(x->audio, s->ticks, samples, s->samples);
    parts[count++] = (struct iovec){x->audio, length};
    s->samples += samples;
    s->audio_due = false;
  }
  bool last = s->offset >= unit->length;
  uint8_t *header = x->headers[slot] + FRAMING;
  header[0] = 0x80;
  header[1] = (uint8_t)(96 | (last ? 0x80 : 0));
  uint16_t sequence = htons(s->sequence++);
  uint32_t ticks = htonl(s->ticks), ssrc = htonl(s->ssrc);
  memcpy(header + 2, &sequence, 2);
  memcpy(header + 4, &ticks, 4);
  memcpy(header + 8, &ssrc, 4);
  if (x->options->tcp) { /* RFC 4571 §2 */
    uint16_t framed = htons((uint16_t)(length + RTP_HEADER));
    memcpy(x->headers[slot], &framed, 2);
    parts[0] = (struct iovec){x->headers[slot], FRAMING + RTP_HEADER};
  } else {
    parts[0] = (struct iovec){header, RTP_HEADER};
  }
  if (last && !s->audio_due) s->sending = false;
  return count;
}

static void lose(sender *x, stream *s) {
  x->result->lost_connections++;
  close(s->fd);
  s->fd = -1;
  s->lost = true;
  s->sending = false;
  s->backlog_length = 0;
}

static bool keep(stream *s, const struct iovec *parts, int count, size_t skip) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += parts[i].iov_len;
  size_t needed = s->backlog_start + s->backlog_length + total - skip;
  if (needed > s->backlog_capacity) {
    uint8_t *grown = realloc(s->backlog, needed * 2);
    if (!grown) return false;
    s->backlog = grown;
    s->backlog_capacity = needed * 2;
  }
  for (int i = 0; i < count; i++) {
    size_t length = parts[i].iov_len, from = skip < length ? skip : length;
    skip -= from;
    memcpy(s->backlog + s->backlog_start + s->backlog_length, (const uint8_t *)parts[i].iov_base + from,
           length - from);
    s->backlog_length += length - from;
  }
  return true;
}

static void send_tcp(sender *x, stream *s, int count, size_t total) {
  ssize_t taken = 0;
  if (!s->backlog_length) {
    struct msghdr message = {.msg_iov = x->parts, .msg_iovlen = (size_t)count};
    taken = sendmsg(s->fd, &message, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return lose(x, s);
    if (taken < 0) taken = 0;
  }
  if ((size_t)taken == total) return;
  x->result->refused++;
  if (!keep(s, x->parts, count, (size_t)taken)) lose(x, s);
}

static void send_udp(sender *x, stream *s, int packets) {
  for (int sent = 0; sent < packets;) {
    int count = sendmmsg(s->fd, x->messages + sent, (unsigned)(packets - sent), 0);
    if (count > 0) {
      sent += count;
      continue;
    }
    if (errno == EAGAIN) x->result->refused++; else x->result->errors++;
    sent++;
  }
}

/* One message for all packets, which the kernel cuts: the floor of sending. All but the last are equally long. */
static void send_offloaded(sender *x, stream *s, int parts, int packets) {
  uint8_t control[CMSG_SPACE(sizeof(uint16_t))] = {0};
  struct msghdr message = {.msg_iov = x->parts, .msg_iovlen = (size_t)parts};
  if (packets > 1) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    uint16_t segment = (uint16_t)(x->options->payload + RTP_HEADER);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(c), &segment, sizeof segment);
  }
  if (sendmsg(s->fd, &message, 0) >= 0) return;
  if (errno == EAGAIN) x->result->refused += (uint64_t)packets; else x->result->errors += (uint64_t)packets;
}

/* Sends up to `limit` packets of the stream's present frame. */
static void push(sender *x, stream *s, uint32_t limit) {
  int packets = 0, parts = 0;
  size_t total = 0;
  while (packets < BATCH && (uint32_t)packets < limit && s->sending) {
    /* A frame has at most one audio packet, its last: one buffer for it is enough. */
    struct iovec *first = x->parts + parts;
    int count = next_packet(x, s, packets, first);
    x->messages[packets].msg_hdr = (struct msghdr){.msg_iov = first, .msg_iovlen = (size_t)count};
    size_t length = 0;
    for (int i = 0; i < count; i++) length += first[i].iov_len;
    total += length;
    parts += count;
    packets++;
    /* Sound follows the end of a picture: what the kernel is to cut must end with its first short packet. */
    if (x->options->offload && length < x->options->payload + RTP_HEADER) break;
  }
  if (!packets) return;
  if (!x->result->packets) x->result->first_packet_ns = load_now();
  x->result->packets += (uint64_t)packets;
  x->result->bytes += total;
  if (x->options->tcp) send_tcp(x, s, parts, total);
  else if (x->options->offload) send_offloaded(x, s, parts, packets);
  else send_udp(x, s, packets);
  if (s == x->streams && !s->sending && s->frame <= x->options->sent_capacity) {
    x->options->sent[s->frame - 1] = load_now();
  }
}

static void flush_backlog(sender *x, stream *s) {
  while (s->backlog_length) {
    ssize_t taken = send(s->fd, s->backlog + s->backlog_start, s->backlog_length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return lose(x, s);
    if (taken < 0) return;
    s->backlog_start += (size_t)taken;
    s->backlog_length -= (size_t)taken;
  }
  s->backlog_start = 0;
}

/* A stream's frame is due. One that the peer does not take is dropped whole. */
static void due(sender *x, stream *s) {
  if (s->backlog_length > BACKLOG_LIMIT) {
    x->result->dropped_frames++;
    s->frame++;
    return;
  }
  while (s->sending) push(x, s, x->options->offload ? x->options->burst : BATCH); /* longer than its slot: finish it first */
  if (!s->lost) begin_frame(x, s);
}

static void run(sender *x, uint32_t *active) {
  const load_send_options *options = x->options;
  int64_t period = NS_PER_SECOND / options->frame_rate, start = load_now() + 20 * NS_PER_MS;
  int64_t span = options->together ? 0 : period * x->clip->group;
  for (uint32_t i = 0; i < options->streams; i++) {
    x->streams[i].next_due = span / options->streams * i;
  }
  uint32_t listed = 0;
  int64_t last = (int64_t)(options->seconds * 1e9);
  int64_t step = NS_PER_MS * (options->step_ms ? options->step_ms : 1);
  for (int64_t now = 0; now < last && !load_stopped(); now += step) {
    load_sleep_until(start + now);
    int64_t late = load_now() - start - now;
    x->result->ticks++;
    if (late >= 5 * NS_PER_MS) x->result->late_5ms++;
    if (late >= 20 * NS_PER_MS) x->result->late_20ms++;
    if (late > 0 && (uint64_t)late / 1000 > x->result->latest_us) x->result->latest_us = (uint64_t)late / 1000;
    for (uint32_t i = 0; i < options->streams; i++) {
      stream *s = &x->streams[i];
      if (s->next_due > now || s->lost) continue;
      s->next_due += period;
      due(x, s);
      if (s->lost || s->listed) continue;
      s->listed = true;
      active[listed++] = i;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < listed; i++) {
      stream *s = &x->streams[active[i]];
      if (s->backlog_length) flush_backlog(x, s);
      if (s->sending) push(x, s, options->burst);
      s->listed = !s->lost && (s->sending || s->backlog_length);
      if (s->listed) active[kept++] = active[i];
    }
    listed = kept;
  }
  x->result->seconds = (double)(load_now() - start) / 1e9;
}

int load_send(const load_clip *clip, const load_send_options *options, load_send_result *result,
              load_error *error) {
  *result = (load_send_result){0};
  if (!options->streams || options->frame_rate < 1 || options->frame_rate > 100 ||
      options->payload <= LOAD_HEAD_LIMIT || options->payload > 60000 || !options->burst) {
    return load_fail(error, "a sender needs streams, 1…100 frames per second and packets of 129…60000 bytes");
  }
  if (options->offload && (options->tcp || (uint64_t)options->burst * (options->payload + RTP_HEADER) > 65507)) {
    return load_fail(error, "a message that the kernel cuts is UDP and holds 65507 bytes at most");
  }
  load_raise_descriptor_limit();
  sender *x = calloc(1, sizeof *x);
  stream *streams = calloc(options->streams, sizeof *streams);
  uint32_t *active = calloc(options->streams, sizeof *active);
  int status = x && streams && active ? 0 : load_fail(error, "no memory for %u streams", options->streams);
  uint32_t opened = 0;
  while (!status && opened < options->streams) {
    streams[opened].fd = -1;
    if (!open_stream(options, opened, &streams[opened], error)) status = -1;
    opened++;
  }
  if (!status) {
    *x = (sender){.clip = clip, .options = options, .result = result, .streams = streams};
    load_ready(options->ready_fd, 0);
    double before = load_cpu_seconds();
    run(x, active);
    result->cpu_seconds = load_cpu_seconds() - before;
  }
  for (uint32_t i = 0; i < opened; i++) {
    if (streams[i].fd >= 0) close(streams[i].fd);
    free(streams[i].backlog);
  }
  free(active);
  free(streams);
  free(x);
  return status;
}
