import Foundation
import MPEGCore
import MediaTime
import Synchronization
import Testing
import WireBytes

@testable import Codec

@Suite("The worker process")
struct WorkerTests {
  @Test("every message survives the way there and back")
  func roundTrip() throws {
    let unit = try #require(SampleStream.h265.first)
    let format = TrackFormat(
      codec: .h265, parameterSets: [[1, 2], [3]], width: 1_920, height: 1_080, sampleRate: 8_000, channels: 1,
      audioConfig: [9])
    let messages: [WorkerMessage] = [
      .transcode(source: format, target: VideoTarget(maxHeight: 480, maxKilobits: 900, preset: "fast")),
      .unit(unit), .format(format), .picture(id: 7, format: format, unit: unit, maxWidth: 320),
      .pictureMade(id: 7, jpeg: [0xFF, 0xD8]), .pictureFailed(id: 8, reason: "why"), .failed("because"),
    ]
    for message in messages {
      let bytes = message.encoded()
      #expect(bytes.span.uint32(at: 0) == UInt32(bytes.count - 4))
      let body = Array(bytes.dropFirst(4))
      #expect(WorkerMessage(body)?.encoded() == bytes)
      for length in 0..<min(body.count, 200) { #expect(WorkerMessage(Array(body.prefix(length))) == nil) }
    }
  }

  @Test("any bytes are a message or nothing")
  func total() {
    var state: UInt64 = 42
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    for _ in 0..<20_000 {
      var bytes = (0..<Int(next() % 64)).map { _ in UInt8(truncatingIfNeeded: next()) }
      if !bytes.isEmpty { bytes[0] = UInt8(next() % 8) }
      _ = WorkerMessage(bytes)
    }
  }

  @Test("the worker transcodes, makes pictures and ends when its input ends")
  func serves() throws {
    var ends: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let workerEnd = ends[1]
    let ended = Mutex(false)
    let worker = Thread {
      TranscodeWorker.run(input: workerEnd, output: workerEnd, confined: false)
      close(workerEnd)
      ended.withLock { $0 = true }
    }
    worker.start()
    let channel = WorkerChannel(input: ends[0], output: ends[0])
    #expect(channel.write(.transcode(source: SampleStream.format(.h265), target: VideoTarget())))
    for unit in SampleStream.h265 { #expect(channel.write(.unit(unit))) }
    #expect(
      channel.write(
        .picture(id: 3, format: SampleStream.format(.h264), unit: SampleStream.h264[0], maxWidth: 0)))
    #expect(
      channel.write(
        .picture(id: 4, format: SampleStream.format(.h264), unit: SampleStream.h264[1], maxWidth: 0)))
    var kinds: [String] = []
    while kinds.count < 13, let message = channel.read() {
      switch message {
      case .format: kinds.append("format")
      case .unit: kinds.append("unit")
      case .pictureMade(let id, _): kinds.append("made \(id)")
      case .pictureFailed(let id, _): kinds.append("failed \(id)")
      case .transcode, .picture, .failed: kinds.append("unexpected")
      }
    }
    #expect(kinds == ["format"] + Array(repeating: "unit", count: 10) + ["made 3", "failed 4"])
    close(ends[0])
    #expect(eventually { ended.withLock { $0 } })
  }

  /// `cat` gives every message back as it came: a worker whose units come out untouched.
  @Test("units go into the process and its answers come back in order")
  func process() throws {
    let received = Mutex<[MediaTicks]>([])
    let worker = WorkerProcess(executable: "/bin/cat", arguments: []) { event in
      if case .unit(let unit) = event { received.withLock { $0.append(unit.pts) } }
    }
    try worker.start()
    for unit in SampleStream.h264 { #expect(worker.send(unit)) }
    #expect(eventually { received.withLock { $0.count } == SampleStream.h264.count })
    #expect(received.withLock { $0 } == SampleStream.h264.map(\.pts))
    worker.stop()
  }

  @Test("a process that keeps dying is started again three times and then given up")
  func restarts() throws {
    let events = Mutex<[String]>([])
    let worker = WorkerProcess(executable: "/bin/false", arguments: []) { event in
      switch event {
      case .restarted: events.withLock { $0.append("restarted") }
      case .failed: events.withLock { $0.append("failed") }
      case .format, .unit: events.withLock { $0.append("unexpected") }
      }
    }
    try worker.start()
    #expect(eventually { events.withLock { $0.last } == "failed" })
    #expect(events.withLock { $0 } == ["restarted", "restarted", "restarted", "failed"])
    #expect(!worker.send(SampleStream.h264[0]))
  }

  @Test("a picture that no worker will make is an error, not a wait")
  func pictureOfDeadWorker() async throws {
    let worker = WorkerProcess(executable: "/bin/false", arguments: []) { _ in }
    try worker.start()
    await #expect(throws: CodecError.self) {
      try await worker.requestPicture(of: SampleStream.h264[0], format: SampleStream.format(.h264))
    }
    worker.stop()
    await #expect(throws: CodecError.self) {
      try await worker.requestPicture(of: SampleStream.h264[0], format: SampleStream.format(.h264))
    }
  }

  @Test("a missing program is one clear sentence")
  func missingProgram() {
    let worker = WorkerProcess(executable: "/nonexistent/worker", arguments: []) { _ in }
    let error = #expect(throws: CodecError.self) { try worker.start() }
    #expect(error?.context.contains("/nonexistent/worker") == true)
  }

  @Test("a full queue drops whole groups and takes key frames again")
  func backPressure() {
    let queue = WorkerQueue(limit: 6_000)
    let units = SampleStream.h264
    var accepted: [Int] = []
    for round in 0..<6 {
      for (index, unit) in units.enumerated() where queue.append(unit) { accepted.append(round * 10 + index) }
    }
    #expect(accepted.first == 0)
    #expect(queue.dropped > 0)
    // After a drop the next accepted unit is a key frame.
    for (first, second) in zip(accepted, accepted.dropFirst()) where second != first + 1 {
      #expect(second % 5 == 0)
    }
  }

  /// Polls until `condition` holds; false after thirty seconds.
  private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if condition() { return true }
      usleep(2_000)
    }
    return condition()
  }
}
