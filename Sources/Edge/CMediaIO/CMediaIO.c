#define _GNU_SOURCE
#include "CMediaIO.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

// MARK: addresses

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_mapped(const tio_address *a) { return memcmp(a->bytes, mapped_prefix, sizeof mapped_prefix) == 0; }

static socklen_t to_sockaddr(const tio_address *a, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (is_mapped(a)) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(a->port);
    memcpy(&v4->sin_addr, a->bytes + 12, 4);
    return sizeof *v4;
  }
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(a->port);
  v6->sin6_scope_id = a->scope;
  memcpy(&v6->sin6_addr, a->bytes, 16);
  return sizeof *v6;
}

static void from_sockaddr(const struct sockaddr_storage *in, tio_address *out) {
  if (in->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)in;
    memcpy(out->bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(out->bytes + 12, &v4->sin_addr, 4);
    out->port = ntohs(v4->sin_port);
    out->scope = 0;
  } else if (in->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)in;
    memcpy(out->bytes, &v6->sin6_addr, 16);
    out->port = ntohs(v6->sin6_port);
    out->scope = (uint16_t)v6->sin6_scope_id;
  } else {
    memset(out, 0, sizeof *out);
  }
}

int tio_parse_address(const char *host, uint16_t port, tio_address *out) {
  memset(out, 0, sizeof *out);
  out->port = port;
  if (inet_pton(AF_INET, host, out->bytes + 12) == 1) {
    memcpy(out->bytes, mapped_prefix, sizeof mapped_prefix);
    return 0;
  }
  return inet_pton(AF_INET6, host, out->bytes) == 1 ? 0 : -EINVAL;
}

int tio_format_host(const tio_address *a, char *out, size_t capacity) {
  const char *text = is_mapped(a) ? inet_ntop(AF_INET, a->bytes + 12, out, (socklen_t)capacity)
                                  : inet_ntop(AF_INET6, a->bytes, out, (socklen_t)capacity);
  return text ? 0 : -errno;
}

bool tio_is_any(const tio_address *a) {
  size_t start = is_mapped(a) ? 12 : 0;
  for (size_t i = start; i < 16; i++)
    if (a->bytes[i]) return false;
  return true;
}

// MARK: datagrams

struct tio_batch {
  unsigned count, bytes;
  uint8_t *memory;
  struct mmsghdr *messages;
  struct iovec *vectors;
  struct sockaddr_storage *names;
  uint8_t *controls;
  tio_datagram *datagrams;
};

enum { CONTROL_BYTES = 64 };

tio_batch *tio_batch_create(unsigned count, unsigned bytes) {
  tio_batch *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  b->count = count;
  b->bytes = bytes;
  b->memory = malloc((size_t)count * bytes);
  b->messages = calloc(count, sizeof *b->messages);
  b->vectors = calloc(count, sizeof *b->vectors);
  b->names = calloc(count, sizeof *b->names);
  b->controls = calloc(count, CONTROL_BYTES);
  b->datagrams = calloc(count, sizeof *b->datagrams);
  if (!b->memory || !b->messages || !b->vectors || !b->names || !b->controls || !b->datagrams) {
    tio_batch_free(b);
    return NULL;
  }
  for (unsigned i = 0; i < count; i++) {
    b->vectors[i] = (struct iovec){b->memory + (size_t)i * bytes, bytes};
    b->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &b->names[i], .msg_iov = &b->vectors[i], .msg_iovlen = 1,
        .msg_control = b->controls + (size_t)i * CONTROL_BYTES};
  }
  return b;
}

void tio_batch_free(tio_batch *b) {
  if (!b) return;
  free(b->memory);
  free(b->messages);
  free(b->vectors);
  free(b->names);
  free(b->controls);
  free(b->datagrams);
  free(b);
}

const tio_datagram *tio_batch_datagrams(const tio_batch *b) { return b->datagrams; }

int tio_receive(int fd, tio_batch *b) {
  for (unsigned i = 0; i < b->count; i++) {
    b->messages[i].msg_hdr.msg_namelen = sizeof b->names[i];
    b->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
  }
  int received, errors = 0;
  // What ICMP says about datagrams we sent is reported once to whoever calls next, and means nothing to a receiver.
  do received = recvmmsg(fd, b->messages, b->count, MSG_DONTWAIT, NULL);
  while (received < 0 && (errno == EINTR || (errno != EAGAIN && errors++ < 8)));
  if (received < 0) return errno == EAGAIN || errno == ECONNREFUSED ? 0 : -errno;
  for (int i = 0; i < received; i++) {
    struct msghdr *h = &b->messages[i].msg_hdr;
    tio_datagram *d = &b->datagrams[i];
    d->bytes = b->vectors[i].iov_base;
    d->length = b->messages[i].msg_len;
    d->segment = d->length;
    from_sockaddr(&b->names[i], &d->source);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
      if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
        int size;
        memcpy(&size, CMSG_DATA(c), sizeof size);
        if (size > 0 && (uint32_t)size < d->length) d->segment = (uint32_t)size;
      }
    }
  }
  return received;
}

uint32_t tio_drops(int fd) {
  // Asked for once in a while: a control message with every datagram would cost more than the answer is worth.
  enum { DROPS = 8, VARIABLES = 9 };
  uint32_t info[VARIABLES] = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &length) < 0 || length < sizeof info) return 0;
  return info[DROPS];
}

static int local_address(int fd, tio_address *bound) {
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  if (getsockname(fd, (struct sockaddr *)&name, &length) < 0) return -errno;
  from_sockaddr(&name, bound);
  return 0;
}

static int open_socket(const tio_address *address, int type) {
  int fd = socket(is_mapped(address) ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), no = 0;
  if (fd < 0) return -errno;
  // `::` hears IPv4 as well, whatever the system's default is.
  if (!is_mapped(address)) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  return fd;
}

static int bind_socket(int fd, const tio_address *address, tio_address *bound) {
  struct sockaddr_storage name;
  socklen_t length = to_sockaddr(address, &name);
  if (bind(fd, (struct sockaddr *)&name, length) < 0) return -errno;
  return local_address(fd, bound);
}

int tio_udp_bind(const tio_address *address, int receive_buffer, bool share_port, bool offload, tio_address *bound) {
  int fd = open_socket(address, SOCK_DGRAM), yes = 1;
  if (fd < 0) return fd;
  if (share_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  // The forced form goes past net.core.rmem_max and needs a privilege; the plain one is clamped silently.
  if (receive_buffer > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (offload) setsockopt(fd, SOL_UDP, UDP_GRO, &yes, sizeof yes);
  int failure = bind_socket(fd, address, bound);
  if (failure < 0) {
    close(fd);
    return failure;
  }
  return fd;
}

int tio_receive_buffer(int fd) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) < 0 ? -errno : bytes;
}

int tio_steer_by_ssrc(int fd, uint32_t count) {
  // The filter sees the UDP payload; a packet shorter than an RTP header fails the load and goes to socket 0.
  struct sock_filter code[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},
      {BPF_ALU | BPF_MOD | BPF_K, 0, 0, count},
      {BPF_RET | BPF_A, 0, 0, 0},
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0 ? -errno : 0;
}

int tio_send_to(int fd, const void *bytes, size_t count, const tio_address *to) {
  struct sockaddr_storage name;
  socklen_t length = to_sockaddr(to, &name);
  ssize_t sent = sendto(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&name, length);
  return sent < 0 ? -errno : 0;
}

// MARK: sending

struct tio_sender {
  unsigned capacity;
  struct mmsghdr *messages;
  struct sockaddr_storage *names;
  uint8_t *controls;
};

enum { SEGMENT_CONTROL = CMSG_SPACE(sizeof(uint16_t)) };

tio_sender *tio_sender_create(unsigned messages) {
  tio_sender *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->capacity = messages;
  s->messages = calloc(messages, sizeof *s->messages);
  s->names = calloc(messages, sizeof *s->names);
  s->controls = calloc(messages, SEGMENT_CONTROL);
  if (!s->messages || !s->names || !s->controls) {
    tio_sender_free(s);
    return NULL;
  }
  return s;
}

void tio_sender_free(tio_sender *s) {
  if (!s) return;
  free(s->messages);
  free(s->names);
  free(s->controls);
  free(s);
}

static void put_segment(struct msghdr *h, uint8_t *control, uint16_t segment) {
  h->msg_control = control;
  h->msg_controllen = SEGMENT_CONTROL;
  struct cmsghdr *c = CMSG_FIRSTHDR(h);
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof segment);
  memcpy(CMSG_DATA(c), &segment, sizeof segment);
}

int tio_send_batch(int fd, tio_sender *s, const tio_message *messages, unsigned count, const struct iovec *parts) {
  if (count > s->capacity) count = s->capacity;
  for (unsigned i = 0; i < count; i++) {
    const tio_message *m = &messages[i];
    struct msghdr *h = &s->messages[i].msg_hdr;
    *h = (struct msghdr){.msg_name = &s->names[i], .msg_iov = (struct iovec *)&parts[m->first_part],
                         .msg_iovlen = m->part_count};
    h->msg_namelen = to_sockaddr(&m->to, &s->names[i]);
    if (m->segment) put_segment(h, s->controls + (size_t)i * SEGMENT_CONTROL, (uint16_t)m->segment);
  }
  int sent;
  do sent = sendmmsg(fd, s->messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

bool tio_cuts_datagrams(int fd) {
  int size;
  socklen_t length = sizeof size;
  return getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void tio_prepare_sending(int fd, int send_buffer) {
  int yes = 1;
  // The forced form goes past net.core.wmem_max and needs a privilege; the plain one is clamped silently.
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer, sizeof send_buffer) < 0)
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof yes);
}

int tio_take_error(int fd, tio_address *about) {
  struct sockaddr_storage name = {0};
  _Alignas(struct cmsghdr) uint8_t control[512];
  uint8_t bytes[64];
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr h = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1,
                     .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return 0;
  from_sockaddr(&name, about);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
    bool is_report = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                     (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
    if (!is_report) continue;
    struct sock_extended_err report;
    memcpy(&report, CMSG_DATA(c), sizeof report);
    return report.ee_errno ? (int)report.ee_errno : EIO;
  }
  return EIO;
}

// MARK: streams

int tio_tcp_listen(const tio_address *address, tio_address *bound) {
  int fd = open_socket(address, SOCK_STREAM), yes = 1;
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  int failure = bind_socket(fd, address, bound);
  if (failure == 0 && listen(fd, 1024) < 0) failure = -errno;
  if (failure < 0) {
    close(fd);
    return failure;
  }
  return fd;
}

int tio_tcp_accept(int listener, tio_address *peer) {
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  int fd;
  do fd = accept4(listener, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0) return -errno;
  from_sockaddr(&name, peer);
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

int tio_tcp_connect(const tio_address *to) {
  int fd = open_socket(to, SOCK_STREAM), yes = 1;
  if (fd < 0) return fd;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct sockaddr_storage name;
  socklen_t length = to_sockaddr(to, &name);
  if (connect(fd, (struct sockaddr *)&name, length) < 0 && errno != EINPROGRESS) {
    int failure = -errno;
    close(fd);
    return failure;
  }
  return fd;
}

int tio_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

ptrdiff_t tio_read(int fd, void *into, size_t capacity) {
  ssize_t n;
  do n = read(fd, into, capacity);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

ptrdiff_t tio_write_gathered(int fd, const struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
  ssize_t n;
  do n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

int tio_prepare_viewer(int fd, int send_buffer, int unsent_limit) {
  int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_limit, sizeof unsent_limit);
  return 0;
}

// MARK: readiness

static uint32_t to_epoll(uint32_t events) {
  uint32_t mask = EPOLLRDHUP;
  if (events & TIO_READ) mask |= EPOLLIN;
  if (events & TIO_WRITE) mask |= EPOLLOUT;
  return mask;
}

int tio_poller(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int control(int poller, int operation, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = to_epoll(events), .data.u64 = token};
  return epoll_ctl(poller, operation, fd, &event) < 0 ? -errno : 0;
}

int tio_poller_add(int p, int fd, uint32_t events, uint64_t t) { return control(p, EPOLL_CTL_ADD, fd, events, t); }
int tio_poller_change(int p, int fd, uint32_t events, uint64_t t) { return control(p, EPOLL_CTL_MOD, fd, events, t); }
int tio_poller_remove(int p, int fd) { return control(p, EPOLL_CTL_DEL, fd, 0, 0); }

int tio_poll(int poller, tio_ready *into, int capacity, int milliseconds) {
  struct epoll_event events[512];
  if (capacity > 512) capacity = 512;
  int n = epoll_wait(poller, events, capacity, milliseconds);
  if (n < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < n; i++) {
    uint32_t e = events[i].events, mask = 0;
    if (e & EPOLLIN) mask |= TIO_READ;
    if (e & EPOLLOUT) mask |= TIO_WRITE;
    if (e & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) mask |= TIO_HANGUP;
    into[i] = (tio_ready){events[i].data.u64, mask};
  }
  return n;
}

int tio_bell(bool blocking) {
  int fd = eventfd(0, EFD_CLOEXEC | (blocking ? 0 : EFD_NONBLOCK));
  return fd < 0 ? -errno : fd;
}

void tio_bell_ring(int bell) {
  uint64_t one = 1;
  while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {}
}

void tio_bell_hear(int bell) {
  uint64_t count;
  while (read(bell, &count, sizeof count) < 0 && errno == EINTR) {}
}

// MARK: clocks

static int64_t read_clock(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t tio_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }
int64_t tio_wall(void) { return read_clock(CLOCK_REALTIME); }
int64_t tio_thread_cpu(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

void tio_sleep_until(int64_t monotonic) {
  struct timespec t = {.tv_sec = monotonic / 1000000000, .tv_nsec = monotonic % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}

void tio_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
