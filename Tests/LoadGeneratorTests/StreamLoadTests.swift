import Foundation
import LoadGenerator
import Testing

@Suite("Load of streams and its floors")
struct StreamLoadTests {
  @Test("a clip is cut into its frames and groups")
  func clip() throws {
    let clip = try SampleClip.write()
    let facts = try clip.facts()
    #expect(facts.frames == 20)
    #expect(facts.groupOfPictures == 10)
    #expect(facts.programBytes > facts.elementaryBytes)
    #expect(facts.elementaryBytes == 2 * (80_000 + 15) + 18 * 4_000 + 20 * 6)
  }

  @Test("every frame that is sent arrives whole at the floor", arguments: [false, true])
  func sendAndDemultiplex(overTCP: Bool) throws {
    let clip = try SampleClip.write()
    var floor = Floor.ReceiveOptions(streams: 4, work: .demultiplex, seconds: 1.6)
    floor.overTCP = overTCP
    let receiver = RunningJob(.receiveFloor(floor))
    var options = LoadGenerator.Options(
      clip: clip, targets: (0..<4).map { .init(port: receiver.port, ssrc: 0x0BEB_C400 + $0) }, seconds: 0.9)
    options.overTCP = overTCP
    options.burst = 64
    let sent = try LoadGenerator.sendStreams(options)
    guard case .receiveFloor(let got) = try receiver.outcome() else { throw CancellationError() }
    #expect(sent.errors == 0)
    #expect(sent.frames > 40)
    #expect(got.packets == sent.packets)
    #expect(got.lost == 0)
    #expect(got.badFrames == 0)
    // The last frame of a stream may be cut off by the end of the sending.
    #expect(got.frames <= sent.frames && got.frames >= sent.frames - 4)
    #expect(got.keyFrames >= 4)
  }

  @Test("the sending floor sends the same packets, cut by the kernel")
  func sendingFloor() throws {
    let clip = try SampleClip.write()
    let receiver = RunningJob(
      .receiveFloor(Floor.ReceiveOptions(streams: 4, work: .demultiplex, seconds: 3)))
    let options = Floor.sending(
      LoadGenerator.Options(
        clip: clip, targets: (0..<4).map { .init(port: receiver.port, ssrc: 0x0BEB_C400 + $0) }, seconds: 0.9)
    )
    let sent = try LoadGenerator.sendStreams(options)
    guard case .receiveFloor(let got) = try receiver.outcome() else { throw CancellationError() }
    #expect(sent.errors == 0 && sent.frames > 40)
    #expect(got.packets == sent.packets)
    #expect(got.lost == 0 && got.badFrames == 0)
    #expect(got.frames <= sent.frames && got.frames >= sent.frames - 4)
  }

  @Test("the writing floor writes what it demultiplexed")
  func writes() throws {
    let clip = try SampleClip.write()
    let directory = NSTemporaryDirectory() + "load-floor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var floor = Floor.ReceiveOptions(streams: 1, work: .write, seconds: 2.2)
    floor.directory = directory
    let receiver = RunningJob(.receiveFloor(floor))
    var options = LoadGenerator.Options(
      clip: clip, targets: [.init(port: receiver.port, ssrc: 1)], seconds: 1.6)
    options.frameRate = 100
    options.burst = 64
    _ = try LoadGenerator.sendStreams(options)
    guard case .receiveFloor(let got) = try receiver.outcome() else { throw CancellationError() }
    #expect(got.written >= 1 << 20)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 1)
  }

  @Test("viewers of the fan-out floor get every byte of the stream")
  func fanOut() throws {
    let clip = try SampleClip.write()
    var floor = Floor.FanOutOptions(clip: clip, viewers: 8, seconds: 1)
    floor.merge = 5
    let server = RunningJob(.fanOutFloor(floor))
    var options = StreamReaders.Options(port: server.port, paths: ["/a", "/b"], viewers: 8, seconds: 2)
    options.parsed = 0
    options.warmUp = 0
    let read = try StreamReaders.run(options)
    guard case .fanOutFloor(let sent) = try server.outcome() else { throw CancellationError() }
    #expect(read.answered == 8)
    #expect(read.streaming == 8)
    #expect(read.firstByte.median > 0)
    #expect(sent.viewersLeft == 8)
    #expect(sent.bytes > 0)
    // The response heads are counted by the readers, not by the floor.
    #expect(read.bytes >= sent.bytes)
    #expect(sent.microsecondsPerMegabit > 0)
  }

  @Test("jobs and outcomes survive the way to a child process and back")
  func coding() throws {
    let job = LoadJob.readers(StreamReaders.Options(port: 1, paths: ["/x"], viewers: 3, seconds: 1))
    #expect(try JSONDecoder().decode(LoadJob.self, from: JSONEncoder().encode(job)) == job)
    let outcome = LoadOutcome.failed("why")
    #expect(try JSONDecoder().decode(LoadOutcome.self, from: JSONEncoder().encode(outcome)) == outcome)
  }

  @Test("a missing clip and an absurd option are one clear sentence")
  func errors() throws {
    #expect(throws: LoadError.self) { try LoadClip(path: "/nonexistent").facts() }
    let error = #expect(throws: LoadError.self) {
      try LoadGenerator.sendStreams(.init(clip: try SampleClip.write(), targets: [], seconds: 1))
    }
    #expect(error?.description.isEmpty == false)
  }

  @Test("the use of a process can be read")
  func usage() throws {
    let usage = try #require(ProcessUsage(of: getpid()))
    #expect(usage.cpuSeconds > 0)
    #expect(usage.memory > 1 << 20)
    #expect(usage.threads >= 1)
    #expect(ProcessUsage(of: -1) == nil)
  }
}
