import NIOCore
import RTPCore

/// Where a stream's packets go.
enum MediaOutput {
  /// Datagrams to one address.
  case datagrams(any Channel, SocketAddress)
  /// RFC 4571 over one connection.
  case connection(any Channel)

  var channel: any Channel {
    switch self {
    case .datagrams(let channel, _), .connection(let channel): channel
    }
  }
}

/// One call's media: reads a feed at its own position and sends. Confined to the media event loop.
final class MediaStream {
  private let feed: MediaFeed
  private let output: MediaOutput
  private let start: MediaSettings.Start
  private let begun: NIODeadline
  private var faults: PacketFaults?
  /// Packets on their way that faults made late, in the order in which they are due.
  private var late: [(due: NIODeadline, packet: ByteBuffer)] = []
  /// Packets that wait for their successor.
  private var overtaken: [ByteBuffer] = []
  private var packetizer: RTPPacketizer
  /// The number of the next frame, once the stream has begun.
  private var position: Int?
  private let earliest: Int
  /// Frames that the stream stays behind the feed.
  private var lag = 0
  /// The frame that is being sent, packet by packet.
  private var bytes = ByteBuffer()
  private var packets: [Range<Int>] = []
  private var nextPacket = 0

  private(set) var packetsSent = 0
  private(set) var bytesSent = 0

  init(feed: MediaFeed, output: MediaOutput, start: MediaSettings.Start, plan: MediaLeg.Plan) {
    (self.feed, self.output, self.start) = (feed, output, start)
    (begun, faults) = (plan.begun, plan.faults)
    packetizer = RTPPacketizer(ssrc: plan.ssrc, sequenceNumber: plan.sequence)
    earliest = (feed.newest ?? 0) + 1
  }

  /// Sends what is due, at most `limit` packets.
  ///
  /// - Returns: how many were sent.
  func advance(limit: Int) -> Int {
    guard output.channel.isActive, output.channel.isWritable else { return 0 }
    var sent = sendLate()
    while sent < limit {
      if nextPacket == packets.count, !loadNextFrame() { break }
      let range = packets[nextPacket]
      nextPacket += 1
      sent += 1
      packetsSent += 1
      bytesSent += range.count
      guard let slice = bytes.getSlice(at: range.lowerBound, length: range.count) else { continue }
      if faults == nil { write(slice) } else { disturb(slice) }
    }
    if sent > 0 { output.channel.flush() }
    return sent
  }

  private func write(_ packet: ByteBuffer) {
    switch output {
    case .datagrams(let channel, let address):
      channel.write(AddressedEnvelope(remoteAddress: address, data: packet), promise: nil)
    case .connection(let channel):
      channel.write(packet, promise: nil)
    }
  }

  /// Sends a packet as often and as late as chance wants it.
  private func disturb(_ packet: ByteBuffer) {
    let now = NIODeadline.now()
    guard let fate = faults?.fate(at: .nanoseconds((now - begun).nanoseconds)) else { return write(packet) }
    let copies = repeatElement(packet, count: fate.copies)
    if fate.isOvertaken {
      overtaken += copies
      return
    }
    for packet in copies {
      guard fate.delay > .zero else {
        write(packet)
        continue
      }
      let due = now + TimeAmount(fate.delay)
      late.insert((due, packet), at: late.firstIndex { $0.due > due } ?? late.count)
    }
    guard fate.copies > 0 else { return }
    for packet in overtaken { write(packet) }
    overtaken = []
  }

  private func sendLate() -> Int {
    guard !late.isEmpty else { return 0 }
    let now = NIODeadline.now()
    let due = late.prefix { $0.due <= now }
    for entry in due { write(entry.packet) }
    late.removeFirst(due.count)
    return due.count
  }

  /// Cuts the next frame into packets; false when none is due.
  private func loadNextFrame() -> Bool {
    guard let frame = nextFrame() else { return false }
    position = frame.number + 1
    var cut: [UInt8] = []
    cut.reserveCapacity(frame.video.count + frame.audio.count + frame.video.count / 64 + 64)
    packets.removeAll(keepingCapacity: true)
    nextPacket = 0
    let framing: RTPPacketizer.Framing
    switch output {
    case .datagrams: framing = .datagram
    case .connection: framing = .rfc4571
    }
    let (video, audio) = (frame.video, frame.audio)
    packetizer.append(video.span, timestamp: frame.timestamp, framing: framing, to: &cut, packets: &packets)
    if !audio.isEmpty {
      packetizer.append(
        audio.span, timestamp: frame.audioTimestamp, framing: framing, to: &cut, packets: &packets)
    }
    bytes = ByteBuffer(bytes: cut)
    return true
  }

  private func nextFrame() -> PackedFrame? {
    if let position {
      // Behind by design, not by more: a stream that lags keeps its distance.
      guard let newest = feed.newest, position <= newest - lag else { return nil }
      return feed.frame(from: position)
    }
    switch start {
    case .atNextKeyFrame:
      return feed.keyFrame(from: earliest)
    case .atLastKeyFrame, .withCachedGroup:
      guard let newest = feed.newest, let key = feed.newestKeyFrame else { return nil }
      if start == .atLastKeyFrame { lag = newest - key }
      return feed.frame(from: key)
    }
  }
}
