/* SIP clients by the thousand on one UDP socket: REGISTER with digest (GB/T 28181 §2) and keepalive MESSAGEs (§3).
 *
 * A slot holds one unfinished transaction. Its number travels in the Via branch, so an answer finds its slot
 * without a search. Unanswered requests are sent again after 500 ms, doubling (RFC 3261 §17.1.2). */
#include "internal.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, DATAGRAM = 4096, MESSAGE = 1536, DEVICE_DIGITS = 20, FIRST_WAIT_MS = 500, LIFETIME_MS = 16000 };

typedef struct {
  bool busy, authorised; /* authorised: the request with credentials is under way */
  uint32_t device, serial;
  int64_t begun, sent_at, wait;
  uint32_t length;
  char text[MESSAGE];
} slot;

typedef struct {
  const load_sip_options *options;
  load_sip_result *result;
  slot *slots;
  uint32_t *free_slots, free_count;
  int fd;
  char local[INET_ADDRSTRLEN];
  uint16_t local_port;
  uint32_t serial;
  uint32_t *latencies, latency_count, latency_capacity;
  uint64_t finished; /* of the present phase, in whatever way */
  char *datagrams;
} load;

/* Device number `index` after the first: the last ten digits count. */
static void device_id(const load *x, uint32_t index, char id[DEVICE_DIGITS + 1]) {
  unsigned long long tail = strtoull(x->options->first_device + 10, NULL, 10) + index;
  snprintf(id, DEVICE_DIGITS + 1, "%.10s%010llu", x->options->first_device, tail % 10000000000ull);
}

static void hex_md5(char output[33], const char *text) {
  uint8_t digest[16];
  load_md5(text, strlen(text), digest);
  for (int i = 0; i < 16; i++) snprintf(output + 2 * i, 3, "%02x", digest[i]);
}

/* Copies the value of `name=` from an authentication header; false when it is absent or too long. */
static bool parameter(const char *line, const char *name, char *value, size_t limit) {
  size_t length = strlen(name);
  for (const char *at = line; *at && *at != '\r' && *at != '\n'; at++) {
    if (strncasecmp(at, name, length) || at[length] != '=') continue;
    if (at > line && at[-1] != ' ' && at[-1] != ',') continue;
    at += length + 1;
    bool quoted = *at == '"';
    at += quoted;
    size_t size = strcspn(at, quoted ? "\"\r\n" : ", \r\n");
    if (size >= limit) return false;
    memcpy(value, at, size);
    value[size] = 0;
    return true;
  }
  return false;
}

static int credentials(load *x, const char *id, const char *challenge, char *output, size_t limit) {
  char nonce[256] = "", realm[128] = "", qop[64] = "", opaque[160] = "", uri[96], text[700];
  parameter(challenge, "nonce", nonce, sizeof nonce);
  parameter(challenge, "realm", realm, sizeof realm);
  parameter(challenge, "qop", qop, sizeof qop);
  bool with_opaque = parameter(challenge, "opaque", opaque, sizeof opaque);
  snprintf(uri, sizeof uri, "sip:%.40s@%.40s", x->options->platform_id, x->options->domain);
  char user_hash[33], method_hash[33], response[33];
  snprintf(text, sizeof text, "%s:%s:%.200s", id, realm, x->options->password);
  hex_md5(user_hash, text);
  snprintf(text, sizeof text, "REGISTER:%s", uri);
  hex_md5(method_hash, text);
  bool with_qop = qop[0];
  if (with_qop) snprintf(text, sizeof text, "%s:%s:00000001:0a4f113b:auth:%s", user_hash, nonce, method_hash);
  else snprintf(text, sizeof text, "%s:%s:%s", user_hash, nonce, method_hash);
  hex_md5(response, text);
  return snprintf(output, limit,
                  "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
                  "response=\"%s\", algorithm=MD5%s%s%s%s\r\n",
                  id, realm, nonce, uri, response, with_qop ? ", qop=auth, nc=00000001, cnonce=\"0a4f113b\"" : "",
                  with_opaque ? ", opaque=\"" : "", opaque, with_opaque ? "\"" : "");
}

static void write_register(load *x, uint32_t number, const char *challenge) {
  slot *s = &x->slots[number];
  char id[DEVICE_DIGITS + 1], authorisation[1024] = "";
  device_id(x, s->device, id);
  if (challenge) credentials(x, id, challenge, authorisation, sizeof authorisation);
  int length = snprintf(s->text, MESSAGE,
                        "REGISTER sip:%s@%s SIP/2.0\r\n"
                        "Via: SIP/2.0/UDP %s:%u;rport;branch=z9hG4bK%u-%u-%d\r\n"
                        "From: <sip:%s@%s>;tag=%u\r\n"
                        "To: <sip:%s@%s>\r\n"
                        "Call-ID: %u.%u@%s\r\n"
                        "CSeq: %d REGISTER\r\n"
                        "Contact: <sip:%s@%s:%u>\r\n"
                        "%sMax-Forwards: 70\r\nUser-Agent: Load\r\nExpires: 3600\r\nX-GB-Ver: 2.0\r\n"
                        "Content-Length: 0\r\n\r\n",
                        x->options->platform_id, x->options->domain, x->local, x->local_port, number, s->serial,
                        challenge ? 2 : 1, id, x->options->domain, s->serial, id, x->options->domain, s->device,
                        s->serial, x->local, challenge ? 2 : 1, id, x->local, x->local_port, authorisation);
  s->length = length < MESSAGE ? (uint32_t)length : MESSAGE - 1;
}

static void write_keepalive(load *x, uint32_t number) {
  slot *s = &x->slots[number];
  char id[DEVICE_DIGITS + 1], body[256];
  device_id(x, s->device, id);
  int size = snprintf(body, sizeof body,
                      "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n"
                      "<SN>%u</SN>\r\n<DeviceID>%s</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n",
                      s->serial % 100000, id);
  int length = snprintf(s->text, MESSAGE,
                        "MESSAGE sip:%s@%s SIP/2.0\r\n"
                        "Via: SIP/2.0/UDP %s:%u;rport;branch=z9hG4bK%u-%u-1\r\n"
                        "From: <sip:%s@%s>;tag=%u\r\n"
                        "To: <sip:%s@%s>\r\n"
                        "Call-ID: %u.%u@%s\r\n"
                        "CSeq: 20 MESSAGE\r\n"
                        "Content-Type: Application/MANSCDP+xml\r\nMax-Forwards: 70\r\nUser-Agent: Load\r\n"
                        "Content-Length: %d\r\n\r\n%s",
                        x->options->platform_id, x->options->domain, x->local, x->local_port, number, s->serial, id,
                        x->options->domain, s->serial, x->options->platform_id, x->options->domain, s->device,
                        s->serial, x->local, size, body);
  s->length = length < MESSAGE ? (uint32_t)length : MESSAGE - 1;
}

static void transmit(load *x, slot *s) {
  s->sent_at = load_now();
  if (send(x->fd, s->text, s->length, 0) == (ssize_t)s->length) x->result->datagrams_out++;
}

static void begin(load *x, uint32_t device, load_sip_kind kind) {
  uint32_t number = x->free_slots[--x->free_count];
  slot *s = &x->slots[number];
  s->busy = true;
  s->authorised = kind == LOAD_KEEPALIVE;
  s->device = device;
  s->serial = ++x->serial;
  s->begun = load_now();
  s->wait = FIRST_WAIT_MS * NS_PER_MS;
  if (kind == LOAD_KEEPALIVE) write_keepalive(x, number); else write_register(x, number, NULL);
  transmit(x, s);
}

static void finish(load *x, uint32_t number) {
  x->slots[number].busy = false;
  x->free_slots[x->free_count++] = number;
  x->finished++;
}

static void completed(load *x, slot *s) {
  x->result->completed++;
  if (x->latency_count < x->latency_capacity) {
    x->latencies[x->latency_count++] = (uint32_t)((load_now() - s->begun) / 1000);
  }
}

/* The challenge we can answer: MD5, or none named. */
static const char *challenge_of(const char *message) {
  const char *line = message;
  while ((line = strcasestr(line, "\nWWW-Authenticate:"))) {
    char algorithm[32] = "MD5";
    line += 18;
    parameter(line, "algorithm", algorithm, sizeof algorithm);
    if (!strcasecmp(algorithm, "MD5")) return line;
  }
  return NULL;
}

static void answer(load *x, const char *message) {
  const char *branch = strstr(message, "branch=z9hG4bK");
  unsigned number, serial;
  int step;
  if (!branch || sscanf(branch + 14, "%u-%u-%d", &number, &serial, &step) != 3) return;
  if (number >= x->options->outstanding) return;
  slot *s = &x->slots[number];
  if (!s->busy || s->serial != serial || step != (s->authorised && s->text[0] == 'R' ? 2 : 1)) return;
  int status = strncmp(message, "SIP/2.0 ", 8) ? 0 : atoi(message + 8);
  if (x->options->echo) status = s->authorised ? 200 : 401;
  if (status < 200) return;
  if (status == 401 && !s->authorised) {
    static const char made_up[] = " Digest realm=\"3402000000\", qop=\"auth\", algorithm=MD5, "
                                  "nonce=\"6fe9ba44a76be22a9d1c3b7e5f204a10\"";
    const char *challenge = x->options->echo ? made_up : challenge_of(message);
    if (challenge) {
      s->authorised = true;
      s->wait = FIRST_WAIT_MS * NS_PER_MS;
      write_register(x, number, challenge);
      return transmit(x, s);
    }
  }
  if (status == 200) {
    completed(x, s);
  } else {
    x->result->failed++;
    if (!x->result->bad_status) x->result->bad_status = status;
  }
  finish(x, number);
}

static void receive(load *x) {
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){x->datagrams + i * DATAGRAM, DATAGRAM - 1};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  for (;;) {
    int count = recvmmsg(x->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (count <= 0) return;
    x->result->datagrams_in += (uint64_t)count;
    for (int i = 0; i < count; i++) {
      char *text = x->datagrams + i * DATAGRAM;
      text[messages[i].msg_len] = 0;
      answer(x, text);
    }
    if (count < BATCH) return;
  }
}

static void retransmit(load *x) {
  int64_t now = load_now();
  for (uint32_t i = 0; i < x->options->outstanding; i++) {
    slot *s = &x->slots[i];
    if (!s->busy || now - s->sent_at < s->wait) continue;
    if (now - s->begun > LIFETIME_MS * NS_PER_MS) {
      x->result->timed_out++;
      finish(x, i);
      continue;
    }
    s->wait = s->wait * 2 > 4 * NS_PER_SECOND ? 4 * NS_PER_SECOND : s->wait * 2;
    x->result->retransmissions++;
    transmit(x, s);
  }
}

static void phase(load *x, load_sip_kind kind, uint64_t transactions, int64_t deadline) {
  const load_sip_options *options = x->options;
  int64_t start = load_now(), next_look = start + 50 * NS_PER_MS;
  uint64_t begun = 0;
  x->finished = 0;
  while (x->finished < transactions && !load_stopped()) {
    int64_t now = load_now();
    if (now > deadline) return;
    uint64_t allowed = options->per_second
                           ? (uint64_t)((double)(now - start) / 1e9 * options->per_second) + 1
                           : transactions;
    if (allowed > transactions) allowed = transactions;
    /* At most a batch before the answers are looked at: a burst must not overflow the socket. */
    for (int i = 0; i < BATCH && begun < allowed && x->free_count; i++, begun++) {
      begin(x, (uint32_t)(begun % options->devices), kind);
    }
    struct pollfd waiting = {.fd = x->fd, .events = POLLIN};
    bool more = begun < allowed && x->free_count;
    if (poll(&waiting, 1, more ? 0 : 1) > 0) receive(x);
    if (now < next_look) continue;
    next_look = now + 50 * NS_PER_MS;
    retransmit(x);
  }
}

static bool open_socket(load *x, load_error *error) {
  struct sockaddr_in peer, local;
  if (!load_address(x->options->host, x->options->port, &peer)) {
    load_fail(error, "%s is no address", x->options->host);
    return false;
  }
  int buffer = 8 << 20;
  socklen_t length = sizeof local;
  x->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (setsockopt(x->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)) {
    setsockopt(x->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  }
  if (x->fd < 0 || connect(x->fd, (struct sockaddr *)&peer, sizeof peer) ||
      getsockname(x->fd, (struct sockaddr *)&local, &length)) {
    load_fail(error, "cannot reach %s port %u: %s", x->options->host, x->options->port, strerror(errno));
    return false;
  }
  inet_ntop(AF_INET, &local.sin_addr, x->local, sizeof x->local);
  x->local_port = ntohs(local.sin_port);
  return true;
}

static void measure(load *x) {
  const load_sip_options *options = x->options;
  int64_t deadline = load_now() + (int64_t)(options->seconds * 1e9);
  if (options->kind == LOAD_KEEPALIVE && !options->echo) {
    /* Only registered devices may report: the registrations are not part of the measure. */
    phase(x, LOAD_REGISTER, options->devices, deadline);
    *x->result = (load_sip_result){.bad_status = x->result->bad_status};
    x->latency_count = 0;
  }
  load_ready(options->ready_fd, 0);
  int64_t start = load_now();
  double before = load_cpu_seconds();
  phase(x, options->kind, options->transactions ? options->transactions : options->devices, deadline);
  x->result->seconds = (double)(load_now() - start) / 1e9;
  x->result->cpu_seconds = load_cpu_seconds() - before;
  load_quantiles(x->latencies, x->latency_count, x->result->latency_us);
}

int load_sip(const load_sip_options *options, load_sip_result *result, load_error *error) {
  *result = (load_sip_result){0};
  if (!options->devices || !options->outstanding || strlen(options->first_device) != DEVICE_DIGITS ||
      strlen(options->platform_id) > 40 || strlen(options->domain) > 40) {
    return load_fail(error, "SIP load needs devices with codes of 20 digits and room for transactions");
  }
  enum { LATENCIES = 1 << 20 };
  load x = {.options = options, .result = result, .latency_capacity = LATENCIES, .fd = -1};
  x.slots = calloc(options->outstanding, sizeof *x.slots);
  x.free_slots = calloc(options->outstanding, sizeof *x.free_slots);
  x.latencies = calloc(LATENCIES, sizeof *x.latencies);
  x.datagrams = malloc(BATCH * DATAGRAM);
  int status = -1;
  if (!x.slots || !x.free_slots || !x.latencies || !x.datagrams) {
    load_fail(error, "no memory for %u transactions", options->outstanding);
  } else if (open_socket(&x, error)) {
    for (uint32_t i = 0; i < options->outstanding; i++) x.free_slots[x.free_count++] = i;
    measure(&x);
    status = 0;
  }
  if (x.fd >= 0) close(x.fd);
  free(x.slots), free(x.free_slots), free(x.latencies), free(x.datagrams);
  return status;
}
