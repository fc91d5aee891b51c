import Foundation
import MPEGCore
import MediaTime
import Synchronization
import WireBytes

/// Draws a street in real time and has `ffmpeg` encode it. Two threads: one draws, one reads what comes out.
final class LiveSceneEncoder: Sendable {
  /// A coded picture: its number, its NAL units and whether it is a key frame. Called on the reading thread.
  typealias Output = @Sendable (Int, SharedBytes, Bool) -> Void

  private let settings: MediaSettings
  private let variant: Int
  private let zone: Duration
  private let view: SceneView?
  private let output: Output
  private let isStopped = Atomic(false)
  /// Numbers of the pictures that are inside the encoder, in order.
  private let inside = Mutex<[Int]>([])

  /// - Parameter view: where the camera looks; nil sees everything.
  init(
    _ settings: MediaSettings, variant: Int, zone: Duration, view: SceneView? = nil, output: @escaping Output
  ) {
    (self.settings, self.variant, self.zone) = (settings, variant, zone)
    (self.view, self.output) = (view, output)
  }

  /// Starts both threads. They end with ``stop()``; an encoder that ends by itself is started again.
  func start() throws(SimulatorError) {
    let tool = try ToolProcess("ffmpeg", EncoderArguments.live(settings), takesInput: true)
    inside.withLock { $0 = [] }
    Thread.detachNewThread { [self] in draw(into: tool) }
    Thread.detachNewThread { [self] in
      read(from: tool)
      guard !isStopped.load(ordering: .relaxed) else { return }
      Thread.sleep(forTimeInterval: 1)
      try? start()
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private func draw(into tool: ToolProcess) {
    var scene = StreetScene(
      variant: variant, width: settings.width, height: settings.height, frameRate: settings.frameRate)
    var number = present() + 1
    while !isStopped.load(ordering: .relaxed) {
      // A machine that is too slow shows fewer pictures, not old ones.
      number = max(number, present() - settings.frameRate / 2)
      let due = WallTime(nanoseconds: Int64(Double(number) / Double(settings.frameRate) * 1e9))
      let wait = (due - Self.now()).inSeconds
      if wait > 0 { Thread.sleep(forTimeInterval: wait) }
      let frame = scene.frame(
        number, clock: StreetScene.clockText(due, zone: zone), window: view?.window)
      inside.withLock { $0.append(number) }
      guard tool.write(frame) else { break }
      number += 1
    }
    tool.closeInput()
  }

  private func present() -> Int { MediaFeed.number(at: Self.now(), frameRate: Double(settings.frameRate)) }

  /// Pictures come out in the order in which they went in, and none is left out.
  private func read(from tool: ToolProcess) {
    var splitter = PictureSplitter(codec: settings.codec)
    while true {
      let bytes = tool.read()
      guard !bytes.isEmpty else { break }
      for picture in splitter.feed(bytes) {
        let number = inside.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        // What comes after the end has nowhere to go.
        guard let number, !isStopped.load(ordering: .relaxed) else { continue }
        output(number, picture.payload, picture.isKeyFrame)
      }
    }
    tool.reap(killing: true)
  }

  static func now() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
