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
  private let output: Output
  private let isStopped = Atomic(false)

  init(_ settings: MediaSettings, variant: Int, zone: Duration, output: @escaping Output) {
    (self.settings, self.variant, self.zone, self.output) = (settings, variant, zone, output)
  }

  /// Starts both threads. They end with ``stop()``.
  func start() throws(SimulatorError) {
    let tool = try ToolProcess("ffmpeg", EncoderArguments.live(settings), takesInput: true)
    let first = MediaFeed.number(at: Self.now(), frameRate: Double(settings.frameRate)) + 1
    Thread.detachNewThread { [self] in draw(from: first, into: tool) }
    Thread.detachNewThread { [self] in read(from: tool, first: first) }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private func draw(from first: Int, into tool: ToolProcess) {
    var scene = StreetScene(
      variant: variant, width: settings.width, height: settings.height, frameRate: settings.frameRate)
    var number = first
    while !isStopped.load(ordering: .relaxed) {
      let due = WallTime(nanoseconds: Int64(Double(number) / Double(settings.frameRate) * 1e9))
      let wait = (due - Self.now()).inSeconds
      if wait > 0 { Thread.sleep(forTimeInterval: wait) }
      // Every number is drawn, late ones at once: pictures and numbers must stay in step.
      let clock = StreetScene.clockText(due, zone: zone)
      guard tool.write(scene.frame(number, clock: clock)) else { break }
      number += 1
    }
    tool.closeInput()
  }

  /// Pictures come out in the order in which they went in, none is left out: the count gives the number.
  private func read(from tool: ToolProcess, first: Int) {
    var splitter = PictureSplitter(codec: settings.codec)
    var number = first
    while true {
      let bytes = tool.read()
      guard !bytes.isEmpty else { break }
      for picture in splitter.feed(bytes) {
        output(number, picture.payload, picture.isKeyFrame)
        number += 1
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
