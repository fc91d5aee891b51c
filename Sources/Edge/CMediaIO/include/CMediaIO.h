// The few system calls of the media plane that Swift cannot express well:
// batched datagrams with control messages, gathered writes, epoll and eventfd.
// Nothing here keeps state; every function reports failure as -errno.
#ifndef CMEDIAIO_H
#define CMEDIAIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/// An IPv4 or IPv6 address and port. IPv4 is kept in its mapped form (::ffff:a.b.c.d), in network order.
typedef struct {
  uint8_t bytes[16];
  uint16_t port;
  uint16_t scope;
} tio_address;

/// One datagram of a batch. `segment` is the size of each packet in it when the
/// kernel joined several (UDP GRO), else equal to `length`.
typedef struct {
  const uint8_t *bytes;
  uint32_t length;
  uint32_t segment;
  tio_address source;
} tio_datagram;

/// Buffers for one recvmmsg call.
typedef struct tio_batch tio_batch;

/// One readiness report.
typedef struct {
  uint64_t token;
  uint32_t events;
} tio_ready;

enum { TIO_READ = 1, TIO_WRITE = 2, TIO_HANGUP = 4 };

// Addresses
int tio_parse_address(const char *host, uint16_t port, tio_address *out);
int tio_format_host(const tio_address *address, char *out, size_t capacity);
bool tio_is_any(const tio_address *address);

// Datagrams
tio_batch *tio_batch_create(unsigned count, unsigned bytes);
void tio_batch_free(tio_batch *batch);
/// Returns the number of datagrams received (0 when none waits) or -errno.
int tio_receive(int fd, tio_batch *batch);
/// The socket's running count of datagrams the kernel threw away.
uint32_t tio_drops(int fd);
const tio_datagram *tio_batch_datagrams(const tio_batch *batch);
int tio_udp_bind(const tio_address *address, int receive_buffer, bool share_port, bool offload, tio_address *bound);
/// Bytes the kernel really grants for receiving, as it counts them (overhead included).
int tio_receive_buffer(int fd);
/// Sockets that share a port: the kernel picks the socket whose index is the RTP SSRC modulo `count`.
int tio_steer_by_ssrc(int fd, uint32_t count);
int tio_send_to(int fd, const void *bytes, size_t count, const tio_address *to);

/// Datagrams to one receiver. `segment` is the size of each packet in it when the kernel is to cut several out of it
/// (UDP GSO), else 0. Its bytes are `part_count` elements of the parts given to `tio_send_batch`, from `first_part` on.
typedef struct {
  uint32_t first_part, part_count;
  uint32_t segment;
  tio_address to;
} tio_message;

/// Room for one sendmmsg call.
typedef struct tio_sender tio_sender;

tio_sender *tio_sender_create(unsigned messages);
void tio_sender_free(tio_sender *sender);
/// Returns how many messages went out before one was refused, or -errno of the first.
int tio_send_batch(int fd, tio_sender *sender, const tio_message *messages, unsigned count, const struct iovec *parts);
/// Whether the kernel cuts datagrams (Linux 4.18).
bool tio_cuts_datagrams(int fd);
/// Lets the socket report what the network says about datagrams sent (ICMP), and buffer `send_buffer` bytes of them.
void tio_prepare_sending(int fd, int send_buffer);
/// Takes the next of those reports: the error number, and whom the datagram was for. 0 when there is none.
int tio_take_error(int fd, tio_address *about);

// Streams
int tio_tcp_listen(const tio_address *address, tio_address *bound);
/// A connected socket, non-blocking, or -EAGAIN when nobody waits.
int tio_tcp_accept(int fd, tio_address *peer);
/// A connecting socket, non-blocking; ready for writing means look at `tio_socket_error`.
int tio_tcp_connect(const tio_address *to);
int tio_socket_error(int fd);
/// Bytes read, 0 at the end, or -errno.
ptrdiff_t tio_read(int fd, void *into, size_t capacity);
/// Bytes written, or -errno. Never raises SIGPIPE.
ptrdiff_t tio_write_gathered(int fd, const struct iovec *parts, size_t count);
/// Non-blocking, no delay, bounded unsent backlog. Options that the socket's family lacks are skipped.
int tio_prepare_viewer(int fd, int send_buffer, int unsent_limit);

// Readiness
int tio_poller(void);
int tio_poller_add(int poller, int fd, uint32_t events, uint64_t token);
int tio_poller_change(int poller, int fd, uint32_t events, uint64_t token);
int tio_poller_remove(int poller, int fd);
/// Waits at most `milliseconds` (-1: for ever). Returns the number of reports or -errno.
int tio_poll(int poller, tio_ready *into, int capacity, int milliseconds);
int tio_bell(bool blocking);
void tio_bell_ring(int bell);
void tio_bell_hear(int bell);

// Clocks
int64_t tio_monotonic(void);
int64_t tio_wall(void);
/// CPU time of the calling thread, nanoseconds.
int64_t tio_thread_cpu(void);
void tio_sleep_until(int64_t monotonic);
void tio_name_thread(const char *name);

#endif
