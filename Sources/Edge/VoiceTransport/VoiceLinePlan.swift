public import GBCore

/// Where the sockets of voices are opened.
public struct VoicePorts: Sendable, Hashable {
  /// Numeric address to bind; of another family than the peer's it means any.
  public var host: String
  /// Nil takes any free port.
  public var range: ClosedRange<UInt16>?

  public init(host: String = "0.0.0.0", range: ClosedRange<UInt16>? = nil) {
    (self.host, self.range) = (host, range)
  }

  /// The address to bind for a peer.
  func address(towards peer: String) -> String {
    let wantsIPv6 = peer.contains(":")
    guard host.contains(":") != wantsIPv6 else { return host }
    return wantsIPv6 ? "::" : "0.0.0.0"
  }

  /// Ports in the order in which they are tried.
  func candidates() -> [Int] {
    guard let range else { return [0] }
    let all = range.map(Int.init)
    // Each session begins at another place: a port that was just closed may still be sent to.
    let start = Int.random(in: 0..<all.count)
    return Array(all[start...] + all[..<start])
  }
}

/// What a voice line needs to know of its session.
public struct VoiceLinePlan: Sendable, Hashable {
  public var path: VoiceOffer.Path
  public var format: VoiceFormat
  public var ssrc: UInt32
  /// Where its packets go, or its connection.
  public var host: String
  public var port: Int
  /// The address that the device signals from: others may neither connect nor be heard.
  public var trusted: String

  public init(
    path: VoiceOffer.Path, format: VoiceFormat, ssrc: UInt32, host: String, port: Int, trusted: String
  ) {
    (self.path, self.format, self.ssrc) = (path, format, ssrc)
    (self.host, self.port, self.trusted) = (host, port, trusted)
  }
}

/// What a voice line has done.
public struct VoiceFigures: Sendable, Hashable {
  /// RTP packets that went out, and those of them that were silence.
  public var packets: UInt64 = 0
  public var silent: UInt64 = 0
  /// Packets that did not go out because the connection took no more.
  public var delayed: UInt64 = 0
  /// Samples that were lost because more came than real time.
  public var dropped: UInt64 = 0
  /// RTP packets that came back.
  public var received: UInt64 = 0

  public init() {}

  public static func += (left: inout VoiceFigures, right: VoiceFigures) {
    left.packets += right.packets
    left.silent += right.silent
    left.delayed += right.delayed
    left.dropped += right.dropped
    left.received += right.received
  }
}

/// No socket could be opened.
public struct VoiceLineError: Error, Sendable, CustomStringConvertible {
  public let description: String
}
