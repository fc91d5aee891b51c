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
  private let loss: Double
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

  /// - Parameter loss: share of packets that are not sent, 0…1.
  init(
    feed: MediaFeed, output: MediaOutput, ssrc: UInt32, start: MediaSettings.Start, loss: Double
  ) {
    (self.feed, self.output, self.start, self.loss) = (feed, output, start, loss)
    packetizer = RTPPacketizer(ssrc: ssrc, sequenceNumber: .random(in: 0...UInt16.max))
    earliest = (feed.newest ?? 0) + 1
  }

  /// Sends what is due, at most `limit` packets.
  ///
  /// - Returns: how many were sent.
  func advance(limit: Int) -> Int {
    guard output.channel.isActive, output.channel.isWritable else { return 0 }
    var sent = 0
    while sent < limit {
      if nextPacket == packets.count, !loadNextFrame() { break }
      let range = packets[nextPacket]
      nextPacket += 1
      sent += 1
      packetsSent += 1
      bytesSent += range.count
      guard loss == 0 || Double.random(in: 0..<1) >= loss,
        let slice = bytes.getSlice(at: range.lowerBound, length: range.count)
      else { continue }
      switch output {
      case .datagrams(let channel, let address):
        channel.write(AddressedEnvelope(remoteAddress: address, data: slice), promise: nil)
      case .connection(let channel):
        channel.write(slice, promise: nil)
      }
    }
    if sent > 0 { output.channel.flush() }
    return sent
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
