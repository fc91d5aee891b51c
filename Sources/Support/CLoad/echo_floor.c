/* The least a SIP server can do over UDP: read a datagram, send one of the same size back. */
#include "internal.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int load_echo(uint16_t port, double seconds, int ready_fd, load_echo_result *result, load_error *error) {
  *result = (load_echo_result){0};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), buffer = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  struct timeval patience = {.tv_usec = 100000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
      getsockname(fd, (struct sockaddr *)&address, &length)) {
    load_fail(error, "the echo cannot use port %u: %s", port, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  load_ready(ready_fd, ntohs(address.sin_port));
  static char datagram[65536];
  int64_t start = load_now(), end = start + (int64_t)(seconds * 1e9);
  double before = load_cpu_seconds();
  while (!load_stopped() && load_now() < end) {
    struct sockaddr_in peer;
    length = sizeof peer;
    ssize_t got = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&peer, &length);
    if (got < 0) continue;
    if (sendto(fd, datagram, (size_t)got, 0, (struct sockaddr *)&peer, length) != got) continue;
    result->datagrams++;
    result->bytes += (uint64_t)got;
  }
  result->cpu_seconds = load_cpu_seconds() - before;
  result->seconds = (double)(load_now() - start) / 1e9;
  close(fd);
  return 0;
}
