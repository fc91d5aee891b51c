import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import MediaTransport
import Recording
import Registry
import SegmentStore
import Streaming
import Synchronization

/// Recordings on board of devices: what there is, replays of it, downloads.
actor HistoryService {
  /// The longest replay and the longest download.
  static let longestReplay: Duration = .seconds(31 * 86_400)
  static let longestDownload: Duration = .seconds(24 * 3_600)
  /// Bytes of all downloads together; the oldest finished ones go first.
  static let space: Int64 = 20 << 30
  /// Bytes that stay free on the disk whatever is asked for.
  static let reserve: Int64 = 1 << 30
  /// How long a finished download is kept.
  static let keep: Duration = .seconds(24 * 3_600)
  /// Downloads of one person that wait or run.
  static let perPerson = 8

  nonisolated let lists: RecordLists
  nonisolated let lines: HistoryLines
  nonisolated let turns: HistoryTurns
  nonisolated let traits: DeviceTraits
  private let plane: MediaPlane
  private let directory: DeviceDirectory
  private let digests: ExportDigests
  private let folder: String
  private let figures: any Disk
  private let logger: Logger
  private var replays: [ObjectIdentifier: DeviceReplay] = [:]
  private var jobs: [DownloadJob] = []

  /// - Parameter folder: where downloads lie; what an earlier run left there is removed.
  init(
    signalling: Signalling, calls: any HistoryCalling, plane: MediaPlane, directory: DeviceDirectory,
    digests: ExportDigests, folder: String, figures: any Disk = SystemDisk(), links: LinkDesk, logger: Logger
  ) {
    (self.plane, self.directory, self.digests) = (plane, directory, digests)
    (self.folder, self.figures, self.logger) = (folder, figures, logger)
    lists = RecordLists(signalling: signalling, directory: directory, logger: logger)
    lines = HistoryLines(
      plane: plane, calls: calls, directory: directory, links: links, domain: signalling.platform.text)
    turns = HistoryTurns { directory.device($0)?.settings.historySessions }
    traits = DeviceTraits { directory.edition(of: $0) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: Replays

  /// Prepares a replay. It takes its turn when its first viewer is there.
  func replay(
    _ channel: ChannelKey, _ range: WallInterval, user: LinkUser, label: String,
    onChange: @escaping @Sendable (DeviceReplay.Phase) -> Void
  ) async throws -> DeviceReplay {
    guard range.duration <= Self.longestReplay else {
      throw Problem.invalid("A replay covers at most 31 days.")
    }
    let recorded = try await recorded(channel, range)
    let ladder = ladder(channel)
    let replay = DeviceReplay(
      channel, range, recorded: recorded, user: user, lines: lines, turns: turns, traits: traits,
      plane: plane, ladder: ladder, label: "device replay \(label)", logger: logger, onChange: onChange)
    replays[ObjectIdentifier(replay)] = replay
    return replay
  }

  /// What the device says it has; empty when it does not say.
  private func recorded(_ channel: ChannelKey, _ range: WallInterval) async throws -> IntervalSet {
    guard directory.reachable(channel.device) != nil else {
      throw Problem.deviceOffline(channel.device)
    }
    let list = await lists.list(channel, range)
    guard list.failure != nil || !list.isComplete || !list.items.isEmpty else {
      throw Problem.notFound("The device has no recording of that time.")
    }
    return IntervalSet(
      list.items.map { WallInterval($0.start, $0.end).clamped(to: range) }, joining: .seconds(2))
  }

  nonisolated func ladder(_ channel: ChannelKey) -> TransportLadder {
    TransportLadder(
      remembered: directory.device(channel.device)?.settings.rememberedMediaTransport,
      allowed: directory.habits(of: channel.device).mediaTransports ?? [])
  }

  // MARK: Downloads

  var downloads: [DownloadJob] { jobs }

  func download(_ id: String) -> DownloadJob? { jobs.first { $0.id == id } }

  /// Begins to fetch an interval into a file.
  func fetch(
    _ channel: ChannelKey, _ range: WallInterval, speed: Int, user: LinkUser,
    onOver: @escaping @Sendable () async -> Void
  ) async throws -> DownloadJob {
    guard range.duration <= Self.longestDownload else {
      throw Problem.invalid("A download covers at most 24 hours.")
    }
    guard jobs.count(where: { $0.person == user.name && !$0.phase.isOver }) < Self.perPerson else {
      throw Problem.tooManyRequests("You have \(Self.perPerson) downloads under way.", retryAfter: 60)
    }
    let recorded = try await recorded(channel, range)
    await makeRoom()
    let id = LookBook.token()
    let path = "\(folder)/\(id)"
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Problem.unavailable("The folder for downloads cannot be made.", fix: "See the log.")
    }
    guard hasRoom else {
      try? FileManager.default.removeItem(atPath: path)
      throw Problem.unavailable(
        "There is no room for downloads.", fix: "Fetch and delete finished downloads, or free the disk.")
    }
    let job = DownloadJob(
      id: id, channel: channel, range: range, recorded: recorded, speed: speed, user: user,
      directory: path,
      lines: lines, turns: turns, ladder: ladder(channel), digests: digests, logger: logger, onOver: onOver)
    jobs.append(job)
    job.start()
    return job
  }

  /// Ends a download, finished or not, and removes its file.
  func remove(_ job: DownloadJob) async {
    await job.cancel()
    jobs.removeAll { $0 === job }
    try? FileManager.default.removeItem(atPath: job.directory)
  }

  private var usedBytes: Int64 {
    jobs.reduce(0) {
      $0
        + $1.status.withLock { status in
          max(status.receivedBytes, status.segments.reduce(0) { $0 + $1.bytes })
        }
    }
  }

  private var hasRoom: Bool {
    guard usedBytes < Self.space else { return false }
    return figures.figures(of: folder).map { $0.free > Self.reserve } ?? false
  }

  private func makeRoom() async {
    while usedBytes >= Self.space, let oldest = jobs.first(where: { $0.phase.isOver }) {
      await remove(oldest)
    }
  }

  // MARK: Time and ends

  /// Call about once a second.
  func tick() async {
    for (key, replay) in replays {
      if replay.status.withLock({ $0.phase }) == .closed { replays[key] = nil } else { await replay.tick() }
    }
    let now = SystemClock.wall()
    for job in jobs {
      await job.tick()
      let ended = job.status.withLock { $0.ended }
      if let ended, now - ended > Self.keep { await remove(job) }
    }
    if jobs.contains(where: { $0.phase == .running }), !hasRoom { await stopLargest() }
  }

  private func stopLargest() async {
    await makeRoom()
    guard !hasRoom, let job = jobs.last(where: { $0.phase == .running }) else { return }
    logger.warning("a download was stopped: no room", metadata: ["channel.id": "\(job.channel)"])
    await remove(job)
  }

  /// Open replays, and downloads that wait or run, for the figures.
  var counts: (replays: Int, downloads: Int) {
    (
      replays.values.count { $0.status.withLock { $0.phase } != .closed },
      jobs.count { !$0.phase.isOver }
    )
  }

  nonisolated func media(_ event: MediaEvent) { lines.media(event) }

  /// A device came back: it may have other firmware and other recordings.
  func deviceReturned(_ device: DeviceID) async {
    traits.reset(device)
    await lists.forget(device)
  }

  /// Ends everything; called once, at the end of the program.
  func close() async {
    for replay in replays.values { replay.close() }
    for job in jobs { await job.cancel() }
  }
}
