import MPEGCore
import NIOCore
import WireBytes

/// The picture of a camera that moves: drawn and encoded for itself, while somebody watches.
///
/// Proof for @unchecked: everything mutable is touched on the media event loop only.
final class MovableScene: @unchecked Sendable {
  let feed: MediaFeed
  let view: SceneView
  private let scene: SceneKey
  private let zone: Duration
  private let entrance: LiveEntrance
  private var encoder: LiveSceneEncoder?
  private var watchers = 0

  init(_ scene: SceneKey, zone: Duration, loop: any EventLoop) {
    (self.scene, self.zone) = (scene, zone)
    feed = MediaFeed(live: .init(scene.settings))
    view = SceneView()
    entrance = LiveEntrance(feed: feed, loop: loop, hasAudio: scene.settings.hasAudio)
  }

  /// One more watches.
  func watch() {
    watchers += 1
    guard encoder == nil else { return }
    let encoder = LiveSceneEncoder(
      scene.settings, variant: scene.variant, zone: zone, view: view, output: entrance.take)
    self.encoder = encoder
    // FFmpeg was there when the fleet began; when it is gone, the call has no packets.
    try? encoder.start()
  }

  /// One less watches; the last one ends the work.
  func leave() {
    watchers -= 1
    if watchers == 0 { stop() }
  }

  func stop() {
    encoder?.stop()
    encoder = nil
    watchers = 0
    feed.removeAll()
  }
}

extension MediaFeed.Facts {
  /// What a generated scene is.
  init(_ settings: MediaSettings) {
    self.init(
      codec: settings.codec, width: settings.width & ~1, height: settings.height & ~1,
      frameRate: Double(settings.frameRate), hasAudio: settings.hasAudio)
  }
}

/// The way of a live encoder's pictures from its thread to the feed.
///
/// Proof for @unchecked: the feed is touched on its loop only.
final class LiveEntrance: @unchecked Sendable {
  private let feed: MediaFeed
  private let loop: any EventLoop
  private let hasAudio: Bool

  init(feed: MediaFeed, loop: any EventLoop, hasAudio: Bool) {
    (self.feed, self.loop, self.hasAudio) = (feed, loop, hasAudio)
  }

  @Sendable func take(_ number: Int, _ payload: SharedBytes, _ isKeyFrame: Bool) {
    loop.execute { [self] in
      feed.append(
        number: number, payload: payload, isKeyFrame: isKeyFrame, sound: hasAudio ? sound(number) : [])
    }
  }

  /// The pip of the loop falls on the second that the clock shows, because frame numbers count from 1970.
  private func sound(_ number: Int) -> [UInt8] {
    let rate = Double(G711.sampleRate)
    let minute = StreetSound.loop.count
    let first = Int(Double(number) * rate / feed.facts.frameRate)
    let end = Int(Double(number + 1) * rate / feed.facts.frameRate)
    return (first..<end).map { StreetSound.loop[$0 % minute] }
  }
}
