import ArgumentParser
import Foundation
import HTTPAPI
import LoadGenerator

struct StartBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract:
      "From the request to the first whole fragment with a picture: of a running stream and of a cold one.")

  @OptionGroup var options: BenchOptions
  @Option(help: "How often each is tried; the median counts. --rounds and --seconds mean nothing here.")
  var samples = 20

  func validate() throws {
    guard (1...200).contains(samples) else { throw ValidationError("--samples must be 1 to 200") }
  }

  func run() async throws {
    options.report("start of a picture, \(samples) times each, over WebSocket") {
      try BenchMachine.prepare()
      let folder = try options.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = try TargetProcess(
        .server(ServerTargetOptions(folder: folder, devices: 1)), core: BenchMachine.ours)
      defer { server.end() }
      let fleet = try TargetProcess(
        .fleet(FleetTargetOptions(sipPort: server.ready.sip, devices: 1, channels: samples + 1)),
        core: BenchMachine.load)
      defer { fleet.end() }
      let http = try BenchSession.signIn(server.ready)
      let channels = try channels(http)
      let cold = try channels.dropFirst().map { try time(http, $0) }
      note("a running stream, \(samples) times")
      let running = try whileWatched(http, channels[0]) {
        try (0..<samples).map { _ in try time(http, channels[0]) }
      }
      return [
        Figure("start-running", target: "P7", unit: "ms", values: running),
        Figure("start-cold", target: "P7", unit: "ms", values: cold),
      ]
    }
  }

  /// Waits until the device has registered and its catalog has arrived.
  private func channels(_ http: LocalHTTP) throws -> [String] {
    note("the simulated device prepares its pictures (the first time this takes a minute)")
    for _ in 0..<1_800 {
      let page = try http.request("GET", "/api/v1/channels?limit=500").json(API.Page<API.Channel>.self)
      let found = page.items.filter { $0.playable && $0.status == .online }.map(\.id)
      if found.count == samples + 1 {
        note("a cold stream, \(samples) times")
        return found.sorted()
      }
      wait(0.1)
    }
    throw LoadError("the simulated device's catalog did not arrive within three minutes")
  }

  /// Milliseconds from the request for a picture until its first fragment is here.
  private func time(_ http: LocalHTTP, _ channel: String) throws -> Double {
    // A pause, so that one start does not disturb the next.
    wait(0.2)
    let began = loadClock()
    let session = try open(http, channel)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    var job = StreamReaders.Options(
      port: UInt16(http.port), paths: [session.urls.websocket], viewers: 1, seconds: 20)
    job.overWebSocket = true
    job.untilFirstPicture = true
    if let token = http.token { job.headers = ["Authorization: Bearer \(token)"] }
    let result = try StreamReaders.run(job)
    guard result.firstFragmentAt > 0 else {
      throw LoadError("no picture came within 20 s (HTTP status \(result.badStatus))")
    }
    return Double(result.firstFragmentAt - began) / 1e6
  }

  private func open(_ http: LocalHTTP, _ channel: String) throws -> API.MediaSessionOpened {
    let answer = try http.request(
      "POST", "/api/v1/channels/\(channel)/live",
      json: API.LiveRequest(purpose: "bench", codecs: ["avc1", "mp4a", "hvc1"]))
    guard answer.status < 300 else { throw LoadError("the picture was refused: \(answer.text.prefix(200))") }
    return try answer.json(API.MediaSessionOpened.self)
  }

  /// Keeps a viewer on the channel meanwhile.
  private func whileWatched(_ http: LocalHTTP, _ channel: String, _ body: () throws -> [Double]) throws
    -> [Double]
  {
    let session = try open(http, channel)
    var job = StreamReaders.Options(
      port: UInt16(http.port), paths: [session.urls.websocket], viewers: 1, seconds: 600)
    job.overWebSocket = true
    if let token = http.token { job.headers = ["Authorization: Bearer \(token)"] }
    let viewer = try BenchMachine.start(.readers(job), core: BenchMachine.load)
    defer { viewer.discard() }
    _ = try viewer.waitUntilReady()
    wait(4)
    return try body()
  }
}
