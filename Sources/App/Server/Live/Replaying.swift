import HTTPAPI
import MPEGCore
import MediaTime
import MediaTransport
import Registry

/// Where a replay is.
struct ReplayPosition: Sendable, Hashable {
  /// The wall-clock time of what is shown, nil before the first picture.
  var wall: WallTime?
  var rate: Double
  var isPaused: Bool
}

/// A replay in a session, of our own recordings or of a device's.
protocol Replaying: AnyObject, Sendable {
  var channel: ChannelKey { get }
  /// What viewers hang on.
  var stream: StreamID { get }
  /// The tracks as far as they are known.
  var formats: [TrackFormat] { get }
  /// Whether the end of the interval was reached and nobody moved back since.
  var isOver: Bool { get }
  var position: ReplayPosition { get }
  /// Begins, the first time it is called.
  func start()
  /// The tracks, for viewers that may need another codec; empty when they did not become known in time.
  func readyFormats(within limit: Duration) async -> [TrackFormat]
  /// Sends everything through a transcoder from now on.
  func route(into bridge: TranscodeBridge)
  func apply(_ control: API.PlaybackControl) async throws
  func close()
}
