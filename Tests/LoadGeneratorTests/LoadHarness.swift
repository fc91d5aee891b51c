import Foundation
import LoadGenerator
import Synchronization

/// A job on a thread of this process, with the port it announced.
final class RunningJob: Sendable {
  private final class State: Sendable {
    let result = Mutex<Result<LoadOutcome, LoadError>?>(nil)
  }

  private let state = State()
  private let pipe = Pipe()
  /// 0 when the job has none.
  let port: UInt16

  init(_ job: LoadJob) {
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    Thread.detachNewThread { [state] in
      let result: Result<LoadOutcome, LoadError>
      do throws(LoadError) {
        result = .success(try job.run(ready: descriptor))
      } catch {
        result = .failure(error)
      }
      state.result.withLock { $0 = result }
    }
    let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    port = line.split(separator: " ").dropFirst().first.flatMap { UInt16($0.dropLast()) } ?? 0
  }

  /// Waits for the end of the job, thirty seconds at most.
  func outcome() throws -> LoadOutcome {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if let result = state.result.withLock({ $0 }) { return try result.get() }
      usleep(2_000)
    }
    throw CancellationError()
  }
}

/// A clip whose units have the right kinds and sizes but show nothing.
enum SampleClip {
  /// Writes twenty frames, a key frame every ten, into a new file.
  static func write() throws -> LoadClip {
    var bytes: [UInt8] = []
    for frame in 0..<20 {
      if frame % 10 == 0 {
        bytes += [0, 0, 0, 1, 0x67, 0x64, 0x00, 0x28, 0, 0, 0, 1, 0x68, 0xEE, 0x3C]
      }
      let size = frame % 10 == 0 ? 80_000 : 4_000
      bytes += [0, 0, 0, 1, frame % 10 == 0 ? 0x65 : 0x41, 0x9A]
      bytes += (0..<size).map { UInt8(2 + ($0 * 7 + frame) % 250) }
    }
    let path = NSTemporaryDirectory() + "load-clip-\(UUID().uuidString).h264"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return LoadClip(path: path, hasAudio: true)
  }
}
