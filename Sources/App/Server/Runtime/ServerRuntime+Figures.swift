import MediaTime
import Recording
import Registry

extension ServerRuntime {
  /// The longest unbroken recording of any camera that is being recorded, of the last hour.
  public func longestRecording() async -> Duration {
    var longest: Duration = .zero
    let now = SystemClock.wall()
    for key in await services.recording.states.keys {
      let range = WallInterval(now - .seconds(3_600), now)
      guard let timeline = try? await services.recording.timeline(key, range) else { continue }
      longest = max(longest, timeline.recorded.intervals.map(\.duration).max() ?? .zero)
    }
    return longest
  }
}

extension ServerRuntime {
  /// Catalogs that were complete since the start, channels known, and items that could not be read.
  public var catalogFigures: (complete: Int, channels: Int, brokenItems: Int) {
    let counters = services.signalling.counters
    return (
      Int(clamping: counters.catalogsComplete), services.directory.read { $0.channelCount },
      Int(clamping: counters.catalogItemsBroken)
    )
  }
}
