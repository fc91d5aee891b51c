import MPEGCore
import MediaTime
import NIOCore
import WireBytes

/// All feeds and streams of a fleet, on one event loop with one timer.
///
/// Proof for @unchecked: every member but ``loop`` is touched on ``loop`` only; the methods check it.
final class MediaEngine: @unchecked Sendable {
  /// Time between two looks at all streams.
  private static let step = TimeAmount.milliseconds(5)
  /// Packets per stream and step on the average of all: 600 per second smooth the key frames of a fleet.
  private static let packetsPerStream = 3
  /// Packets per step that even a single stream may send.
  private static let minimumBudget = 96

  struct StreamID: Hashable, Sendable { let value: Int }

  struct Counts: Sendable {
    var streams = 0
    var packets = 0
    var bytes = 0
  }

  let loop: any EventLoop
  private let indices: [SceneKey: Int]
  private let starts: [MediaSettings.Start]
  private let feeds: [MediaFeed]
  private let encoders: [LiveSceneEncoder]
  /// Pictures that a camera has for itself, by feed.
  private let movable: [Int: MovableScene]
  private var streams: [(id: StreamID, feed: Int, stream: MediaStream)] = []
  private var nextID = 0
  private var turn = 0
  private var timer: RepeatedTask?
  private var finished = Counts()

  /// What each feed shows, by index.
  let facts: [MediaFeed.Facts]

  /// Prepares every picture; may take seconds when clips have to be made. Call off the event loop.
  init(_ scenes: [SceneKey], zone: Duration, loop: any EventLoop) throws(SimulatorError) {
    self.loop = loop
    indices = Dictionary(zip(scenes, scenes.indices), uniquingKeysWith: { first, _ in first })
    var feeds: [MediaFeed] = []
    var encoders: [LiveSceneEncoder] = []
    var movable: [Int: MovableScene] = [:]
    for scene in scenes {
      let settings = scene.settings
      switch settings.source {
      case .streetLoop where scene.owner != nil, .liveStreet where scene.owner != nil:
        movable[feeds.count] = MovableScene(scene, zone: zone, loop: loop)
        feeds.append(movable[feeds.count]?.feed ?? MediaFeed(live: .init(settings)))
      case .streetLoop:
        feeds.append(MediaFeed(clip: try ClipLibrary.street(settings, variant: scene.variant)))
      case .file(let path):
        feeds.append(MediaFeed(clip: try ClipLibrary.file(path, settings)))
      case .liveStreet:
        let feed = MediaFeed(live: .init(settings))
        feeds.append(feed)
        let entrance = LiveEntrance(feed: feed, loop: loop, hasAudio: settings.hasAudio)
        encoders.append(
          LiveSceneEncoder(settings, variant: scene.variant, zone: zone, output: entrance.take))
      }
    }
    (self.feeds, self.encoders, self.movable) = (feeds, encoders, movable)
    facts = feeds.map(\.facts)
    starts = scenes.map(\.settings.start)
  }

  /// The feed that shows a scene, which is one of those that were prepared.
  func feed(_ scene: SceneKey) -> Int { indices[scene] ?? 0 }

  /// What to tell where a camera looks; nil when its picture does not move.
  func view(of scene: SceneKey) -> SceneView? { indices[scene].flatMap { movable[$0]?.view } }

  /// Starts the encoders of live scenes.
  func start() throws(SimulatorError) {
    for encoder in encoders { try encoder.start() }
  }

  /// Ends the encoders and every stream.
  func stop() {
    for encoder in encoders { encoder.stop() }
    loop.execute { [self] in
      for entry in streams { finished.add(entry.stream) }
      for scene in movable.values { scene.stop() }
      streams = []
      timer?.cancel()
      timer = nil
    }
  }

  /// Begins a stream. On ``loop``.
  func open(_ plan: MediaLeg.Plan, output: MediaOutput) -> StreamID {
    loop.preconditionInEventLoop()
    let feed = feeds[plan.feed]
    feed.advance(to: LiveSceneEncoder.now())
    let stream = MediaStream(feed: feed, output: output, start: starts[plan.feed], plan: plan)
    nextID += 1
    streams.append((StreamID(value: nextID), plan.feed, stream))
    movable[plan.feed]?.watch()
    if timer == nil {
      timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.step) { [self] _ in tick() }
    }
    return StreamID(value: nextID)
  }

  /// Ends a stream; unknown ones are ignored. On ``loop``.
  func close(_ id: StreamID) {
    loop.preconditionInEventLoop()
    guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
    finished.add(streams[index].stream)
    movable[streams[index].feed]?.leave()
    streams.remove(at: index)
    if streams.isEmpty {
      timer?.cancel()
      timer = nil
    }
  }

  /// On ``loop``.
  func counts() -> Counts {
    loop.preconditionInEventLoop()
    var counts = finished
    for entry in streams { counts.add(entry.stream) }
    counts.streams = streams.count
    return counts
  }

  private func tick() {
    let now = LiveSceneEncoder.now()
    for feed in feeds { feed.advance(to: now) }
    var budget = max(Self.minimumBudget, streams.count * Self.packetsPerStream)
    // Each step another stream is first, so that none is always last when the budget runs out.
    turn = (turn &+ 1) % max(streams.count, 1)
    for offset in streams.indices where budget > 0 {
      budget -= streams[(turn + offset) % streams.count].stream.advance(
        limit: min(budget, Self.minimumBudget / 2))
    }
  }
}

extension MediaEngine.Counts {
  fileprivate mutating func add(_ stream: MediaStream) {
    packets += stream.packetsSent
    bytes += stream.bytesSent
  }
}
