import CLoad

/// The least that the work itself costs on this machine, measured in the same run as the product.
///
/// Each function blocks until its time is over and is meant for a process of its own.
public enum Floor {
  public enum Work: String, Sendable, Hashable, Codable {
    /// Receive and forget.
    case discard
    /// Put frames together and keep the last group of pictures.
    case demultiplex
    /// The same, and write frames in blocks of one mebibyte past the page cache.
    case write
  }

  public struct ReceiveOptions: Sendable, Hashable, Codable {
    public var streams: Int
    /// First port; 0 lets the system choose when `onePort`.
    public var port: UInt16 = 0
    public var onePort = true
    public var overTCP = false
    /// Milliseconds between looks at the sockets; 0 wakes for every arrival.
    public var poll = 5
    public var work: Work
    /// For ``Work/write``.
    public var directory: String?
    public var seconds: Double

    public init(streams: Int, work: Work, seconds: Double) {
      (self.streams, self.work, self.seconds) = (streams, work, seconds)
    }
  }

  public struct ReceiveResult: Sendable, Hashable, Codable {
    public var packets: Int
    public var bytes: Int
    public var lost: Int
    /// System calls that read, and times the process woke.
    public var calls: Int
    public var wakeups: Int
    public var frames: Int
    public var keyFrames: Int
    public var badFrames: Int
    public var written: Int
    /// Whether the disk allowed writing past the page cache.
    public var direct: Bool
    public var seconds: Double
    public var cpuSeconds: Double
    /// Resident bytes at the end.
    public var memory: Int
  }

  /// Receives RTP/PS streams on loopback. Announces its (first) port.
  public static func receive(
    _ options: ReceiveOptions, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> ReceiveResult {
    var error = load_error()
    var result = load_receive_result()
    let status = (options.directory ?? "").withCString { directory in
      var native = load_receive_options()
      native.port = options.port
      native.streams = UInt32(clamping: options.streams)
      native.one_port = options.onePort ? 1 : 0
      native.tcp = options.overTCP ? 1 : 0
      native.poll_ms = UInt32(clamping: options.poll)
      switch options.work {
      case .discard: native.work = LOAD_DISCARD
      case .demultiplex: native.work = LOAD_DEMULTIPLEX
      case .write: native.work = LOAD_WRITE
      }
      native.directory = options.directory == nil ? nil : directory
      native.seconds = options.seconds
      native.ready_fd = ready
      return load_receive(&native, &result, &error)
    }
    guard status == 0 else { throw LoadError(error) }
    return ReceiveResult(
      packets: Int(result.packets), bytes: Int(result.bytes), lost: Int(result.lost),
      calls: Int(result.calls),
      wakeups: Int(result.wakeups), frames: Int(result.frames), keyFrames: Int(result.key_frames),
      badFrames: Int(result.bad_frames), written: Int(result.written), direct: result.direct != 0,
      seconds: result.seconds, cpuSeconds: result.cpu_seconds, memory: Int(result.memory))
  }

  public struct FanOutOptions: Sendable, Hashable, Codable {
    public var clip: LoadClip
    public var viewers: Int
    /// Frames per write.
    public var merge = 1
    public var frameRate = 25
    /// 0 lets the system choose.
    public var port: UInt16 = 0
    public var seconds: Double

    public init(clip: LoadClip, viewers: Int, seconds: Double) {
      (self.clip, self.viewers, self.seconds) = (clip, viewers, seconds)
    }
  }

  public struct FanOutResult: Sendable, Hashable, Codable {
    public var bytes: Int
    public var calls: Int
    public var shortWrites: Int
    public var lateFrames: Int
    public var viewersLeft: Int
    public var seconds: Double
    public var cpuSeconds: Double

    /// Microseconds of processor time per delivered megabit.
    public var microsecondsPerMegabit: Double { bytes > 0 ? cpuSeconds * 1e6 / (Double(bytes) * 8 / 1e6) : 0 }
  }

  /// Serves one stream over HTTP to viewers (``StreamReaders``) from one buffer. Announces its port.
  public static func fanOut(
    _ options: FanOutOptions, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> FanOutResult {
    let clip = try OpenClip(options.clip)
    var error = load_error()
    var result = load_fanout_result()
    var native = load_fanout_options()
    native.port = options.port
    native.viewers = UInt32(clamping: options.viewers)
    native.merge = UInt32(clamping: options.merge)
    native.frame_rate = UInt32(clamping: options.frameRate)
    native.seconds = options.seconds
    native.ready_fd = ready
    guard load_fanout(clip.pointer, &native, &result, &error) == 0 else { throw LoadError(error) }
    return FanOutResult(
      bytes: Int(result.bytes), calls: Int(result.calls), shortWrites: Int(result.short_writes),
      lateFrames: Int(result.late_frames), viewersLeft: Int(result.viewers_left), seconds: result.seconds,
      cpuSeconds: result.cpu_seconds)
  }

  /// The least that sending those streams over UDP can cost: one message per frame, which the kernel cuts, and a look
  /// at the streams every 5 ms.
  public static func sending(_ options: LoadGenerator.Options) -> LoadGenerator.Options {
    var options = options
    (options.overTCP, options.offload, options.step) = (false, true, 5)
    options.burst = 65_507 / (options.payload + 12)
    return options
  }

  public struct EchoOptions: Sendable, Hashable, Codable {
    /// 0 lets the system choose.
    public var port: UInt16 = 0
    public var seconds: Double

    public init(seconds: Double) { self.seconds = seconds }
  }

  public struct EchoResult: Sendable, Hashable, Codable {
    public var datagrams: Int
    public var bytes: Int
    public var seconds: Double
    public var cpuSeconds: Double

    /// Microseconds of processor time per datagram; a registration with digest has two.
    public var microsecondsPerDatagram: Double { datagrams > 0 ? cpuSeconds * 1e6 / Double(datagrams) : 0 }
  }

  /// Gives every datagram back: the floor of a SIP registrar. Announces its port.
  public static func echo(
    _ options: EchoOptions, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> EchoResult {
    var error = load_error()
    var result = load_echo_result()
    guard load_echo(options.port, options.seconds, ready, &result, &error) == 0 else {
      throw LoadError(error)
    }
    return EchoResult(
      datagrams: Int(result.datagrams), bytes: Int(result.bytes), seconds: result.seconds,
      cpuSeconds: result.cpu_seconds)
  }
}
