// The media plane: receives what cameras send, keeps the latest group of pictures, serves viewers.
//
// Threads and ownership
//   MediaPlane        the door: any thread calls it, it posts commands to a Mailbox
//   MediaLoop         one per media thread; owns everything below and nothing else touches it
//     MediaStream       a stream: sinks, GroupCache, and while somebody watches a Broadcast
//       Ingest            who may send (SourceLock), order (ReorderBuffer), units (StreamDemuxer)
//       Broadcast         FragmentRing, BrowserTracks, and a Viewer with a cursor per socket
//       RelayFeed         ParcelRing: each unit once as program stream; a Relay with its numbers and its pace per peer
//     Outbox            datagrams of all relays, given to the kernel once per pass
//     Connection        a TCP media connection, before and after its stream is known
//   RelayBook         relays that wait for their peer to connect
//   IngestBook        SSRCs of all threads; asked only about packets that a thread does not know
//   CodecThread       transcodes sound, so that no media thread waits for a codec
//   PublishedFigures  what snapshots and diagnoses read
//   HLSWindow         a sink that keeps the last segments for HTTP Live Streaming
//
// The way of a packet
//   recvmmsg into the thread's own buffers, parsed in place, put in order without copying, demultiplexed into one
//   allocation per picture. Sinks, the cache and viewers share that allocation by reference. A fragment's header is
//   built once per stream; viewers at the same place share one gathered write.
//
// With several threads the kernel hands each datagram to the thread that owns its SSRC (SSRC modulo threads).
