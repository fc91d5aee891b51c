/* The load generator's inner loops: paced senders, floors, readers. One blocking call each; every call is meant
 * for a process of its own, so that its processor time can be told apart from the server's.
 *
 * Every function returns 0, or -1 after writing one sentence into `error`. Numbers in results start at zero. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char text[256];
} load_error;

/* ---- Clip: an elementary stream cut into access units and packed as program stream once. ---- */

typedef struct load_clip load_clip;

typedef struct {
  uint32_t frames;
  /* Frames from one key frame to the next. */
  uint32_t group;
  uint64_t elementary_bytes, program_bytes;
} load_clip_facts;

/* `path`: H.264 or (with `hevc`) H.265 with start codes. `audio`: a G.711A track of tone goes with it. */
load_clip *load_clip_open(const char *path, int hevc, int audio, load_error *error);
void load_clip_close(load_clip *clip);
load_clip_facts load_clip_describe(const load_clip *clip);

/* ---- Sender ---- */

typedef struct {
  const char *host;
  /* One entry per stream. */
  const uint16_t *ports;
  const uint32_t *ssrcs;
  uint32_t streams;
  int tcp;               /* RFC 4571 over one connection per stream, instead of UDP */
  uint32_t frame_rate;   /* per second */
  uint32_t payload;      /* RTP payload bytes per packet at most */
  uint32_t burst;        /* packets per stream and step at most */
  uint32_t step_ms;      /* from one look at the streams to the next; 0: one millisecond */
  int offload;           /* UDP: one message per stream and step, which the kernel cuts (UDP_SEGMENT) */
  double seconds;
  int together;          /* every stream begins at once, instead of spread over one group of pictures */
  int ready_fd;          /* receives "ready\n" once every socket is connected; -1: nobody */
  /* CLOCK_MONOTONIC after the last packet of frame i of the first stream; 0: nobody wants to know. */
  int64_t *sent;
  uint32_t sent_capacity;
} load_send_options;

typedef struct {
  uint64_t packets, bytes, frames, dropped_frames, refused, errors, lost_connections;
  uint64_t ticks, late_5ms, late_20ms, latest_us;
  int64_t first_packet_ns; /* CLOCK_MONOTONIC */
  double seconds, cpu_seconds;
} load_send_result;

int load_send(const load_clip *clip, const load_send_options *options, load_send_result *result,
              load_error *error);

/* ---- Receive floor: the least a receiver can do with those streams. ---- */

typedef enum { LOAD_DISCARD = 0, LOAD_DEMULTIPLEX = 1, LOAD_WRITE = 2 } load_work;

typedef struct {
  uint16_t port;         /* first port; 0 lets the system choose when `one_port` */
  uint32_t streams;
  int one_port;          /* all streams on one port, told apart by SSRC modulo `streams` */
  int tcp;
  uint32_t poll_ms;      /* sleep between looks at the sockets; 0 wakes for every arrival */
  load_work work;
  const char *directory; /* for LOAD_WRITE: one file per stream, O_DIRECT where the file system allows */
  double seconds;
  int ready_fd;
} load_receive_options;

typedef struct {
  uint64_t packets, bytes, lost, calls, wakeups, frames, key_frames, bad_frames, written;
  int direct; /* whether O_DIRECT was possible */
  double seconds, cpu_seconds;
  uint64_t memory; /* resident bytes at the end */
} load_receive_result;

int load_receive(const load_receive_options *options, load_receive_result *result, load_error *error);

/* ---- Fan-out floor: one stream to many TCP viewers from one buffer. ---- */

typedef struct {
  uint16_t port; /* 0: the system chooses; announced as "ready PORT\n" */
  uint32_t viewers;
  uint32_t merge; /* frames per write */
  uint32_t frame_rate;
  double seconds;
  int ready_fd;
} load_fanout_options;

typedef struct {
  uint64_t bytes, calls, short_writes, late_frames;
  uint32_t viewers_left;
  double seconds, cpu_seconds;
} load_fanout_result;

int load_fanout(const load_clip *clip, const load_fanout_options *options, load_fanout_result *result,
                load_error *error);

/* ---- Readers: viewers that take a live stream and throw it away. ---- */

typedef struct {
  uint64_t decode; /* ticks of 90 kHz */
  int64_t at;
} load_arrival;

typedef struct {
  const char *host;
  uint16_t port;
  const char *const *paths; /* viewer i asks for paths[i % path_count] */
  uint32_t path_count;
  const char *headers;      /* further request header lines, each ended by CRLF; may be "" */
  uint32_t viewers;
  uint32_t parsed;          /* the first so many are read as fragmented MP4, the others only counted */
  int websocket;
  uint32_t connects_per_second;
  double warm_seconds;      /* bytes before count as start, not as rate */
  double seconds;           /* after the warm time */
  int first_picture_only;   /* end as soon as every parsed viewer has a whole first fragment */
  int ready_fd;             /* "ready\n" once every viewer has its response head */
  /* What the first viewer gets after the warm time: decode time and CLOCK_MONOTONIC of each whole fragment. */
  load_arrival *arrivals;
  uint32_t arrival_capacity;
} load_read_options;

typedef struct {
  uint64_t bytes, steady_bytes, text_messages, fragments, samples, broken_boxes, sequence_gaps;
  uint32_t connected, answered, streaming, closed;
  int32_t bad_status;       /* the first status that was not 200 or 101 */
  /* Microseconds, by viewer, from the begin of connect(): first byte of media (or of anything), first fragment. */
  uint32_t first_byte_us[3], first_fragment_us[3]; /* median, 99 %, largest; 0 when there is none */
  int64_t first_fragment_ns; /* CLOCK_MONOTONIC of the first parsed viewer's first whole fragment; 0: none */
  uint32_t arrivals;
  double seconds, cpu_seconds;
} load_read_result;

int load_read(const load_read_options *options, load_read_result *result, load_error *error);

/* ---- SIP: registrations with digest, and keepalives. ---- */

typedef enum { LOAD_REGISTER = 0, LOAD_KEEPALIVE = 1 } load_sip_kind;

typedef struct {
  const char *host;
  uint16_t port;
  const char *platform_id, *domain, *password;
  const char *first_device; /* 20 digits; device i is this number plus i */
  uint32_t devices;
  load_sip_kind kind;
  int echo;              /* the peer is the echo floor: any answer will do, credentials are made up */
  uint32_t per_second;   /* transactions begun per second; 0: as fast as `outstanding` allows */
  uint32_t outstanding;  /* unfinished transactions at most */
  uint64_t transactions; /* to complete, devices in turn; 0: each device once */
  double seconds;        /* give up after */
  int ready_fd;          /* "ready\n" when the measured part begins */
} load_sip_options;

typedef struct {
  uint64_t completed, failed, timed_out, retransmissions, datagrams_out, datagrams_in;
  int32_t bad_status; /* the first final status that was neither 200 nor 401 */
  uint32_t latency_us[3]; /* median, 99 %, largest */
  double seconds, cpu_seconds;
} load_sip_result;

int load_sip(const load_sip_options *options, load_sip_result *result, load_error *error);

typedef struct {
  uint64_t datagrams, bytes;
  double seconds, cpu_seconds;
} load_echo_result;

/* Gives every datagram back as it came. `port` 0: the system chooses; announced as "ready PORT\n". */
int load_echo(uint16_t port, double seconds, int ready_fd, load_echo_result *result, load_error *error);

/* ---- Shared ---- */

/* Ends every loop of this process soon. Safe in a signal handler. */
void load_stop(void);
/* CLOCK_MONOTONIC in nanoseconds. */
int64_t load_now(void);
/* RFC 1321. */
void load_md5(const void *data, size_t length, uint8_t digest[16]);
