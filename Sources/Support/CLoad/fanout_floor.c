/* The least a server can do to give one stream to many viewers: the same bytes, one write per viewer and turn. */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char response[] =
    "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";

static int listen_on(uint16_t *port, load_error *error) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096) ||
      getsockname(fd, (struct sockaddr *)&address, &length)) {
    load_fail(error, "the floor cannot use port %u: %s", *port, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  *port = ntohs(address.sin_port);
  return fd;
}

/* Waits for a viewer and its request, answers with the head; -1 when none comes in time. */
static int accept_viewer(int listener, int64_t deadline) {
  while (!load_stopped() && load_now() < deadline) {
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    if (poll(&waiting, 1, 100) <= 0) continue;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    char request[4096];
    int on = 1, buffer = 1 << 20;
    struct timeval patience = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (recv(fd, request, sizeof request, 0) <= 0 ||
        send(fd, response, sizeof response - 1, MSG_NOSIGNAL) != sizeof response - 1) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
  }
  return -1;
}

static void give(int *fd, const uint8_t *bytes, size_t length, load_fanout_result *result) {
  ssize_t taken = send(*fd, bytes, length, MSG_NOSIGNAL);
  result->calls++;
  if (taken >= 0) {
    result->bytes += (uint64_t)taken;
    if ((size_t)taken < length) result->short_writes++;
  } else if (errno == EAGAIN) {
    result->short_writes++;
  } else {
    close(*fd);
    *fd = -1;
  }
}

/* Joins `merge` units from `first` on; returns their length. */
static size_t join(const load_clip *clip, uint64_t first, uint32_t merge, uint8_t *bytes, size_t limit) {
  size_t length = 0;
  for (uint32_t i = 0; i < merge; i++) {
    const load_unit *unit = &clip->units[(first + i) % clip->count];
    if (unit->length > limit - length) break;
    memcpy(bytes + length, unit->bytes, unit->length);
    length += unit->length;
  }
  return length;
}

int load_fanout(const load_clip *clip, const load_fanout_options *options, load_fanout_result *result,
                load_error *error) {
  *result = (load_fanout_result){0};
  if (!options->viewers || !options->merge || !options->frame_rate) {
    return load_fail(error, "a fan-out floor needs viewers, frames per write and a frame rate");
  }
  load_raise_descriptor_limit();
  uint16_t port = options->port;
  int listener = listen_on(&port, error);
  if (listener < 0) return -1;
  enum { JOINED = 16 << 20 };
  int *viewers = calloc(options->viewers, sizeof *viewers), status = 0;
  uint8_t *joined = malloc(JOINED);
  uint32_t count = 0;
  load_ready(options->ready_fd, port);
  int64_t deadline = load_now() + 60 * NS_PER_SECOND;
  while (viewers && joined && count < options->viewers) {
    int fd = accept_viewer(listener, deadline);
    if (fd < 0) break;
    viewers[count++] = fd;
  }
  if (count < options->viewers) status = load_fail(error, "only %u viewers came to the floor", count);
  int64_t start = load_now(), turn = NS_PER_SECOND * options->merge / options->frame_rate;
  double before = load_cpu_seconds();
  for (uint64_t i = 0; !status && !load_stopped(); i++) {
    int64_t due = start + (int64_t)i * turn;
    if ((double)(due - start) / 1e9 >= options->seconds) break;
    load_sleep_until(due);
    if (load_now() - due > turn) result->late_frames += options->merge;
    size_t length = join(clip, i * options->merge, options->merge, joined, JOINED);
    for (uint32_t v = 0; v < count; v++) if (viewers[v] >= 0) give(&viewers[v], joined, length, result);
  }
  result->cpu_seconds = load_cpu_seconds() - before;
  result->seconds = (double)(load_now() - start) / 1e9;
  for (uint32_t v = 0; v < count; v++) {
    if (viewers[v] < 0) continue;
    result->viewers_left++;
    close(viewers[v]);
  }
  close(listener);
  free(joined);
  free(viewers);
  return status;
}
