import CLoad

/// Viewers that take live streams over chunked HTTP or WebSocket and throw them away.
public enum StreamReaders {
  public struct Options: Sendable, Hashable, Codable {
    public var host = "127.0.0.1"
    public var port: UInt16
    /// Viewer i asks for path i modulo their number.
    public var paths: [String]
    /// Further request header lines without line ends, for example `Authorization: Bearer …`.
    public var headers: [String] = []
    public var overWebSocket = false
    public var viewers: Int
    /// The first so many are read as fragmented MP4, the others only counted.
    public var parsed = 1
    public var connectsPerSecond = 500
    /// Seconds before bytes count as rate.
    public var warmUp: Double = 2
    /// Seconds after that.
    public var seconds: Double
    /// Notes when the first viewer has got each fragment, after the warm-up.
    public var notesFragments = false
    /// Ends as soon as every parsed viewer has a whole first fragment.
    public var untilFirstPicture = false

    public init(port: UInt16, paths: [String], viewers: Int, seconds: Double) {
      (self.port, self.paths, self.viewers, self.seconds) = (port, paths, viewers, seconds)
    }
  }

  public struct Result: Sendable, Hashable, Codable {
    public var bytes: Int
    /// Bytes after the warm-up, in ``seconds``.
    public var steadyBytes: Int
    public var textMessages: Int
    /// Of the parsed viewers: fragments, samples in them, boxes that make no sense, jumps of the sequence number.
    public var fragments: Int
    public var samples: Int
    public var brokenBoxes: Int
    public var sequenceGaps: Int
    public var connected: Int
    public var answered: Int
    /// Viewers that got media.
    public var streaming: Int
    public var closed: Int
    /// The first HTTP status that was a refusal; 0 when none was.
    public var badStatus: Int
    /// From the begin of the connection to the first byte of media, over all viewers.
    public var firstByte: Quantiles
    /// From the begin of the connection to the end of the first fragment with a picture, over the parsed viewers.
    public var firstFragment: Quantiles
    /// ``loadClock()`` when the first of the parsed viewers had its first fragment; 0 when none had.
    public var firstFragmentAt: Int64
    public var seconds: Double
    public var cpuSeconds: Double
    /// What the first viewer got; empty unless asked for.
    public var arrivals: [Arrival] = []
  }

  /// A whole fragment at a viewer.
  public struct Arrival: Sendable, Hashable, Codable {
    /// Ticks of 90 kHz.
    public var decode: UInt64
    /// ``loadClock()``.
    public var at: Int64

    public init(decode: UInt64, at: Int64) { (self.decode, self.at) = (decode, at) }
  }

  /// Reads until the time is over. Blocks; meant for a process of its own. Announces itself when all are answered.
  public static func run(
    _ options: Options, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> Result {
    guard !options.headers.contains(where: { $0.utf8.contains(10) || $0.utf8.contains(13) }) else {
      throw LoadError("a request header must be one line")
    }
    let headers = options.headers.map { $0 + "\r\n" }.joined()
    var error = load_error()
    var result = load_read_result()
    let paths = options.paths.map { $0.utf8CString }
    // One block of all paths, so that their addresses stay put during the call.
    let block = paths.flatMap { Array($0) }
    let noted = UnsafeMutableBufferPointer<load_arrival>.allocate(
      capacity: options.notesFragments ? Int(options.seconds + 2) * 200 : 0)
    defer { noted.deallocate() }
    let status = block.withUnsafeBufferPointer { bytes in
      var offset = 0
      var addresses: [UnsafePointer<CChar>?] = []
      for path in paths {
        addresses.append(bytes.baseAddress.map { $0 + offset })
        offset += path.count
      }
      return addresses.withUnsafeBufferPointer { addresses in
        options.host.withCString { host in
          headers.withCString { headers in
            var native = Self.native(options, host: host, headers: headers, ready: ready)
            native.paths = addresses.baseAddress
            native.arrivals = noted.baseAddress
            native.arrival_capacity = UInt32(clamping: noted.count)
            return load_read(&native, &result, &error)
          }
        }
      }
    }
    guard status == 0 else { throw LoadError(error) }
    var outcome = Result(result)
    outcome.arrivals = noted.prefix(Int(result.arrivals)).map { Arrival(decode: $0.decode, at: $0.at) }
    return outcome
  }

  private static func native(
    _ options: Options, host: UnsafePointer<CChar>, headers: UnsafePointer<CChar>, ready: Int32
  ) -> load_read_options {
    var native = load_read_options()
    native.host = host
    native.port = options.port
    native.path_count = UInt32(options.paths.count)
    native.headers = headers
    native.viewers = UInt32(clamping: options.viewers)
    native.parsed = UInt32(clamping: options.parsed)
    native.websocket = options.overWebSocket ? 1 : 0
    native.connects_per_second = UInt32(clamping: options.connectsPerSecond)
    native.warm_seconds = options.warmUp
    native.seconds = options.seconds
    native.first_picture_only = options.untilFirstPicture ? 1 : 0
    native.ready_fd = ready
    return native
  }
}

extension StreamReaders.Result {
  fileprivate init(_ native: load_read_result) {
    self.init(
      bytes: Int(native.bytes), steadyBytes: Int(native.steady_bytes),
      textMessages: Int(native.text_messages),
      fragments: Int(native.fragments), samples: Int(native.samples), brokenBoxes: Int(native.broken_boxes),
      sequenceGaps: Int(native.sequence_gaps), connected: Int(native.connected),
      answered: Int(native.answered),
      streaming: Int(native.streaming), closed: Int(native.closed), badStatus: Int(native.bad_status),
      firstByte: Quantiles(native.first_byte_us), firstFragment: Quantiles(native.first_fragment_us),
      firstFragmentAt: native.first_fragment_ns, seconds: native.seconds, cpuSeconds: native.cpu_seconds)
  }
}
