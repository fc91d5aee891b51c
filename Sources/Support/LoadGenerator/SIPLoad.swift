import CLoad

/// SIP devices by the thousand: registrations with digest, or keepalives of registered devices.
public enum SIPLoad {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// REGISTER, 401, REGISTER with credentials, 200.
    case register
    /// Keepalive MESSAGE, 200. The devices register first, outside the measure.
    case keepalive
  }

  public struct Options: Sendable, Hashable, Codable {
    public var host = "127.0.0.1"
    public var port: UInt16
    /// The platform's 20-digit code and its SIP domain (the digest realm comes from the challenge).
    public var platformID: String
    public var domain: String
    public var password: String
    /// 20 digits; device i is this number plus i.
    public var firstDevice: String
    public var devices: Int
    public var kind: Kind = .register
    /// The peer is ``Floor/echo(_:ready:)``: the same bytes go out, any answer will do.
    public var againstEcho = false
    /// Transactions begun per second; 0 is as many as `outstanding` allows.
    public var perSecond = 0
    public var outstanding = 64
    /// To complete, devices in turn; 0 is each device once.
    public var transactions = 0
    /// Gives up after so many seconds.
    public var seconds: Double = 60

    public init(
      port: UInt16, platformID: String, domain: String, password: String, firstDevice: String, devices: Int
    ) {
      (self.port, self.platformID, self.domain, self.password) = (port, platformID, domain, password)
      (self.firstDevice, self.devices) = (firstDevice, devices)
    }
  }

  public struct Result: Sendable, Hashable, Codable {
    public var completed: Int
    /// Refused with a final answer; ``badStatus`` is the first such.
    public var failed: Int
    public var timedOut: Int
    public var retransmissions: Int
    public var datagramsOut: Int
    public var datagramsIn: Int
    public var badStatus: Int
    /// From the first request to the last answer.
    public var latency: Quantiles
    public var seconds: Double
    public var cpuSeconds: Double

    public var perSecond: Double { seconds > 0 ? Double(completed) / seconds : 0 }
  }

  /// Runs the load. Blocks; meant for a process of its own. Announces the begin of the measured part.
  public static func run(
    _ options: Options, ready: Int32 = ReadyDescriptor.none
  ) throws(LoadError) -> Result {
    var error = load_error()
    var result = load_sip_result()
    let status = options.host.withCString { host in
      options.platformID.withCString { platform in
        options.domain.withCString { domain in
          options.password.withCString { password in
            options.firstDevice.withCString { device in
              var native = load_sip_options()
              (native.host, native.platform_id, native.domain) = (host, platform, domain)
              (native.password, native.first_device) = (password, device)
              native.port = options.port
              native.devices = UInt32(clamping: options.devices)
              native.kind = options.kind == .register ? LOAD_REGISTER : LOAD_KEEPALIVE
              native.echo = options.againstEcho ? 1 : 0
              native.per_second = UInt32(clamping: options.perSecond)
              native.outstanding = UInt32(clamping: options.outstanding)
              native.transactions = UInt64(clamping: options.transactions)
              native.seconds = options.seconds
              native.ready_fd = ready
              return load_sip(&native, &result, &error)
            }
          }
        }
      }
    }
    guard status == 0 else { throw LoadError(error) }
    return Result(
      completed: Int(result.completed), failed: Int(result.failed), timedOut: Int(result.timed_out),
      retransmissions: Int(result.retransmissions), datagramsOut: Int(result.datagrams_out),
      datagramsIn: Int(result.datagrams_in), badStatus: Int(result.bad_status),
      latency: Quantiles(result.latency_us), seconds: result.seconds, cpuSeconds: result.cpu_seconds)
  }
}
