/// A city of devices on simulated time: heartbeats that jitter and get lost one by one, addresses that change,
/// devices that restart or fall silent, and a server that restarts.
///
/// The truth is known here, so two things are checked of every device: it is never called offline while it lives,
/// and it is called offline when it has been silent for as long as its rule says.
public struct PresenceSoak {
  public var devices: Int
  public var hours: Int
  public var seed: UInt64
  /// Seconds between heartbeats, and of a registration.
  public var interval = 60
  public var expires = 3_600
  /// Seconds between heartbeats that the server's rule believes in; nil is the devices' own interval.
  public var allowedInterval: Int?
  /// Simulated seconds between two restarts of the server, and how long each takes.
  public var serverRestartEvery = 6 * 3_600
  public var serverRestartTakes = 20

  public init(devices: Int, hours: Int, seed: UInt64) {
    (self.devices, self.hours, self.seed) = (devices, hours, seed)
  }

  /// What a run came to.
  public struct Outcome: Sendable {
    public var simulatedHours = 0
    public var heartbeats = 0
    /// Heartbeats that got lost on the way, never two of a device in a row.
    public var lostHeartbeats = 0
    public var registrations = 0
    /// Devices that changed their port without registering.
    public var rebindings = 0
    /// Devices that were away for less than their rule allows.
    public var deviceRestarts = 0
    public var serverRestarts = 0
    /// Devices that fell silent for longer than their rule allows, and how many of them were called offline for it.
    public var outages = 0
    public var detectedOutages = 0
    /// Devices that were doubted for a missing heartbeat.
    public var doubts = 0
    /// What should not have happened, at most a hundred sentences.
    public var violations: [String] = []
  }

  /// - Parameter progress: told after every simulated hour; returns false to stop early.
  public func run(_ progress: (Outcome) -> Bool = { _ in true }) -> Outcome {
    var city = PresenceCity(self)
    for hour in 1...max(hours, 1) {
      for _ in 0..<3_600 { city.second() }
      city.outcome.simulatedHours = hour
      guard progress(city.outcome) else { break }
    }
    return city.outcome
  }
}
