import CLoad

/// Many paced GB/T 28181 streams, as cameras send them: RTP with payload type 96 over UDP or TCP (RFC 4571).
public enum LoadGenerator {
  public struct Target: Sendable, Hashable, Codable {
    public var port: UInt16
    public var ssrc: UInt32

    public init(port: UInt16, ssrc: UInt32) { (self.port, self.ssrc) = (port, ssrc) }
  }

  public struct Options: Sendable, Hashable, Codable {
    public var clip: LoadClip
    public var host = "127.0.0.1"
    /// One entry per stream.
    public var targets: [Target]
    public var overTCP = false
    /// Frames per second.
    public var frameRate = 25
    /// RTP payload bytes per packet.
    public var payload = 1_400
    /// Packets per stream and step.
    public var burst = 8
    /// Milliseconds from one look at the streams to the next.
    public var step = 1
    /// UDP: one message per stream and step, which the kernel cuts into packets.
    public var offload = false
    public var seconds: Double
    /// Every stream begins at once instead of spread over a group of pictures.
    public var together = false
    /// Notes when each frame of the first stream was sent.
    public var notesFrames = false

    public init(clip: LoadClip, targets: [Target], seconds: Double) {
      (self.clip, self.targets, self.seconds) = (clip, targets, seconds)
    }
  }

  public struct Result: Sendable, Hashable, Codable {
    public var streams: Int
    public var packets: Int
    public var bytes: Int
    public var frames: Int
    /// TCP: frames left out because the peer did not take them.
    public var droppedFrames: Int
    /// Times the kernel took less than it was given.
    public var refused: Int
    public var errors: Int
    public var lostConnections: Int
    /// Share of the one-millisecond steps that began 5 and 20 ms late, and the latest, in ms: a sender that
    /// cannot keep its pace measures nothing.
    public var lateBy5: Double
    public var lateBy20: Double
    public var latest: Double
    /// ``loadClock()`` at the first packet.
    public var firstPacketAt: Int64
    public var seconds: Double
    public var cpuSeconds: Double
    /// ``loadClock()`` after the last packet of each frame of the first stream; empty unless asked for.
    public var sentAt: [Int64] = []

    public var megabitsPerSecond: Double { seconds > 0 ? Double(bytes) * 8 / 1e6 / seconds : 0 }
  }

  /// Sends until the time is over. Blocks; meant for a process of its own.
  public static func sendStreams(
    _ options: Options, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> Result {
    let clip = try OpenClip(options.clip)
    var error = load_error()
    var result = load_send_result()
    let ports = options.targets.map(\.port)
    let ssrcs = options.targets.map(\.ssrc)
    let frames = options.notesFrames ? Int(options.seconds + 2) * options.frameRate : 0
    var sent = [Int64](repeating: 0, count: frames)
    let status = sent.withUnsafeMutableBufferPointer { sent in
      sendStreams(options, clip, ports, ssrcs, sent, ready, &result, &error)
    }
    guard status == 0 else { throw LoadError(error) }
    var outcome = Result(result, streams: options.targets.count)
    outcome.sentAt = Array(sent.prefix { $0 > 0 })
    return outcome
  }

  private static func sendStreams(
    _ options: Options, _ clip: OpenClip, _ ports: [UInt16], _ ssrcs: [UInt32],
    _ sent: UnsafeMutableBufferPointer<Int64>, _ ready: Int32, _ result: inout load_send_result,
    _ error: inout load_error
  ) -> Int32 {
    options.host.withCString { host in
      ports.withUnsafeBufferPointer { ports in
        ssrcs.withUnsafeBufferPointer { ssrcs in
          var native = load_send_options()
          native.host = host
          native.ports = ports.baseAddress
          native.ssrcs = ssrcs.baseAddress
          native.streams = UInt32(ports.count)
          native.tcp = options.overTCP ? 1 : 0
          native.frame_rate = UInt32(clamping: options.frameRate)
          native.payload = UInt32(clamping: options.payload)
          native.burst = UInt32(clamping: options.burst)
          native.step_ms = UInt32(clamping: options.step)
          native.offload = options.offload ? 1 : 0
          native.seconds = options.seconds
          native.together = options.together ? 1 : 0
          native.ready_fd = ready
          native.sent = sent.baseAddress
          native.sent_capacity = UInt32(clamping: sent.count)
          return load_send(clip.pointer, &native, &result, &error)
        }
      }
    }
  }
}

extension LoadGenerator.Result {
  fileprivate init(_ native: load_send_result, streams: Int) {
    let ticks = Double(max(native.ticks, 1))
    self.init(
      streams: streams, packets: Int(native.packets), bytes: Int(native.bytes), frames: Int(native.frames),
      droppedFrames: Int(native.dropped_frames), refused: Int(native.refused), errors: Int(native.errors),
      lostConnections: Int(native.lost_connections), lateBy5: Double(native.late_5ms) / ticks,
      lateBy20: Double(native.late_20ms) / ticks, latest: Double(native.latest_us) / 1_000,
      firstPacketAt: native.first_packet_ns, seconds: native.seconds, cpuSeconds: native.cpu_seconds)
  }
}
