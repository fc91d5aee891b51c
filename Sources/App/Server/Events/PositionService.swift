import Alarms
import GBCore
import Logging
import MediaTime
import Registry
import Synchronization

/// The latest position of every mobile camera, and where cameras look. Nothing older is kept.
final class PositionService: Sendable {
  /// Where a camera looks, and when it said so.
  struct View: Sendable {
    var position: PTZPosition
    var received: WallTime
  }

  private struct State {
    var positions: [ChannelKey: LatestPosition] = [:]
    /// Positions that are not on disk yet.
    var waiting: Set<ChannelKey> = []
    var views: [ChannelKey: View] = [:]
    var reports: UInt64 = 0
  }

  private let store: any PositionStore
  private let directory: DeviceDirectory
  private let logger: Logger
  private let state = Mutex(State())
  private let follower = Mutex<(@Sendable (SuperiorService.Happening) -> Void)?>(nil)

  init(store: any PositionStore, directory: DeviceDirectory, logger: Logger) {
    (self.store, self.directory, self.logger) = (store, directory, logger)
  }

  func load() async throws {
    let known = try await store.positions()
    state.withLock { state in
      state.positions = Dictionary(known.map { ($0.channel, $0) }) { $1 }
    }
  }

  /// Tells every position that is the latest, and where cameras look.
  func follow(_ body: @escaping @Sendable (SuperiorService.Happening) -> Void) {
    follower.withLock { $0 = body }
  }

  var latest: [LatestPosition] { state.withLock { Array($0.positions.values) } }
  var views: [ChannelKey: View] { state.withLock { $0.views } }
  func position(of channel: ChannelKey) -> LatestPosition? { state.withLock { $0.positions[channel] } }
  func view(of channel: ChannelKey) -> View? { state.withLock { $0.views[channel] } }
  /// Reports taken since the start.
  var reports: UInt64 { state.withLock { $0.reports } }

  func receive(_ notice: PositionNotice, from device: DeviceID) {
    let now = SystemClock.wall()
    let channels = directory.read { directory in
      directory.channels(of: device).filter { directory.isPlayable($0) }.map(\.key)
    }
    let found = notice.attributed(to: device, channels: channels)
    let news = state.withLock { state in
      state.reports += UInt64(notice.reports.count)
      return found.compactMap { key, report -> LatestPosition? in
        let latest = LatestPosition(channel: key, report: report, received: now)
        if let known = state.positions[key], !known.isOlder(than: latest) { return nil }
        state.positions[key] = latest
        state.waiting.insert(key)
        return latest
      }
    }
    guard let tell = follower.withLock({ $0 }) else { return }
    for latest in news { tell(.position(latest)) }
  }

  func receive(_ view: PTZPosition, of camera: ChannelKey) {
    guard directory.channel(camera) != nil else { return }
    state.withLock { $0.views[camera] = View(position: view, received: SystemClock.wall()) }
    follower.withLock { $0 }?(.view(camera, view))
  }

  /// Brings positions to the disk. Call now and then, and at the end.
  func flush() async {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting.compactMap { state.positions[$0] }
    }
    guard !waiting.isEmpty else { return }
    do { try await store.write(waiting) } catch {
      logger.error("positions could not be written", metadata: ["error": "\(error)"])
      state.withLock { $0.waiting.formUnion(waiting.map(\.channel)) }
    }
  }
}
