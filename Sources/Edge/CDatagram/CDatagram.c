#define _GNU_SOURCE
#include "CDatagram.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct datagram_outbox {
  uint32_t capacity, count;
  size_t size, used;
  struct mmsghdr *messages;
  struct iovec *parts;
  struct sockaddr_storage *addresses;
  char *bytes;
};

datagram_outbox *datagram_outbox_new(uint32_t count, size_t bytes) {
  datagram_outbox *o = calloc(1, sizeof *o);
  if (!o) return NULL;
  o->capacity = count;
  o->size = bytes;
  o->messages = calloc(count, sizeof *o->messages);
  o->parts = calloc(count, sizeof *o->parts);
  o->addresses = calloc(count, sizeof *o->addresses);
  o->bytes = malloc(bytes);
  if (o->messages && o->parts && o->addresses && o->bytes) return o;
  datagram_outbox_free(o);
  return NULL;
}

void datagram_outbox_free(datagram_outbox *o) {
  if (!o) return;
  free(o->messages), free(o->parts), free(o->addresses), free(o->bytes), free(o);
}

uint32_t datagram_outbox_count(const datagram_outbox *o) { return o->count; }

bool datagram_outbox_add(
    datagram_outbox *o, const void *bytes, size_t size, const struct sockaddr *to, socklen_t to_size) {
  if (o->count == o->capacity || size > o->size - o->used || to_size > sizeof *o->addresses) return false;
  uint32_t i = o->count++;
  memcpy(o->bytes + o->used, bytes, size);
  memcpy(&o->addresses[i], to, to_size);
  o->parts[i] = (struct iovec){o->bytes + o->used, size};
  o->messages[i].msg_hdr = (struct msghdr){
      .msg_name = &o->addresses[i], .msg_namelen = to_size, .msg_iov = &o->parts[i], .msg_iovlen = 1};
  o->used += size;
  return true;
}

uint32_t datagram_outbox_send(datagram_outbox *o, int fd) {
  uint32_t done = 0, failed = 0;
  while (done < o->count) {
    int sent = sendmmsg(fd, o->messages + done, o->count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      done += (uint32_t)sent;
    } else if (sent == 0 || errno != EINTR) {
      /* The error belongs to the first of them: an unreachable peer, or a full buffer. */
      failed++;
      done++;
    }
  }
  o->count = 0;
  o->used = 0;
  return failed;
}
