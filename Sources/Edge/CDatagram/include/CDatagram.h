// Datagrams that leave together: sendmmsg, which Swift's Glibc module does not show.
#ifndef CDATAGRAM_H
#define CDATAGRAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/// Datagrams that wait to leave with one system call. Not for several threads at a time.
typedef struct datagram_outbox datagram_outbox;

/// Room for `count` datagrams of `bytes` together; null when there is no memory.
datagram_outbox *datagram_outbox_new(uint32_t count, size_t bytes);
void datagram_outbox_free(datagram_outbox *outbox);

/// How many wait.
uint32_t datagram_outbox_count(const datagram_outbox *outbox);

/// Copies a datagram. False when it does not fit: send the others first, or this one by itself.
bool datagram_outbox_add(
    datagram_outbox *outbox, const void *bytes, size_t size, const struct sockaddr *to, socklen_t to_size);

/// Sends all that wait, in order, and forgets them. A datagram that cannot be sent does not hold up the others.
///
/// Returns how many could not be sent.
uint32_t datagram_outbox_send(datagram_outbox *outbox, int fd);

#endif
